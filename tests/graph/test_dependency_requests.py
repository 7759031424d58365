"""How dependencies are asked for over HTTP: shapes, addresses, bad questions, and what an answer costs."""

from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import update

from app.models.ledger import records
from app.shared.database import Database
from tests.factories import company, put
from tests.graph.networks import ask, network
from tests.projection.stating import USD_10
from tests.statements import statements

OPENAI = "/v1/companies/openai/dependencies"
TREE = """\
OpenAI depends on (as of 2025-03-12)
├── CoreWeave  compute · USD 11.9 billion · 2025-03-10 to 2030-03 · announced
│   ├── Microsoft (see below)  revenue · 62 percent · since 2024
│   ├── Nvidia  capital · completed
│   │           hardware · more than 250,000 GPUs · since 2025-03-12
│   └── OpenAI (see above)  capital · USD 350 million · since 2025-03-10 ·
│                             announced
│                           revenue · USD 11.9 billion · 2025-03-10 to 2030-03 ·
│                             announced
├── Microsoft  capital · more than USD 10 billion · since 2023-01 · completed
│   │          compute
│   ├── CoreWeave (see above)  compute
│   └── OpenAI (see above)  technology
│                           technology · since 2023-01
└── Stargate  compute · since 2025-01 · announced
    ├── Oracle  partnership · since 2025-01 · announced
    └── SoftBank  partnership · since 2025-01 · announced

7 companies, 14 dependencies
"""


async def test_the_tree_for_a_terminal_fits_into_80_columns(reader: AsyncClient) -> None:
    reply = await reader.get(OPENAI, params={"format": "text", "as_of": "2025-03-12"})
    assert reply.text == TREE
    assert max(map(len, TREE.splitlines())) <= 80
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"


SHAPES = {
    "json": ("application/json", '{"root":"openai"'),
    "text": ("text/plain", "OpenAI depends on"),
    "csv": ("text/csv", "from,from_name,"),
    "mermaid": ("text/vnd.mermaid", ""),
    "dot": ("text/vnd.graphviz", "digraph"),
    "graphml": ("application/graphml+xml", "<?xml"),
    "svg": ("image/svg+xml", "<svg"),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_shape_is_asked_for_by_name_or_by_accept(reader: AsyncClient, shape: str) -> None:
    media_type, start = SHAPES[shape]
    named = await reader.get(OPENAI, params={"format": shape, "as_of": "2025-03-12"})
    negotiated = await reader.get(OPENAI, params={"as_of": "2025-03-12"}, headers={"Accept": media_type})
    for reply in (named, negotiated):
        assert reply.status_code == 200
        assert reply.headers["content-type"].partition(";")[0] == media_type
        assert reply.headers["vary"] == "Accept"
        assert reply.text.startswith(start)
        assert "CoreWeave" in reply.text or shape == "svg"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("image/*", "image/svg+xml"),
        ("text/csv;q=0.5, text/plain;q=0.8", "text/plain"),
        ("TEXT/CSV", "text/csv"),
        ("application/json;q=0, */*", "text/plain"),
        ("*/*;q=0.1, text/csv;q=0.2", "text/csv"),
    ],
)
async def test_accept_is_weighed_as_http_says(reader: AsyncClient, accept: str, media_type: str) -> None:
    reply = await reader.get(OPENAI, headers={"Accept": accept})
    assert (reply.status_code, reply.headers["content-type"].partition(";")[0]) == (200, media_type)


async def test_a_format_that_is_named_goes_before_accept(reader: AsyncClient) -> None:
    reply = await reader.get(OPENAI, params={"format": "csv"}, headers={"Accept": "application/json"})
    assert reply.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize("accept", ["application/pdf", "application/json;q=0", "text/html"])
async def test_a_shape_that_there_is_not_is_a_406_that_lists_the_others(reader: AsyncClient, accept: str) -> None:
    reply = await reader.get(OPENAI, headers={"Accept": accept})
    assert reply.status_code == 406
    assert "text/plain" in problem_with(reply)["detail"]


def problem_with(reply: Response, parameter: str | None = None) -> dict[str, Any]:
    """The one error of a problem, which is about a parameter."""
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert (problem["status"], problem["request_id"]) == (reply.status_code, reply.headers["x-request-id"])
    (error,) = problem["errors"]
    assert error.get("parameter") == parameter
    return error  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("parameter", "value", "hint"),
    [
        ("dept", "2", "depth"),
        ("asof", "2025-03-12", "as_of"),
        ("kinds", "compute", "kind"),
        ("kind", "computee", "compute"),
        ("stage", "sigend", "signed"),
        ("evidence", "report", "reported"),
        ("format", "txt", "text"),
        ("depth", "9", "8"),
        ("depth", "0", "1"),
        ("depth", "-1", "1"),
        ("depth", "abc", "whole number"),
        ("depth", "1.5", "whole number"),
        ("depth", "", "whole number"),
        ("kind", "", "compute"),
        ("as_of", "2025-13-01", "01 to 12"),
        ("as_of", "2025-02-30", "28 days"),
        ("as_of", "2025-03", "2025-03-31"),
        ("as_of", "2025-03-12~", "2025-03-12"),
        ("as_of", "0000-01-01", "1000"),
        ("as_of", "yesterday", "2025-03-10"),
        ("published_by", "2025", "2025-12-31"),
        ("known_at", "yesterday", "RFC 3339"),
        ("known_at", "2025-03-12", "RFC 3339"),
        ("known_at", "2025-03-12T00:00:00", "RFC 3339"),
        ("known_at", "1741737600", "RFC 3339"),
    ],
)
@pytest.mark.parametrize("question", ["dependencies", "dependents"])
async def test_a_bad_parameter_is_named_with_what_would_be_right(
    reader: AsyncClient, question: str, parameter: str, value: str, hint: str
) -> None:
    reply = await reader.get(f"/v1/companies/openai/{question}", params={parameter: value})
    assert reply.status_code == 400
    error = problem_with(reply, parameter)
    assert hint in f"{error['detail']} {error.get('suggestion')}"


@pytest.mark.parametrize(
    ("parameter", "value", "suggestion"),
    [("dept", "2", "depth"), ("kind", "computee", "compute"), ("stage", "sigend", "signed"), ("format", "txt", "text")],
)
async def test_a_slip_of_the_pen_gets_a_suggestion(
    reader: AsyncClient, parameter: str, value: str, suggestion: str
) -> None:
    reply = await reader.get(OPENAI, params={parameter: value})
    assert problem_with(reply, parameter)["suggestion"] == suggestion


async def test_all_that_is_bad_is_named_at_once(reader: AsyncClient) -> None:
    bad = {"dept": "2", "depth": "9", "kind": "computee", "as_of": "2025-13-01", "known_at": "yesterday"}
    reply = await reader.get(OPENAI, params=bad)
    assert {error["parameter"] for error in reply.json()["errors"]} == set(bad)


@pytest.mark.parametrize(
    "parameter", ["depth=1&depth=2", "as_of=2025-01-01&as_of=2025-01-02", "format=csv&format=text"]
)
async def test_a_parameter_that_cannot_be_two_things_is_not_silently_one_of_them(
    reader: AsyncClient, parameter: str
) -> None:
    reply = await reader.get(f"{OPENAI}?{parameter}")
    assert reply.status_code == 400
    assert "once" in problem_with(reply, parameter.partition("=")[0])["detail"]


async def test_an_unknown_company_is_a_404_with_the_nearest(reader: AsyncClient) -> None:
    reply = await reader.get("/v1/companies/opnai/dependencies")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
    assert reply.json()["errors"][0]["suggestion"] == "openai"
    hopeless = await reader.get("/v1/companies/zzzzzzzzzz/dependents")
    assert (hopeless.status_code, hopeless.json()["errors"]) == (404, [])


@pytest.mark.parametrize("question", ["dependencies", "dependents"])
async def test_an_alias_is_sent_on_with_its_question(reader: AsyncClient, question: str) -> None:
    asked = "depth=2&kind=compute&kind=capital&format=text"
    for name in ("OpenAI", "Openai", "OPENAI"):
        reply = await reader.get(f"/v1/companies/{name}/{question}?{asked}")
        assert (reply.status_code, reply.headers["location"]) == (308, f"/v1/companies/openai/{question}?{asked}")


async def test_an_alias_that_is_no_spelling_of_the_slug_is_sent_on_too(client: AsyncClient, store: Database) -> None:
    await put(store, companies=[company("alphabet", aliases=["Google", "Mother of DeepMind"])])
    for name in ("google", "Google", "mother-of-deepmind"):
        reply = await client.get(f"/v1/companies/{name}/dependencies")
        assert (reply.status_code, reply.headers["location"]) == (308, "/v1/companies/alphabet/dependencies")


async def test_an_alias_that_two_companies_have_is_sent_to_neither(client: AsyncClient, store: Database) -> None:
    await put(store, companies=[company(slug, aliases=["Twin"]) for slug in ("one", "other")])
    assert (await client.get("/v1/companies/twin/dependencies")).status_code == 404


async def test_a_retracted_company_is_gone_with_a_link_to_its_history(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"])
    async with store.writing() as connection:
        await connection.execute(update(records).where(records.c.slug == "a").values(retracted=True))
    reply = await client.get("/v1/companies/a/dependencies")
    assert (reply.status_code, reply.json()["history"]) == (410, "/v1/companies/a/history")


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_same_question_gets_the_same_bytes(reader: AsyncClient, shape: str) -> None:
    params = {"format": shape, "as_of": "2025-03-12"}
    one, other = [await reader.get(OPENAI, params=params) for _ in range(2)]
    assert one.content == other.content


async def test_a_record_that_says_nothing_new_changes_no_byte(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b", "b c"], value=USD_10)
    params = {"as_of": "2025-03-12"}
    before = await client.get("/v1/companies/a/dependencies", params=params)
    await network(store, ["a b", "b c"], value=USD_10)
    assert (await client.get("/v1/companies/a/dependencies", params=params)).content == before.content


# What an answer costs.


@pytest.mark.parametrize("question", ["dependencies", "dependents"])
async def test_an_answer_is_one_statement_however_far_it_goes(
    client: AsyncClient, store: Database, question: str
) -> None:
    await network(store, [f"c{n} c{n + 1}" for n in range(6)] + [f"c0 d{n}" for n in range(20)])
    await ask(client, "c3", question)  # Whatever a new connection asks for itself is over.
    for asked in ("depth=1", "depth=5", "depth=5&kind=compute&as_of=2025-03-12&format=text"):
        with statements() as said:
            reply = await client.get(f"/v1/companies/c3/{question}?{asked}")
        assert reply.status_code == 200
        assert len(said) == 1


async def test_the_past_costs_one_statement_more_for_the_names_of_then(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"])
    when = (await client.get("/v1/contracts/a-b")).json()["recorded_at"]
    await put(store, companies=[company("b", name="Bee")])
    with statements() as said:
        await ask(client, "a", known_at=when)
    assert len(said) == 2


async def test_a_bad_question_costs_no_statement(client: AsyncClient) -> None:
    with statements() as said:
        assert (await client.get("/v1/companies/a/dependencies", params={"depth": 9})).status_code == 400
    assert said == []


@pytest.mark.parametrize("question", ["dependencies", "impact"])
async def test_what_a_filter_leaves_out_is_not_said_to_be_unrecorded(reader: AsyncClient, question: str) -> None:
    answer = await ask(reader, "openai", question, as_of="2025-03-12", kind="energy", published_by="2025-03-11")
    assert answer["unknowns"][0] == (
        "No dependency is recorded for OpenAI as of 2025-03-12 (published by 2025-03-11, kind energy)."
    )
