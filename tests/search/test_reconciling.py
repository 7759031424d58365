"""The reconciliation protocol as OpenRefine speaks it: manifest, queries, suggest, preview."""

from html.parser import HTMLParser
from typing import Any, get_args
from urllib.parse import urlencode

import pytest
from httpx import AsyncClient
from jsonschema import Draft202012Validator

from app.models.companies import Scheme
from app.search.reconciling import PropertyId
from app.shared.database import Database
from app.shared.json import dumps
from tests.conftest import serving
from tests.ledger.asking import get
from tests.search import protocol
from tests.search.world import HOSTILE

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BATCH: dict[str, dict[str, Any]] = {
    "same": {"query": "Core Weave"},
    "slip": {"query": "Coreweve", "type": "companies", "limit": 1},
    "none": {"query": "Zebra", "type": ["companies"], "type_strict": "should"},
    "other type": {"query": "CoreWeave", "type": "people"},
    "by identifier": {
        "query": "Some graphics firm",
        "properties": [{"pid": "cik", "v": 1045810}, {"pid": "country", "v": {"id": "US", "name": "USA"}}],
    },
    "no name": {"properties": [{"pid": "ticker", "v": ["NVDA", "NVD"]}]},
}


def meets(schema: protocol.Schema, content: object) -> None:
    """Fail where content is not as a schema has it."""
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(content)


def first(results: dict[str, Any], name: str) -> tuple[str, bool] | None:
    """The first candidate of a query, and whether it is certain."""
    found = results[name]["result"]
    return (found[0]["id"], found[0]["match"]) if found else None


async def test_the_manifest_says_what_there_is_and_where(searching: AsyncClient) -> None:
    manifest = await get(searching, "/reconcile")
    meets(protocol.MANIFEST, manifest)
    for template in (manifest["view"]["url"], manifest["preview"]["url"]):
        assert (await searching.get(template.replace("{{id}}", "coreweave"))).status_code == 200
    entity = manifest["suggest"]["entity"]
    suggested = await get(searching, f"{entity['service_url']}{entity['service_path']}", prefix="corew")
    meets(protocol.SUGGESTIONS, suggested)
    assert [one["id"] for one in suggested["result"]] == ["coreweave"]
    assert (await searching.get(manifest["documentation"])).status_code == 200


async def test_a_batch_is_answered_alike_by_get_and_by_post(searching: AsyncClient) -> None:
    meets(protocol.QUERY_BATCH, BATCH)
    asked = {"queries": dumps(BATCH)}
    results = await get(searching, "/reconcile", **asked)
    posted = await searching.post("/reconcile", content=urlencode(asked), headers=FORM)
    assert posted.json() == results
    meets(protocol.RESULT_BATCH, results)
    assert {name: first(results, name) for name in BATCH} == {
        "same": ("coreweave", True),
        "slip": ("coreweave", False),
        "none": None,
        "other type": None,
        "by identifier": ("nvidia", True),
        "no name": ("nvidia", True),
    }
    assert await get(searching, "/reconcile", queries="{}") == {}


REFUSED = {
    "queries=": (400, "queries"),
    "queries={": (400, "queries"),
    "queries=[]": (422, ""),
    'queries={"q":{"query":1}}': (422, "/q/query"),
    'queries={"q":{"qery":"x"}}': (422, "/q/qery"),
    'queries={"q":{}}': (422, "/q"),
    'queries={"q":{"query":"x","properties":[{"pid":"cick","v":"1"}]}}': (422, "/q/properties/0/pid"),
    "query=x": (400, "query"),
    "queries={}&callback=x": (400, "callback"),
}


@pytest.mark.parametrize("asked", REFUSED)
async def test_what_is_no_batch_is_refused_with_its_place(searching: AsyncClient, asked: str) -> None:
    status, place = REFUSED[asked]
    reply = await searching.get(f"/reconcile?{asked}")
    assert reply.status_code == status, reply.text
    assert place in {one.get("parameter", one.get("pointer")) for one in reply.json()["errors"]}


def test_an_identifier_of_any_scheme_can_be_asked_for() -> None:
    assert set(get_args(PropertyId)) == {"country", "kind", *get_args(Scheme)}


async def test_a_body_that_is_no_form_of_one_batch_is_refused(searching: AsyncClient) -> None:
    for body, headers, status in (
        ("queries={}&queries={}", FORM, 400),
        ("q={}", FORM, 400),
        ("", FORM, 400),
        ("queries=%ff%00", FORM, 400),
        (b"\xff\xfe", FORM, 400),
        ("{}", {"Content-Type": "application/json"}, 415),
        (urlencode({"queries": dumps({str(n): {"query": "x"} for n in range(101)})}), FORM, 422),
    ):
        assert (await searching.post("/reconcile", content=body, headers=headers)).status_code == status, body


async def test_suggestions_can_be_skipped_and_are_of_companies_only(searching: AsyncClient) -> None:
    whole = (await get(searching, "/reconcile/suggest", prefix="a"))["result"]
    rest = (await get(searching, "/reconcile/suggest", prefix="a", cursor=2))["result"]
    assert len(whole) > 2
    assert rest == whole[2:]
    assert await get(searching, "/reconcile/suggest", prefix="a", type="people") == {"result": []}
    assert (await searching.get("/reconcile/suggest?prefix=a&cursor=x")).status_code == 400


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert attrs in ([], [("lang", "en")], [("charset", "utf-8")])

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_a_preview_shows_what_is_recorded_and_runs_nothing(searching: AsyncClient) -> None:
    reply = await searching.get("/reconcile/preview?id=ueber")
    page = Tags()
    page.feed(reply.text)
    assert HOSTILE in page.text
    assert not {"script", "b", "a", "img"} & set(page.tags)
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    moved = await searching.get("/reconcile/preview?id=Ueber")
    assert (moved.status_code, moved.headers["Location"]) == (308, "/reconcile/preview?id=ueber")
    assert (await searching.get("/reconcile/preview?id=nobody")).status_code == 404
    assert (await searching.get("/reconcile/preview")).status_code == 400


@pytest.mark.parametrize("allowed", [True, False])
async def test_pages_of_other_origins_may_ask_only_where_the_settings_say_so(known: Database, *, allowed: bool) -> None:
    url = known.writer.url.render_as_string(hide_password=False)
    async with serving(url, reconcile_cors=allowed) as client:
        for path in ("/reconcile", "/reconcile/suggest?prefix=a", "/reconcile/preview?id=aws", "/v1/companies/aws"):
            reply = await client.get(path, headers={"Origin": "http://127.0.0.1:3333"})
            opened = reply.headers.get("Access-Control-Allow-Origin")
            assert opened == ("*" if allowed and path.startswith("/reconcile") else None), path


@pytest.mark.parametrize("public_reads", [True, False])
async def test_a_page_of_another_origin_may_ask_first_and_read_what_is_refused(
    known: Database, *, public_reads: bool
) -> None:
    url = known.writer.url.render_as_string(hide_password=False)
    page = {"Origin": "http://127.0.0.1:3333"}
    async with serving(url, reconcile_cors=True, public_reads=public_reads) as client:
        asks = page | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        first = await client.options("/reconcile", headers=asks)
        assert (first.status_code, first.headers["Access-Control-Allow-Origin"]) == (200, "*")
        assert "POST" in first.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in first.headers["Access-Control-Allow-Headers"]
        refused = await client.get("/reconcile?queries=nonsense", headers=page)
        assert refused.status_code == (400 if public_reads else 401)
        assert refused.headers["Access-Control-Allow-Origin"] == "*"
        for path in ("/v1/match", "/reconciled"):
            other = await client.options(path, headers=asks)
            assert other.status_code != 200, path
            assert "Access-Control-Allow-Origin" not in other.headers, path
