"""Lists as CSV and NDJSON: the same records on the same pages, in a shape that can be imported again."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from httpx import AsyncClient, Response

from app.ledger.tabular import columns_of, flat, read_cells
from app.ledger.validating import record_of
from app.shared.csv_cells import original
from app.shared.database import Database
from app.shared.json import loads
from app.transfer.resources import BY_TYPE, IN_ORDER
from tests.factories import company, put
from tests.ledger.asking import get, refusal, walk


async def pages(client: AsyncClient, url: str) -> list[Response]:
    """All pages of a list in any shape, as their Link headers lead from one to the next."""
    found: list[Response] = []
    following: str | None = url
    while following:
        reply = await client.get(following)
        assert reply.status_code == 200, reply.text
        found.append(reply)
        following = reply.links.get("next", {}).get("url")
    return found


def rows(reply: Response) -> list[list[str]]:
    """The rows of a reply in CSV."""
    return list(csv.reader(StringIO(reply.text, newline="")))


def stated(record: dict[str, Any]) -> dict[str, Any]:
    """What a record says beyond what the store added."""
    return {name: value for name, value in record.items() if name not in ("version", "recorded_at")}


async def test_every_record_of_a_csv_reads_back_as_what_the_list_shows(many: AsyncClient) -> None:
    for resource in IN_ORDER:
        listed = loads((await many.get(f"/v1/{resource.type}?limit=1000")).text)["data"]
        replies = await pages(many, f"/v1/{resource.type}?limit=6&format=csv")
        assert len(replies) > 1
        read = []
        for reply in replies:
            header, *lines = rows(reply)
            assert header == columns_of(resource)
            records = [read_cells(resource, header, [original(cell) for cell in line])[0] for line in lines]
            read += [loads(resource.document(record_of(resource, one), 1, "")) for one in records]
        assert [stated(record) for record in read] == [stated(record) for record in listed], resource.type


async def test_every_line_of_ndjson_is_a_record_with_its_type(many: AsyncClient) -> None:
    for resource in IN_ORDER:
        listed = await walk(many, f"/v1/{resource.type}?limit=1000")
        replies = await pages(many, f"/v1/{resource.type}?limit=6&format=ndjson")
        assert all(reply.text.endswith("}\n") for reply in replies)
        lines = [json.loads(line) for reply in replies for line in reply.text.splitlines()]
        assert lines == [{"type": resource.type, **record} for record in listed]


async def test_accept_chooses_the_shape_and_format_wins_over_it(many: AsyncClient) -> None:
    chosen = {
        "": "application/json",
        "*/*": "application/json",
        "text/csv": "text/csv; charset=utf-8",
        "application/x-ndjson, application/json;q=0.9": "application/x-ndjson",
        "text/html, application/xhtml+xml, */*;q=0.8": "application/json",
    }
    for accept, kind in chosen.items():
        reply = await many.get("/v1/companies?limit=1", headers={"Accept": accept} if accept else {})
        assert reply.headers["Content-Type"] == kind, accept
        assert reply.headers["Vary"] == "Accept"
    reply = await many.get("/v1/companies?format=json", headers={"Accept": "text/csv"})
    assert reply.headers["Content-Type"] == "application/json"
    refused = await many.get("/v1/companies", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json()["errors"][0]["suggestion"]) == (406, "application/json")
    assert await refusal(many, "/v1/companies?format=cvs") == {
        "parameter": "format", "detail": "unknown format 'cvs'; one of csv, json, ndjson", "suggestion": "csv",
    }  # fmt: skip


async def test_shapes_of_one_question_have_different_etags(many: AsyncClient) -> None:
    shapes = ["json", "csv", "ndjson"]
    replies = [await many.get(f"/v1/companies?limit=1&format={shape}") for shape in shapes]
    accepted = await many.get("/v1/companies?limit=1", headers={"Accept": "text/csv"})
    plain = await many.get("/v1/companies?limit=1")
    assert len({reply.headers["ETag"] for reply in (*replies, accepted, plain)}) == 5
    again = await many.get("/v1/companies?limit=1&format=csv", headers={"If-None-Match": replies[1].headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_fields_choose_the_columns_in_their_order(many: AsyncClient) -> None:
    url = "/v1/contracts?limit=1&format=csv&count=true&fields="
    reply = await many.get(f"{url}value.unit,value.text,parties.company,title")
    assert rows(reply) == [
        ["slug", "value.unit", "value.text", "parties", "title"],
        ["contract-00", "USD", "more than USD 5 million", '[{"company":"alpha"}]', "b"],
    ]
    assert reply.headers["X-Total-Count"] == "11"
    (header, _) = rows(await many.get(f"{url}value,slug"))
    assert header == [*(name for name in columns_of(BY_TYPE["contracts"]) if name.startswith("value.")), "slug"]
    (_, line) = rows(await many.get(f"{url}amends.title&expand=amends&slug=contract-01"))
    assert line == ["contract-01", '{"title":"b"}']


@pytest.mark.parametrize("shape", ["csv", "ndjson"])
async def test_no_records_are_an_empty_file(many: AsyncClient, shape: str) -> None:
    reply = await many.get(f"/v1/companies?name=Nobody&format={shape}")
    assert reply.text == ("" if shape == "ndjson" else ",".join(columns_of(BY_TYPE["companies"])) + "\r\n")


async def test_a_spreadsheet_runs_nothing_that_a_record_says(store: Database, client: AsyncClient) -> None:
    names = ["=HYPERLINK(1)", "+1", "-1+1", "@x", "'=1", "'t Hooft", "plain"]
    await put(store, companies=[company(f"c-{place}", name=name) for place, name in enumerate(names)])
    header, *lines = rows(await client.get("/v1/companies?format=csv&fields=name"))
    cells = [cell for _, cell in lines]
    assert header == ["slug", "name"]
    assert cells == ["'=HYPERLINK(1)", "'+1", "'-1+1", "'@x", "''=1", "'t Hooft", "plain"]
    assert [original(cell) for cell in cells] == names
    assert flat(["name"], (await get(client, "/v1/companies/c-0"))) == ["=HYPERLINK(1)"]
