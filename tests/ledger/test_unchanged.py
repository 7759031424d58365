"""Answers that have not changed: 304 for one read of one number, and never where the answer would be another."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient

from app.companies.repository import COMPANIES
from app.graph.store.timeline import dated_facts
from app.ledger.listing import page, read_question
from app.shared import partial_date
from app.shared.database import Database
from tests.conftest import serving
from tests.factories import company, one_of_each, put
from tests.statements import statements

GRAPH = "/v1/companies/openai/dependencies"
ASKED = (
    GRAPH,
    f"{GRAPH}?format=text",
    f"{GRAPH}?as_of=2025-03-12",
    f"{GRAPH}?known_at=2100-01-01T00:00:00Z",
    f"{GRAPH}/diff?from=2023-01-01&to=2025-01-01",
    "/v1/companies/openai/dependents?kind=compute",
    "/v1/companies/openai/exposure",
    "/v1/companies/openai/impact",
    "/v1/paths?from=openai&to=nvidia",
    "/v1/paths?from=openai&to=nvidia&format=csv",
    "/v1/loops?company=openai",
    "/v1/loops?format=svg",
    "/v1/compare?company=openai&company=nvidia",
    "/v1/rankings?by=dependents",
    "/v1/rankings?by=gpus",
    "/v1/timeline?company=openai",
    "/v1/timeline",
    "/v1/companies",
    "/v1/contracts?kind=compute&count=true&sort=-title&limit=1",
    "/v1/companies?kind=ai_lab",
    "/v1/changes",
    "/v1/changes?after=5&types=companies",
)


async def tag_of(client: AsyncClient, url: str, **headers: str) -> str:
    """The ETag of a good answer."""
    reply = await client.get(url, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.headers["etag"]


async def status(client: AsyncClient, url: str, tag: str, **headers: str) -> int:
    """What a client is told that has an answer with a tag already."""
    return (await client.get(url, headers={"If-None-Match": tag, **headers})).status_code


async def test_whoever_has_the_answer_is_told_so_for_the_revision_alone(store: Database, store_url: str) -> None:
    await put(store, **one_of_each())
    async with serving(store_url, kept_bytes=0) as client:
        await assert_told_for_the_revision_alone(client)


async def assert_told_for_the_revision_alone(client: AsyncClient) -> None:
    for url in ASKED:
        first = await client.get(url)
        assert first.status_code == 200, first.text
        with statements() as said:
            again = await client.get(url, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), url
        assert {" ".join(sql.split()) for sql in said} == {"SELECT store.revision FROM store"}, url
        for name in ("etag", "vary", "cache-control"):
            assert again.headers[name] == first.headers[name], url
        assert "Accept" in first.headers["vary"]
        assert first.headers["etag"].startswith('W/"')


async def test_a_write_changes_every_tag(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    before = {url: await tag_of(client, url) for url in ASKED}
    await put(store, companies=[company("unrelated")])
    for url, tag in before.items():
        assert await status(client, url, tag) == 200, url
        assert await tag_of(client, url) != tag


async def test_a_write_that_changes_nothing_changes_no_tag(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    tag = await tag_of(client, GRAPH)
    await put(store, **one_of_each())
    assert await status(client, GRAPH, tag) == 304


async def test_the_tag_names_the_revision_of_the_answer(reader: AsyncClient) -> None:
    reply = await reader.get(GRAPH)
    assert reply.headers["etag"].startswith(f'W/"{reply.json()["revision"]}-')


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("{tag}", 304),
        ("{strong}", 304),
        ('"other", {tag}', 304),
        ('W/"1-other",\t"x,y" , {strong}', 304),
        ("*", 304),
        ('"other"', 200),
        ('W/"1-0000000000000000"', 200),
        ("other", 400),
        ("{tag} {tag}", 400),
    ],
)
async def test_tags_are_compared_as_the_standard_says(reader: AsyncClient, form: str, expected: int) -> None:
    for url in (GRAPH, "/v1/companies"):
        tag = await tag_of(reader, url)
        assert await status(reader, url, form.format(tag=tag, strong=tag.removeprefix("W/"))) == expected


async def test_a_tag_of_another_question_matches_none(reader: AsyncClient) -> None:
    tag = await tag_of(reader, GRAPH)
    for url in (f"{GRAPH}?depth=2", "/v1/companies/openai/dependents", "/v1/companies"):
        assert await status(reader, url, tag) == 200, url


async def test_what_is_wrong_is_said_whatever_the_client_has(reader: AsyncClient) -> None:
    tag = await tag_of(reader, GRAPH)
    for url, wrong in (
        (f"{GRAPH}?dept=2", 400),
        (f"{GRAPH}?depth=1&depth=2", 400),
        ("/v1/companies/nobody/dependencies", 404),
        ("/v1/companies?knd=x", 400),
        ("/v1/changes?after=-1", 400),
    ):
        for known in (tag, "*"):
            assert await status(reader, url, known) == wrong, url


async def test_each_shape_has_a_tag_of_its_own(reader: AsyncClient) -> None:
    shapes = ("application/json", "text/plain", "text/csv", "image/svg+xml")
    tags = [await tag_of(reader, GRAPH, accept=shape) for shape in shapes]
    assert len(set(tags)) == len(shapes)
    assert await status(reader, GRAPH, tags[0], accept="text/plain") == 200
    assert await status(reader, GRAPH, tags[1], accept="text/plain") == 304


async def test_tomorrow_is_another_answer_unless_the_day_was_given(
    reader: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Tomorrow":  # noqa: ANN401 - as datetime has it
            return cls(2100, 1, 1, tzinfo=tz or UTC)

    dated = f"{GRAPH}?as_of=2025-03-12"
    today, then = await tag_of(reader, GRAPH), await tag_of(reader, dated)
    monkeypatch.setattr(partial_date, "datetime", Tomorrow)
    assert (await status(reader, GRAPH, today), await status(reader, dated, then)) == (200, 304)


async def test_a_setting_or_a_version_that_may_change_answers_changes_their_tags(store_url: str) -> None:
    async with serving(store_url) as client, serving(store_url, max_nodes=7) as fewer, serving(store_url) as newer:
        newer._transport.app.version = "9"  # type: ignore[attr-defined]  # noqa: SLF001 - as after a deploy
        tags = [await tag_of(one, "/v1/companies") for one in (client, fewer, newer)]
        assert len(set(tags)) == 3
        assert await status(newer, "/v1/companies", tags[0]) == 200


class Interrupted:
    """A connection on which somebody else commits after the first statement."""

    def __init__(self, connection: Any, write: Callable[[], Awaitable[Any]]) -> None:  # noqa: ANN401 - a connection
        self.connection, self.write = connection, write
        self.written = False

    async def execute(self, *statement: Any) -> Any:  # noqa: ANN401 - as a connection has it
        result = await self.connection.execute(*statement)
        if not self.written:
            self.written = True
            await self.write()
        return result


@pytest.mark.parametrize(
    ("query", "revision"),
    [
        ({"kind": "other"}, 1),
        ({"kind": "other", "count": "true"}, None),
        ({"kind": "energy"}, 1),
        ({"kind": "energy", "count": "true"}, None),
    ],
)
async def test_a_list_that_was_read_at_two_revisions_has_no_tag(
    store: Database, query: dict[str, str], revision: int | None
) -> None:
    await put(store, companies=[company("acme")])

    async def write() -> None:
        await put(store, companies=[company("grid", kind="energy")])

    async with store.reading() as connection:
        reads: Any = Interrupted(connection, write)
        found = await page(reads, read_question(COMPANIES, list(query.items())))
    assert found.revision == revision


async def test_a_timeline_that_was_read_at_two_revisions_has_no_tag(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, **one_of_each())
    names = count()

    async def meanwhile(*args: Any) -> Any:  # noqa: ANN401 - as it is
        await put(store, companies=[company("meanwhile", name=f"Name {next(names)}")])
        return await dated_facts(*args)

    monkeypatch.setattr("app.graph.routes.timeline.dated_facts", meanwhile)
    for url in ("/v1/timeline", "/v1/timeline?company=openai"):
        assert "etag" not in (await client.get(url)).headers
