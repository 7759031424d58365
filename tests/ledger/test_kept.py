"""Answers that are sent again: the same bytes without routing, and never where the answer would be another."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import APIRouter
from httpx import AsyncClient, Response
from starlette.types import Message, Receive, Scope, Send

from app.ledger import unchanged
from app.ledger.kept import KeptAnswers
from app.ledger.revisions import Revisions
from app.ledger.shelf import Shelf
from app.shared import partial_date
from app.shared.database import Database
from app.shared.front import Reply
from app.shared.logs import Lines
from app.shared.observing.metrics import Metrics
from app.shared.observing.requests import Observer
from tests.conftest import serving
from tests.factories import company, one_of_each, put
from tests.ledger.keyed import bearer
from tests.ledger.test_unchanged import ASKED

RECORD = "/v1/companies/openai"
LIST = "/v1/companies?kind=ai_lab&limit=5"
PAGE = "/companies/openai"
KEPT = (
    *ASKED,
    RECORD,
    f"{RECORD}?known_at=2100-01-01T00:00:00Z",
    f"{RECORD}?fields=name",
    "/v1/contracts/summary",
    "/v1/search?q=openai",
    "/v1/suggest?q=open",
    PAGE,
    "/contracts",
)
NOT_KEPT = ("/v1/companies/nobody", "/v1/companies?knd=x", "/v1/companies/OpenAI", "/ready", "/openapi.json")


@pytest.fixture
def routed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests that were routed."""
    paths: list[str] = []
    original = APIRouter.__call__

    async def counted(self: APIRouter, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            paths.append(scope["path"])
        await original(self, scope, receive, send)

    monkeypatch.setattr(APIRouter, "__call__", counted)
    return paths


def shown(reply: Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """A reply but for the id of its request."""
    headers = [pair for pair in reply.headers.multi_items() if pair[0] != "x-request-id"]
    return reply.status_code, reply.content, headers


@pytest.mark.parametrize("url", KEPT)
async def test_an_answer_is_sent_again_with_the_same_bytes_and_headers_and_no_routing(
    reader: AsyncClient, routed: list[str], url: str
) -> None:
    first = await reader.get(url)
    routed.clear()
    again, head = await reader.get(url), await reader.head(url)
    assert shown(again) == shown(first)
    assert shown(head) == (first.status_code, b"", shown(first)[2])
    assert again.headers["x-request-id"] not in {first.headers["x-request-id"], head.headers["x-request-id"]}
    if tag := first.headers.get("etag"):
        known = await reader.get(url, headers={"If-None-Match": tag})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert routed == []


@pytest.mark.parametrize("url", NOT_KEPT)
async def test_a_problem_or_what_is_made_of_more_than_the_store_is_made_each_time(
    reader: AsyncClient, routed: list[str], url: str
) -> None:
    for _ in range(3):
        await reader.get(url)
    assert len(routed) >= 3


async def test_after_a_write_nothing_from_before_is_sent(
    store: Database, client: AsyncClient, routed: list[str]
) -> None:
    await put(store, **one_of_each())
    before = {url: shown(await client.get(url)) for url in (RECORD, LIST, PAGE, "/v1/changes")}
    await put(store, companies=[company("openai", name="OpenAI Renamed")])
    routed.clear()
    for url, old in before.items():
        assert shown(await client.get(url)) != old, url
    assert len(routed) >= len(before)


async def test_who_writes_reads_what_was_written(store: Database, client: AsyncClient) -> None:
    await client.get("/v1/companies")
    await client.get("/v1/companies")
    reply = await client.post("/v1/companies", json=company("acme"), headers=await bearer(store))
    assert reply.status_code == 201
    assert [one["slug"] for one in (await client.get("/v1/companies")).json()["data"]] == ["acme"]


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/v1/companies?limit=5&kind=ai_lab", {}),
        (LIST, {"Accept": "text/csv"}),
        (LIST.replace("limit", "count=true&limit"), {}),
        (PAGE, {"Host": "other.example"}),
        (PAGE, {"Accept-Encoding": "identity"}),
    ],
)
async def test_another_question_has_an_answer_of_its_own(
    article: Database, reader: AsyncClient, url: str, headers: dict[str, str]
) -> None:
    plain = PAGE if url == PAGE else LIST
    for _ in range(2):
        await reader.get(plain)
    async with serving(article.writer.url.render_as_string(hide_password=False), kept_bytes=0) as fresh:
        assert shown(await reader.get(url, headers=headers)) == shown(await fresh.get(url, headers=headers))
        assert shown(await reader.get(url, headers=headers)) == shown(await fresh.get(url, headers=headers))


async def test_part_of_an_answer_is_not_to_be_had_kept_or_not(reader: AsyncClient) -> None:
    replies = [await reader.get(RECORD, headers={"Range": "bytes=0-9"}) for _ in range(2)]
    assert [(one.status_code, one.json()["slug"]) for one in replies] == [(200, "openai")] * 2


async def test_with_a_key_nothing_is_kept_and_nothing_kept_is_sent(
    store: Database, client: AsyncClient, routed: list[str]
) -> None:
    await put(store, companies=[company("openai")])
    key = await bearer(store, "read")
    for headers in (key, key, {}, key):
        await client.get(RECORD, headers=headers)
    assert routed == [RECORD] * 4


async def test_what_is_left_of_a_limit_is_told_to_each(store: Database, store_url: str, routed: list[str]) -> None:
    await put(store, companies=[company("openai")])
    async with serving(store_url, rate_limit="3/hour") as client:
        replies = [await client.get(RECORD) for _ in range(4)]
    assert [one.headers["ratelimit"].partition(";t=")[0] for one in replies[:3]] == [
        f'"requests";r={left}' for left in (2, 1, 0)
    ]
    assert [one.status_code for one in replies] == [200, 200, 200, 429]
    assert routed == [RECORD]


async def test_who_may_not_read_is_not_sent_what_is_kept(store: Database, store_url: str) -> None:
    await put(store, companies=[company("openai")])
    key = await bearer(store, "read")
    async with serving(store_url, public_reads=False) as client:
        with_key = [(await client.get(RECORD, headers=key)).status_code for _ in range(2)]
        assert (with_key, (await client.get(RECORD)).status_code) == ([200, 200], 401)


async def test_tomorrow_is_another_answer(
    reader: AsyncClient, monkeypatch: pytest.MonkeyPatch, routed: list[str]
) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Tomorrow":  # noqa: ANN401 - as datetime has it
            return cls(2100, 1, 1, tzinfo=tz or UTC)

    asked = f"{RECORD}/exposure"
    await reader.get(asked)
    routed.clear()
    monkeypatch.setattr(partial_date, "datetime", Tomorrow)
    await reader.get(asked)
    assert routed


async def test_while_the_revision_cannot_be_read_answers_are_made(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch, routed: list[str]
) -> None:
    await put(store, companies=[company("openai")])
    await client.get(RECORD)

    async def away(_: Revisions) -> int:
        raise OSError("away")

    monkeypatch.setattr(Revisions, "now", away)
    assert (await client.get(RECORD)).status_code == 200
    assert routed == [RECORD] * 2


async def test_an_answer_is_counted_for_its_route_kept_or_not(article: Database) -> None:
    asked = {RECORD: "/v1/companies/{slug}", f"{RECORD}/dependencies": "/v1/companies/{slug}/dependencies"}
    async with serving(article.writer.url.render_as_string(hide_password=False)) as client:
        for url in (*asked, PAGE):
            await client.get(url)
            await client.get(url)
        figures = (await client.get("/metrics")).text
    for route in (*asked.values(), "/companies/{slug}"):
        assert f'seconds_count{{method="GET",route="{route}",status="200"}} 2.0' in figures


async def test_what_is_kept_is_counted_against_the_limit_of_who_asks(store: Database, store_url: str) -> None:
    await put(store, companies=[company("openai")])
    async with serving(store_url, rate_limit="3/minute") as client:
        replies = [await client.get(RECORD) for _ in range(4)]
    assert [one.status_code for one in replies] == [200, 200, 200, 429]
    assert [one.headers["ratelimit"].split(";")[1] for one in replies] == ["r=2", "r=1", "r=0", "r=0"]


async def test_a_head_is_not_kept_for_an_answer(client: AsyncClient, store: Database) -> None:
    await put(store, companies=[company("openai")])
    await client.head(RECORD)
    assert (await client.get(RECORD)).json()["slug"] == "openai"


class Store:
    """A store that is at a revision."""

    revision = 7

    async def now(self) -> int:
        return self.revision

    def tell(self, told: Callable[[int | Exception], None]) -> None:
        asyncio.get_running_loop().call_soon(told, self.revision or OSError("away"))


class Answering:
    """An app that counts how often it is asked, and answers as it is told (ASGI)."""

    def __init__(self, store: Store, *bodies: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        self.store, self.bodies, self.headers = store, bodies, headers
        self.meanwhile: Callable[[], None] = lambda: None
        self.asked = 0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.asked += 1
        unchanged.made_of(scope, self.store.revision)
        self.meanwhile()
        await send({"type": "http.response.start", "status": 200, "headers": [*self.headers]})
        for number, body in enumerate(self.bodies, 1):
            if body == b"break":
                raise ConnectionError("broken")
            await send({"type": "http.response.body", "body": body, "more_body": number < len(self.bodies)})


def asking() -> Scope:
    """A request."""
    return {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "state": {}}


def in_front_of(app: Answering, room: int = 1_000_000) -> KeptAnswers:
    """A layer in front of an app."""
    observer = Observer(Metrics(), Lines("json", "info"), 0)
    return KeptAnswers(app, app.store, Shelf(room), observer)  # type: ignore[arg-type]


async def asked_twice(app: Answering, *, room: int = 1_000_000) -> list[bytes]:
    """What a layer in front of an app sends for one question that is asked twice."""
    kept = in_front_of(app, room)
    sent: list[bytes] = []
    for _ in range(2):
        whole = bytearray()

        async def send(message: Any, whole: bytearray = whole) -> None:  # noqa: ANN401 - a message of ASGI
            whole.extend(message.get("body", b""))

        try:
            await kept(asking(), None, send)  # type: ignore[arg-type]
        except ConnectionError:
            whole.extend(b"!")
        sent.append(bytes(whole))
    return sent


async def test_an_answer_in_several_pieces_is_kept_whole() -> None:
    app = Answering(Store(), b"one, ", b"two, ", b"three")
    assert await asked_twice(app) == [b"one, two, three"] * 2
    assert app.asked == 1


@pytest.mark.parametrize(
    ("app", "room"),
    [
        (Answering(Store(), b"one, ", b"break"), 1_000_000),
        (Answering(Store(), b"x" * 2_000), 16_000),
        (Answering(Store(), b"x", headers=((b"vary", b"Accept, Origin"),)), 1_000_000),
    ],
    ids=["breaks off", "is large for the room", "varies by what is not known"],
)
async def test_an_answer_is_not_kept_that(app: Answering, room: int) -> None:
    first, second = await asked_twice(app, room=room)
    assert (first, app.asked) == (second, 2)


async def test_an_answer_during_which_something_was_recorded_is_not_sent_again() -> None:
    app = Answering(store := Store(), b"old")

    def record() -> None:
        store.revision += 1

    app.meanwhile = record
    await asked_twice(app)
    assert app.asked == 2


async def sent_soon(kept: KeptAnswers) -> list[Reply | None]:
    """What a layer has a server send with no task: nothing where it will not."""
    told: list[Reply | None] = []
    if kept.soon(asking(), told.append):
        assert told == []
        await asyncio.sleep(0.01)
        assert len(told) == 1
    return told


async def nowhere(_: Message) -> None:
    """Send nothing."""


@pytest.mark.parametrize("revision", [8, 0], ids=["is at another revision", "is away"])
async def test_a_server_is_given_what_is_kept_until_the_store(revision: int) -> None:
    app = Answering(store := Store(), b"kept")
    kept = in_front_of(app)
    assert await sent_soon(kept) == []
    await kept(asking(), None, nowhere)  # type: ignore[arg-type]
    assert [one and (one.status, one.content) for one in await sent_soon(kept)] == [(200, b"kept")]
    store.revision = revision
    assert await sent_soon(kept) == [None]
    assert app.asked == 1
