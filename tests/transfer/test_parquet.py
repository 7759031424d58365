"""Parquet: one resource with the types of its fields, and a clear answer where pyarrow is not installed."""

import io
from decimal import Decimal

import pyarrow as pa
import pytest
from httpx import AsyncClient
from pyarrow import parquet

from app.shared.database import Database
from app.shared.json import loads_own
from app.transfer import parquet as ours
from app.transfer.resources import IN_ORDER
from tests.factories import contract, one_of_each, put
from tests.transfer.moving import exported, put_drawn


async def test_every_resource_reads_back_as_its_lines_say(store: Database, client: AsyncClient) -> None:
    await put_drawn(store, 8)
    for resource in IN_ORDER:
        table = parquet.read_table(io.BytesIO(await exported(client, f"?format=parquet&resource={resource.type}")))
        rows = table.to_pylist()
        lines = (await exported(client, f"?resource={resource.type}")).splitlines()
        assert table.schema == ours.schema_of(resource)
        assert len(rows) == len(lines) > 0
        for row, line in zip(rows, lines, strict=True):
            record = loads_own(line.decode())
            kept = {name: value for name, value in row.items() if not isinstance(value, list | dict | str)}
            assert {name: record[name] for name in kept} == kept
            assert row["slug"] == record["slug"]
            assert [one["source"] for one in row["citations"]] == [one["source"] for one in record["citations"]]


async def test_numbers_dates_and_lists_have_their_types(store: Database, client: AsyncClient) -> None:
    value = {"qualifier": "exact", "amount": Decimal("11900000000.125"), "unit": "USD"}
    deal = contract(value=value, term_months=60, exclusive=True, products=["H100"], announced_on="2025-03")
    await put(store, **one_of_each() | {"contracts": [deal]})
    got = await exported(client, "?format=parquet&resource=contracts&kind=compute")
    table = parquet.read_table(io.BytesIO(got))
    (row,) = table.to_pylist()
    assert (row["value"]["amount"], row["term_months"], row["exclusive"]) == (value["amount"], 60, True)
    assert (row["products"], row["announced_on"], row["parties"][0]["role"]) == (["H100"], "2025-03", "customer")
    assert table.schema.field("value").type.field("amount").type == pa.decimal128(19, 3)


async def test_where_pyarrow_is_not_installed_the_answer_says_what_to_install(
    reader: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "find_spec", lambda _name: None)
    reply = await reader.get("/v1/export?format=parquet&resource=contracts")
    assert (reply.status_code, reply.json()["title"]) == (501, "Not implemented")
    assert "pip install 'dealgraph[parquet]'" in reply.json()["detail"]
