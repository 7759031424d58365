"""The store when it is away, locked, slow or asked wrongly, and when it is back."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg
import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.companies import companies
from app.shared import engines
from app.shared.chunks import in_chunks
from app.shared.database import Database
from app.shared.unavailable import is_unavailable, reason
from tests.conftest import serving
from tests.factories import company, put
from tests.server import free_port

on_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def assert_unavailable(reply: Response) -> None:
    """A 503 that says when to ask again, and not where the store is."""
    assert reply.status_code == 503, reply.text
    assert reply.headers["Retry-After"] == "2"
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json()["detail"] == "the store cannot answer now; ask again in a moment"


async def assert_available(client: AsyncClient) -> None:
    """The store answers."""
    reply = await client.get("/v1/companies")
    assert reply.status_code == 200, reply.text


async def run(store: Database, statement: str) -> None:
    """Read, for the sake of how it fails."""
    async with store.reading() as connection:
        await connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    ["SELEC 1", "SELECT nothing", "SELECT * FROM nowhere", "INSERT INTO store (id, revision) VALUES (2, 0)"],
)
async def test_a_statement_that_is_wrong_is_not_blamed_on_the_store(store: Database, statement: str) -> None:
    with pytest.raises(DBAPIError) as failed:
        await run(store, statement)
    assert not is_unavailable(failed.value)


async def test_the_reason_that_is_logged_is_one_line_without_the_statement(store: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        await run(store, "SELECT nothing FROM store WHERE id < 0")
    assert "WHERE id < 0" in str(failed.value)
    assert "nothing" in reason(failed.value)
    assert "WHERE" not in reason(failed.value)


async def test_a_snapshot_sees_one_state_and_keeps_nobody_from_writing(store: Database) -> None:
    await put(store, companies=[company("a")])
    async with store.snapshot() as connection:
        assert await how_many(connection) == 1
        await put(store, companies=[company("b")])
        assert await how_many(connection) == 1
    async with store.reading() as connection:
        assert await how_many(connection) == 2


async def how_many(connection: AsyncConnection) -> int:
    """The companies that a connection sees."""
    return (await connection.scalar(select(func.count()).select_from(companies))) or 0


async def test_a_reading_connection_sees_what_was_committed_since_it_was_taken(store: Database) -> None:
    async with store.reading() as connection:
        assert await how_many(connection) == 0
        await put(store, companies=[company("a")])
        assert await how_many(connection) == 1


async def test_a_store_that_is_not_there_is_a_503_and_health_says_that_we_are() -> None:
    async with serving(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing") as client:
        for path in ("/v1/companies", "/v1/companies/openai", "/v1/companies/openai/dependencies", "/ready"):
            assert_unavailable(await client.get(path))
        assert (await client.get("/health")).status_code == 200


@asynccontextmanager
async def administering(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the server of a store, in another database."""
    connection = await asyncpg.connect(make_url(url).set(database="postgres").render_as_string(hide_password=False))
    yield connection
    await connection.close()


async def end_connections(administrator: asyncpg.Connection, url: str) -> None:
    """End all connections to a store, as a restart of the server would."""
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    await administrator.execute(ending, make_url(url).database)


@on_postgresql
async def test_after_a_restart_of_the_server_we_recover(store_url: str, client: AsyncClient) -> None:
    await asyncio.gather(*(assert_available(client) for _ in range(5)))
    async with administering(store_url) as administrator:
        await end_connections(administrator, store_url)
    await client.get("/v1/companies")
    await asyncio.gather(*(assert_available(client) for _ in range(5)))


@on_postgresql
async def test_while_the_server_refuses_connections_we_say_so_and_then_recover(
    store_url: str, client: AsyncClient
) -> None:
    await assert_available(client)
    database = make_url(store_url).database
    async with administering(store_url) as administrator:
        await administrator.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        await end_connections(administrator, store_url)
        for _ in range(3):
            assert_unavailable(await client.get("/v1/companies"))
        await administrator.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')
    await assert_available(client)


@on_postgresql
@pytest.mark.parametrize("wrong", [{"database": "no-such-database"}, {"username": "no-such-role"}])
async def test_a_store_that_lets_us_not_in_is_unavailable(store_url: str, wrong: dict[str, str]) -> None:
    url = make_url(store_url).set(**wrong).render_as_string(hide_password=False)  # type: ignore[arg-type]
    async with serving(url) as client:
        assert_unavailable(await client.get("/v1/companies"))


@asynccontextmanager
async def locked(store: Database) -> AsyncIterator[None]:
    """While nobody can read companies."""
    async with store.writing() as connection:
        await connection.execute(text("LOCK TABLE companies IN ACCESS EXCLUSIVE MODE"))
        yield


@on_postgresql
async def test_a_read_that_takes_too_long_is_a_503(store: Database, store_url: str) -> None:
    async with serving(store_url, statement_timeout_ms=50) as client:
        async with locked(store):
            assert_unavailable(await client.get("/v1/companies"))
        await assert_available(client)


@on_postgresql
async def test_when_all_connections_are_taken_the_next_is_told_so(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CONNECT_SECONDS", 0.2)
    async with serving(store_url, pool_size=1, kept_bytes=0) as client:
        await assert_available(client)
        async with locked(store):
            waiting = asyncio.create_task(client.get("/v1/companies"))
            await asyncio.sleep(0.05)
            assert_unavailable(await client.get("/v1/companies"))
        assert (await waiting).status_code == 200


def file_of(url: str) -> Path:
    """The file of a SQLite store."""
    return Path(make_url(url).database or "")


@on_sqlite
async def test_a_file_that_cannot_be_opened_is_a_503_until_it_can(store_url: str, client: AsyncClient) -> None:
    path = file_of(store_url)
    kept = path.rename(path.with_suffix(".kept"))
    path.mkdir()
    assert_unavailable(await client.get("/v1/companies"))
    path.rmdir()
    kept.rename(path)
    await assert_available(client)


@on_sqlite
async def test_a_file_that_is_no_database_is_a_503(store_url: str, client: AsyncClient) -> None:
    file_of(store_url).write_bytes(b"not a database" * 500)
    assert_unavailable(await client.get("/v1/companies"))


@on_sqlite
async def test_a_locked_file_is_a_503_until_it_is_free(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LOCKED_MS", 20)
    async with serving(store_url) as client:
        with closing(sqlite3.connect(file_of(store_url))) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            assert_unavailable(await client.get("/v1/companies"))
        await assert_available(client)


@on_sqlite
async def test_while_another_process_writes_we_read_on_and_our_writes_wait_their_turn(
    store: Database, store_url: str, client: AsyncClient
) -> None:
    with closing(sqlite3.connect(file_of(store_url))) as other:
        other.execute("BEGIN IMMEDIATE")
        await assert_available(client)
        writing = asyncio.create_task(put(store, companies=[company("a")]))
        await asyncio.sleep(0.05)
        assert not writing.done()
        other.execute("ROLLBACK")
        assert (await writing).revision == 1


def test_chunks_hold_everything_in_order() -> None:
    assert [list(chunk) for chunk in in_chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(in_chunks([], 2)) == []


@on_sqlite
async def test_writers_of_a_process_stand_in_line_and_wait_no_longer_than_sqlite_would(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[int] = []

    async def write(number: int) -> None:
        async with store.writing():
            order.append(number)

    async with store.writing():
        waiting = [asyncio.create_task(write(number)) for number in range(30)]
        await asyncio.sleep(0)
        assert store.writer.pool.checkedout() == 1  # type: ignore[attr-defined]
        monkeypatch.setattr(engines, "LOCKED_MS", 0)
        with pytest.raises(TimeoutError) as late:
            await write(-1)
        assert is_unavailable(late.value)
    await asyncio.gather(*waiting)
    assert order == list(range(30))


@on_postgresql
async def test_no_plan_is_kept_of_what_is_asked_with_other_values(store: Database) -> None:
    """After five times PostgreSQL would take one that suits any value: a hundred times slower for a rare one."""
    async with store.reading() as connection:
        for number in range(7):
            await connection.execute(text("SELECT CAST(:number AS integer)"), {"number": number})
        kept = await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
    assert kept == 0


@on_postgresql
async def test_a_connection_notices_that_its_server_is_gone(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write under way, which no time limit ends, would wait for it for ever."""
    watched: list[asyncio.Transport] = []
    monkeypatch.setattr("app.shared.driver.notice_loss", watched.append)
    async with store.writing():
        assert [one.get_extra_info("socket").fileno() > 0 for one in watched] == [True]
