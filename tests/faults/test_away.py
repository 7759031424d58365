"""A store that is away, hangs, is locked, is full or has no connection left: 503, and well again soon after."""

import asyncio
import contextlib
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import Popen
from time import perf_counter

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select

from app.models.companies import companies
from app.shared.database import Database
from tests.factories import company, put
from tests.faults.conftest import migrated
from tests.faults.disk import small_disk
from tests.faults.figures import FULL, tell
from tests.faults.postgresql import Postgresql, postgresql
from tests.faults.writing import AGAIN, Written, clients, each_is_recorded_once, healthy_again, is_whole, writing
from tests.ledger.keyed import bearer
from tests.ledger.listening import app_on
from tests.ledger.written import post
from tests.server import free_port, served

AWAY = 10 if FULL else 2
"""Seconds for which a store is away."""
WRITES = 1_000 if FULL else 60
ANSWERED = 12 if FULL else 60
"""Seconds within which a request is answered, whatever the store does; most wait for a lock or a connection."""

Running = tuple[Database, AsyncClient, Popen[bytes]]

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults: away")]


async def told_to_come_again(asked: AsyncClient, *, reads: bool = True) -> Response:
    """What a server says that cannot ask its store: 503, in time, and when to ask again."""
    began = perf_counter()
    if reads:
        reply = await asked.get("/v1/companies?count=true")
    else:
        reply = await post(asked, "/v1/companies", company("never"))
    assert perf_counter() - began < ANSWERED
    assert reply.status_code == 503, reply.text
    assert reply.headers["Retry-After"]
    assert reply.headers["Content-Type"] == "application/problem+json"
    return reply


@asynccontextmanager
async def serving(url: str, folder: Path, **settings: object) -> AsyncIterator[Running]:
    """A store of the newest schema, and a client with a key of a server on it, and its process."""
    store, port = await migrated(url), free_port()
    with served(url, folder, port, **settings) as process:
        async with clients([port], await bearer(store)) as (one,):
            yield store, one, process
    await store.close()


@pytest.mark.parametrize("how", ["stopped", "hung"])
async def test_while_postgresql_is_away_everybody_is_told_and_nothing_is_lost(
    own_server: Postgresql, tmp_path: Path, how: str
) -> None:
    go, come = _ways(own_server)[how]
    written = Written(WRITES)
    async with serving(own_server.url, tmp_path) as (store, one, _):
        async with writing([one], written) as work:
            await written.reached(WRITES // 3, work)
            await asyncio.to_thread(go)
            until = perf_counter() + AWAY
            await told_to_come_again(one)
            await told_to_come_again(one, reads=False)
            async with AsyncClient(base_url=one.base_url) as probe:
                assert (await probe.get("/health")).status_code == 200
            await asyncio.sleep(max(0, until - perf_counter()))
            await asyncio.to_thread(come)
            healthy = await healthy_again(one)
        await each_is_recorded_once(store, written)
    tell(f"PostgreSQL {how}", own_server.url, seconds=AWAY, writes=WRITES, healthy_after=round(healthy, 2))


def _ways(server: Postgresql) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
    return {
        "stopped": (server.stop, server.start),
        "hung": (lambda: server.signal(signal.SIGSTOP), lambda: server.signal(signal.SIGCONT)),
    }


async def test_where_no_connection_is_left_a_reader_is_told_and_the_next_is_answered(
    own_server: Postgresql, tmp_path: Path
) -> None:
    async with serving(own_server.url, tmp_path, pool_size=2, statement_timeout_ms=60_000) as (store, one, _):
        blocker = await asyncpg.connect(own_server.url)
        await blocker.execute("BEGIN; LOCK TABLE companies")
        waiting = [asyncio.ensure_future(one.get("/v1/companies?count=true")) for _ in range(4)]
        await asyncio.sleep(0.5)
        await told_to_come_again(one)
        await blocker.close()
        await healthy_again(one)
        replies = await asyncio.gather(*waiting)
        assert {reply.status_code for reply in replies} <= {200, 503}
        assert (await one.get("/v1/companies?count=true")).status_code == 200
        await is_whole(store)
    tell("the pool exhausted", own_server.url, asked=6, told_503=1 + sum(r.status_code == 503 for r in replies))


async def test_while_questions_have_their_connections_a_record_is_still_read(store: Database, store_url: str) -> None:
    await put(store, companies=[company("acme")])
    async with app_on(store_url) as app, AsyncClient(transport=ASGITransport(app), base_url="http://test") as asked:
        async with contextlib.AsyncExitStack() as held:
            for _ in range(8):
                await held.enter_async_context(app.state.database.reading())
            assert (await asked.get("/v1/companies/acme")).status_code == 200
            await told_to_come_again(asked)
        assert (await asked.get("/v1/companies?count=true")).status_code == 200


async def test_while_sqlite_is_locked_writers_wait_or_are_told_readers_go_on_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    url, written = f"sqlite:///{tmp_path / 'store.db'}", Written(WRITES)
    async with serving(url, tmp_path) as (store, one, _):
        async with writing([one], written) as work:
            await written.reached(WRITES // 3, work)
            with contextlib.closing(sqlite3.connect(tmp_path / "store.db", timeout=30)) as other:
                other.execute("BEGIN IMMEDIATE")
                # The writers wait for ten seconds before they are told.
                until = perf_counter() + (11 if FULL else AWAY)
                while perf_counter() < until:
                    assert (await one.get("/v1/companies?count=true")).status_code == 200
                    await asyncio.sleep(0.1)
                other.rollback()
            await healthy_again(one)
        await each_is_recorded_once(store, written)
    tell("SQLite locked", url, seconds=AWAY, writes=WRITES, told_503=len(written.statuses))


async def until_told(one: AsyncClient) -> set[str]:
    """Write until the disk is full and a server says so; what was acknowledged."""
    told = {"first"}
    for number in range(100_000):
        slug = f"f-{number}"
        reply = await post(one, "/v1/companies", company(slug, description="x" * 1_500))
        if reply.status_code != 201:
            assert reply.status_code == 503, reply.text
            assert reply.headers["Retry-After"]
            return told
        told.add(slug)
    raise AssertionError("the disk is never full")


async def are_recorded(store: Database, told: set[str]) -> None:
    """Fail unless what was acknowledged is recorded, in a store that is whole."""
    async with store.reading() as connection:
        assert told <= set(await connection.scalars(select(companies.c.slug)))
    await is_whole(store)


async def test_on_a_full_disk_sqlite_refuses_writes_answers_reads_and_loses_nothing(tmp_path: Path) -> None:
    with small_disk(8) as disk:
        url = f"sqlite:///{disk.folder / 'store.db'}"
        async with serving(url, tmp_path) as (store, one, process):
            await post(one, "/v1/companies", company("first"))
            disk.fill([process.pid])
            told = await until_told(one)
            await told_to_come_again(one, reads=False)
            assert (await one.get("/v1/companies/first")).status_code == 200
            disk.free()
            await healthy_again(one)
            assert (await post(one, "/v1/companies", company("last"))).status_code == 201
            await are_recorded(store, told | {"last"})
    tell("a full disk", url, acknowledged=len(told) + 1, lost=0, mounted=disk.mounted)


async def test_on_a_full_disk_postgresql_refuses_writes_and_loses_nothing(tmp_path: Path) -> None:
    with small_disk(160) as disk, postgresql(disk.folder) as server:
        async with serving(server.url, tmp_path) as (store, one, _):
            await post(one, "/v1/companies", company("first"))
            disk.fill([process.pid for process in server.processes()])
            told = await until_told(one)
            disk.free()
            async with asyncio.timeout(60):
                while (await one.get("/ready")).status_code != 200:
                    # It stops where it cannot write its log: whoever runs it starts it again when there is room.
                    if not server.processes():
                        await asyncio.to_thread(server.start)
                    await asyncio.sleep(AGAIN)
            assert (await post(one, "/v1/companies", company("last"))).status_code == 201
            await are_recorded(store, told | {"last"})
    tell("a full disk", server.url, acknowledged=len(told) + 1, lost=0, mounted=disk.mounted)
