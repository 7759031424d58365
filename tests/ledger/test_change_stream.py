"""The feed of changes as server-sent events: each change once, from where a client was, at no cost while it waits."""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from httpx import AsyncClient

from app.ledger import change_stream as module
from app.shared.database import Database
from tests.cli.test_cli import serving
from tests.factories import company, one_of_each, put, source
from tests.ledger.asking import get, refusal
from tests.ledger.listening import SECONDS, app_on, listening
from tests.statements import statements


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)


async def test_a_change_comes_when_it_was_committed_as_the_feed_shows_it(
    store: Database, store_url: str, client: AsyncClient
) -> None:
    await put(store, companies=[company("before")])
    async with app_on(store_url) as app, listening(app) as listener:
        opening = await listener.block()
        assert (listener.status, opening.id, opening.change) == (200, 1, None)
        await put(store, companies=[company("acme", name="Line\nbreak")])
        block = await listener.change()
        assert block.id == 2
    told = await client.get("/v1/changes?after=1")
    assert block.fields["data"] in told.text


async def test_a_client_resumes_after_the_last_event_that_it_has(store: Database, store_url: str) -> None:
    await put(store, companies=[company(slug) for slug in "abcd"])
    async with app_on(store_url) as app:
        for query, headers, first in (
            ("after=0", {}, 1),
            ("after=2", {}, 3),
            ("", {"last_event_id": "3"}, 4),
            ("after=0", {"last_event_id": "2"}, 3),
        ):
            async with listening(app, query, **headers) as listener:
                assert (await listener.change()).id == first


async def test_more_than_a_page_comes_in_order_with_none_missed_or_twice(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE", 3)
    await put(store, companies=[company(f"c-{n}") for n in range(8)])
    async with app_on(store_url) as app, listening(app, "after=0") as listener:
        assert [(await listener.change()).id for _ in range(8)] == [*range(1, 9)]


async def test_types_narrow_the_stream_and_what_was_passed_over_is_not_looked_at_again(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0)
    async with app_on(store_url) as app, listening(app, "types=events&types=fleets") as listener:
        await put(store, **one_of_each())
        assert [(await listener.change()).fields["id"] for _ in range(2)] == ["7", "9"]
        await put(store, sources=[source(slug="later")])
        while (block := await listener.block()).id != 10:
            assert block.change is None


async def test_a_heartbeat_is_a_comment_that_says_where_a_client_resumes(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0)
    await put(store, companies=[company("acme")])
    async with app_on(store_url) as app, listening(app) as listener:
        await listener.block()
        beat = await listener.block()
        assert beat.fields == {"": "still here", "id": "1"}


async def test_many_listeners_share_one_look_and_hold_no_connection(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0)
    async with app_on(store_url) as app, AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(listening(app)) for _ in range(20)]
        for listener in listeners:
            await listener.block()
        with statements() as said:
            for listener in listeners:
                for _ in range(5):
                    await listener.block()
        # Each has spoken after five looks. A look of its own for each would be a hundred.
        assert len(said) < 20
        assert app.state.database.reader.pool.checkedout() <= 1


async def test_nobody_looks_when_nobody_listens(store_url: str) -> None:
    async with app_on(store_url) as app:
        async with listening(app) as listener:
            await listener.block()
            last = app.state.watch._look  # noqa: SLF001 - whether there is another after it
        await asyncio.wait([last])
        with statements() as said:
            await asyncio.sleep(5 * module.LOOK_SECONDS)
        assert (said, app.state.watch._look) == ([], last)  # noqa: SLF001 - the same


async def test_a_stream_outlives_a_store_that_is_away_for_a_while(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = iter([True, True])

    async def newest(self: module.Watch) -> int:
        if next(away, False):
            raise ConnectionRefusedError
        return await there(self)

    there = module.Watch.newest
    async with app_on(store_url) as app, listening(app, "after=0") as listener:
        monkeypatch.setattr(module.Watch, "newest", newest)
        await put(store, companies=[company("acme")])
        assert (await listener.change()).id == 1


async def test_a_client_that_goes_away_ends_its_stream_and_no_other(store: Database, store_url: str) -> None:
    async with app_on(store_url) as app, listening(app) as stays:
        async with listening(app) as goes:
            await goes.block()
        await put(store, companies=[company("acme")])
        assert (await stays.change()).id == 1


async def test_a_head_has_no_content_and_an_end(client: AsyncClient) -> None:
    reply = await client.head("/v1/changes/stream")
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("query", ["after=-1", "after=x", "types=x", "limit=1"])
async def test_what_cannot_be_read_is_refused_before_the_stream_begins(reader: AsyncClient, query: str) -> None:
    flaw = await refusal(reader, f"/v1/changes/stream?{query}")
    assert flaw["parameter"] == query.partition("=")[0]


async def test_an_id_that_is_none_of_ours_is_refused(reader: AsyncClient) -> None:
    reply = await reader.get("/v1/changes/stream", headers={"Last-Event-ID": "yesterday"})
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["parameter"] == "Last-Event-ID"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_is_told_to_stop_ends_its_streams_properly(tmp_path: Path, workers: str) -> None:
    with serving(f"sqlite:///{tmp_path}/new.db", "--no-seed", "--workers", workers) as (process, address):
        with httpx.stream("GET", f"{address}/v1/changes/stream", timeout=SECONDS) as stream:
            assert stream.status_code == 200
            process.send_signal(signal.SIGTERM)
            # A stream that is cut off raises, since its last chunk is missing (RFC 9112, 7.1).
            assert stream.read().startswith(b"id: 0\n")
        _, errors = process.communicate(timeout=SECONDS)
        # Each request has a line in the log; nothing else may be said.
        assert [line for line in errors.splitlines() if "[info" not in line] == []


async def test_the_feed_goes_on_where_a_stream_ended(store: Database, store_url: str, client: AsyncClient) -> None:
    await put(store, companies=[company("a"), company("b")])
    async with app_on(store_url) as app, listening(app, "after=0") as listener:
        last = (await listener.change()).id
    page = await get(client, f"/v1/changes?after={last}")
    assert [change["position"] for change in page["data"]] == [2]


async def test_a_process_with_no_handler_of_its_own_still_ends_when_it_is_told_to(store_url: str) -> None:
    script = f"""
import asyncio, os, signal
from app.main import create_app
from app.shared.settings import Settings

async def main():
    app = create_app(Settings(database_url={store_url!r}, deliver_webhooks=False))
    async with app.router.lifespan_context(app):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await asyncio.wait_for(process.wait(), SECONDS) == -signal.SIGTERM
