"""What was exported imports into an empty store, and is exported from there byte for byte."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from httpx import AsyncClient

from app.shared.csv_cells import original
from app.shared.database import Database
from app.shared.json import loads_own
from app.transfer.export import Export, Shown, chunks, line_of
from app.transfer.resources import IN_ORDER
from app.transfer.seed import seed
from tests.conftest import empty_store, serving
from tests.factories import company, contract, one_of_each, put
from tests.ledger.keyed import bearer
from tests.transfer.moving import digest, done, exported, put_drawn, revision

CSV = "text/csv"


async def test_the_seed_and_random_records_come_back_byte_for_byte(
    store: Database, store_url: str, client: AsyncClient, templates: Path, postgresql_server: str
) -> None:
    await seed(store)
    await put_drawn(store, 12)
    first = await exported(client)
    types = [json.loads(line)["type"] for line in first.splitlines()]
    assert list(dict.fromkeys(types)) == [resource.type for resource in IN_ORDER]
    kind = "sqlite" if store_url.startswith("sqlite") else "postgresql"
    async with empty_store(kind, templates, postgresql_server) as url, serving(url) as other:
        database = other._transport.app.state.database  # type: ignore[attr-defined]  # noqa: SLF001 - its only way in
        other.headers.update(await bearer(database))
        report = await done(other, first)
        assert (report["created"], report["read"]) == (len(types), len(types))
        assert await exported(other) == first
        assert (await done(other, first))["unchanged"] == len(types)
        assert await revision(database) == 1
        # Each resource as CSV says the same again.
        for resource in IN_ORDER:
            rows = await exported(other, f"?format=csv&resource={resource.type}")
            assert (await done(other, rows, f"?resource={resource.type}", CSV))["changed"] == 0
        assert await revision(database) == 1
        await digest(database)


async def test_a_line_is_the_document_without_what_the_store_added(store: Database) -> None:
    await put_drawn(store, 12)
    seen = 0
    async for resource, some in chunks(store, Export(await revision(store), IN_ORDER)):
        for shown in some:
            document = loads_own(shown.document)
            for added in ("version", "recorded_at", "disputed"):
                del document[added]
            assert loads_own(line_of(resource, shown)) == {"type": resource.type, **document}
            seen += 1
    assert seen > 70


def test_a_document_of_before_there_were_claims_is_taken_as_it_is() -> None:
    document = '{"slug":"a","version":1,"recorded_at":"2025-01-01T00:00:00Z","title":"A"}'
    assert line_of(IN_ORDER[0], Shown("a", document)) == '{"type":"sources","slug":"a","title":"A"}\n'


async def test_a_cell_that_looks_like_a_formula_is_neutral_and_comes_back(store: Database, writer: AsyncClient) -> None:
    names = ["=1+1", "@sum", "'=x", "-2.5", "-x", 'plain, with "quotes"\nand lines']
    await put(store, companies=[company(f"c-{place}", name=name) for place, name in enumerate(names)])
    rows = (await exported(writer, "?format=csv&resource=companies")).decode()
    cells = [row["name"] for row in csv.DictReader(io.StringIO(rows, newline=""))]
    assert cells[:5] == ["'=1+1", "'@sum", "''=x", "-2.5", "'-x"]
    assert [original(cell) for cell in cells] == names
    assert (await done(writer, rows, "?resource=companies", CSV))["unchanged"] == len(names)


async def test_an_export_of_the_past_is_what_it_was_then(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    before = await exported(client)
    shown = (await client.get("/v1/companies/openai")).json()
    await put(store, companies=[company("openai", name="Another"), company("new")])
    after = await exported(client)
    assert before != after
    assert await exported(client, f"?known_at={shown['recorded_at']}") == before
    assert await exported(client, "?revision=1") == before
    assert await exported(client, "?revision=0") == b""
    assert await exported(client, "?known_at=2001-01-01T00:00:00Z") == b""


async def test_an_export_goes_on_after_any_of_its_lines_at_its_revision(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    reply = await client.get("/v1/export")
    whole = reply.content.splitlines(keepends=True)
    assert reply.headers["Dealgraph-Revision"] == "1"
    await put(store, companies=[company("zeta")])
    for place, line in enumerate(whole):
        last: dict[str, Any] = json.loads(line)
        rest = await exported(client, f"?revision=1&after={last['type']}/{last['slug']}")
        assert rest == b"".join(whole[place + 1 :])


async def test_a_writer_in_between_does_not_show_in_an_export_that_is_under_way(store: Database) -> None:
    for numbers in (range(600), range(600, 1_001)):
        await put(store, companies=[company(f"c-{number:04}") for number in numbers])
    found = chunks(store, Export(2, IN_ORDER))
    _, first = await anext(found)
    changed = {"companies": [company("c-1000", name="Later"), company("d")]}
    assert len(first) == 1_000
    await put(store, **changed)
    _, second = await anext(found)
    assert [(one.slug, loads_own(one.document)["name"]) for one in second] == [("c-1000", "C 1000")]
    assert [chunk async for chunk in found] == []


async def test_filters_narrow_an_export_as_they_narrow_the_list(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    more = [contract(slug=f"deal-{number}", kind=kind) for number, kind in enumerate(["energy", "compute", "energy"])]
    await put(store, contracts=more)
    for query in ("kind=energy", "kind=energy&kind=compute", "company=openai", "slug=deal-1", "kind=hardware"):
        listed = [one["slug"] for one in (await client.get(f"/v1/contracts?{query}")).json()["data"]]
        got = await exported(client, f"?resource=contracts&{query}")
        assert [json.loads(line)["slug"] for line in got.splitlines()] == listed, query
    rest = await exported(client, "?resource=contracts&kind=energy&after=contracts/deal-0&revision=2")
    assert [json.loads(line)["slug"] for line in rest.splitlines()] == ["deal-2"]


NONSENSE = (
    ("kind=compute", "kind", None),
    ("term_months__gte=12", "term_months__gte", "resource=contracts"),
    ("resource=contracts&knd=compute", "knd", None),
    ("resource=contracts&limit=5", "limit", None),
    ("resource=contract", "resource", "contracts"),
    ("format=ndjsn", "format", "ndjson"),
    ("format=csv", "resource", None),
    ("format=parquet", "resource", None),
    ("revision=9", "revision", "1"),
    ("revision=-1", "revision", None),
    ("revision=1&known_at=2025-01-01T00:00:00Z", "revision", None),
    ("resource=contracts&kind=compute&known_at=2025-01-01T00:00:00Z", "known_at", None),
    ("resource=contracts&kind=compute&revision=0", "revision", None),
    ("after=openai", "after", None),
    ("after=company/openai", "after", "companies"),
    ("resource=contracts&after=companies/openai", "after", None),
    ("known_at=yesterday", "known_at", None),
    ("format=csv&format=ndjson", "format", None),
)


async def test_a_parameter_that_makes_no_sense_is_named(reader: AsyncClient) -> None:
    for query, parameter, suggestion in NONSENSE:
        reply = await reader.get(f"/v1/export?{query}")
        assert reply.status_code == 400, reply.text
        (flaw,) = reply.json()["errors"]
        assert flaw["parameter"] == parameter, query
        assert suggestion is None or flaw["suggestion"] == suggestion, query


async def test_a_filter_without_a_resource_is_told_which_it_may_narrow(reader: AsyncClient) -> None:
    (flaw,) = (await reader.get("/v1/export?value__gte=1")).json()["errors"]
    assert flaw["detail"] == "value__gte narrows an export of one resource: add resource=, one of contracts, metrics"


async def test_whoever_has_the_newest_export_is_told_so(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company()])
    tag = (await client.get("/v1/export")).headers["ETag"]
    assert (await client.get("/v1/export", headers={"If-None-Match": tag})).status_code == 304
    await put(store, companies=[company("b")])
    assert (await client.get("/v1/export", headers={"If-None-Match": tag})).status_code == 200
