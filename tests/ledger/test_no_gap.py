"""Under many slow writers, and servers that are killed: no change is missed, none comes twice, no write is lost.

``DEALGRAPH_TEST_SCALE=10`` runs these tests in the size that docs/changes.md tells of.
"""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sized
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, TransportError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.companies.repository import COMPANIES
from app.ledger import change_stream
from app.ledger.check import check
from app.ledger.schemas import Record
from app.ledger.transaction import Author, transaction
from app.models.ledger import changes, records
from app.shared.database import Database, is_unavailable
from app.transfer.resources import IN_ORDER
from tests.conftest import serving
from tests.factories import company
from tests.ledger.asking import get
from tests.ledger.keyed import bearer
from tests.ledger.listening import app_on, listening
from tests.ledger.written import post
from tests.server import free_port, started

FULL = int(os.environ.get("DEALGRAPH_TEST_SCALE", "1")) >= 10
WRITERS, CHANGES, RESUMPTIONS = (16, 20_000, 20) if FULL else (8, 600, 20)
ACKNOWLEDGED, KILLS = (1_000, 10) if FULL else (60, 2)
MOST_AT_ONCE = 9
SLOWEST = 0.005
PATIENCE = 300 if FULL else 60
"""Seconds without enough news after which a test fails."""

Seen = list[tuple[int, str, int]]
"""What a reader has been told: position, slug and version of each change, in the order in which they came."""

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("no gap")]


def change_of(shown: dict[str, Any]) -> tuple[int, str, int]:
    """What is compared of a change."""
    return shown["position"], shown["record"]["slug"], shown["version"]


@pytest.fixture
def _slow_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = Database.writing

    @asynccontextmanager
    async def slow(self: Database) -> AsyncIterator[AsyncConnection]:
        async with fast(self) as connection:
            yield connection
            await asyncio.sleep(random.random() * SLOWEST)  # noqa: S311 - no secret

    monkeypatch.setattr(Database, "writing", slow)
    monkeypatch.setattr(change_stream, "LOOK_SECONDS", 0.01)


async def write(store: Database, name: str, left: Iterator[int]) -> None:
    """Create and change companies, some at once, until the last of all changes is taken."""
    version = count()
    while batch := list(islice(left, random.randint(1, MOST_AT_ONCE))):  # noqa: S311 - no secret
        # Every second is one that this writer changes again and again.
        slugs = [f"{name}-new-{number}" if number % 2 else f"{name}-{place}" for place, number in enumerate(batch)]
        stated = [company(slug, description=f"{next(version)}") for slug in slugs]
        while not await written(store, name, [COMPANIES.schema.model_validate(record) for record in stated]):
            pass


async def written(store: Database, name: str, batch: list[Record]) -> bool:
    """Write a batch, unless so many stand in line that this one is told to come again."""
    try:
        async with transaction(store, Author(name)) as one:
            await one.put(COMPANIES, batch)
    except (SQLAlchemyError, OSError) as error:
        if not is_unavailable(error):
            raise
        return False
    return True


async def follow_pages(client: AsyncClient, seen: Seen) -> None:
    """Ask for what comes after what was seen, for good."""
    while True:
        page = await get(client, f"/v1/changes?after={seen[-1][0] if seen else 0}&limit=50")
        seen += [change_of(shown) for shown in page["data"]]
        await asyncio.sleep(0 if page["data"] else change_stream.LOOK_SECONDS)


async def follow_stream(app: Any, seen: Seen) -> None:  # noqa: ANN401 - an app
    """Listen from what was seen on, for good."""
    async with listening(app, last_event_id=str(seen[-1][0] if seen else 0)) as listener:
        while shown := (await listener.change()).change:
            seen.append(change_of(shown))


async def reached(number: int, seen: Sized, work: asyncio.Future[Any]) -> None:
    """Wait until so many are there, or the work that brings them has ended."""
    async with asyncio.timeout(PATIENCE):
        while len(seen) < number and not work.done():  # noqa: ASYNC110 - a list has no event
            await asyncio.sleep(0.005)


async def killed_again_and_again(follow: Callable[[Seen], Any], seen: Seen) -> None:
    """A reader that is killed whenever it has seen some more, and begins anew from what it has kept."""
    for number in range(RESUMPTIONS + 1):
        until = CHANGES * (number + 1) // (RESUMPTIONS + 1)
        reader = asyncio.create_task(follow(seen))
        await reached(until, seen, reader)
        reader.cancel()
        await asyncio.wait([reader])
        if not reader.cancelled():
            reader.result()


@pytest.mark.usefixtures("_slow_commits")
async def test_readers_that_are_killed_and_resumed_see_every_change_once(store: Database, store_url: str) -> None:
    by_page, by_event = Seen(), Seen()
    left = iter(range(CHANGES))
    async with serving(store_url) as client, app_on(store_url) as app:
        await asyncio.gather(
            *(write(store, f"w{number}", left) for number in range(WRITERS)),
            killed_again_and_again(lambda seen: follow_pages(client, seen), by_page),
            killed_again_and_again(lambda seen: follow_stream(app, seen), by_event),
        )
    assert by_page == by_event == await log_of(store)
    assert [position for position, _, _ in by_page] == [*range(1, CHANGES + 1)]


async def log_of(store: Database) -> Seen:
    """All changes as they are kept."""
    query = select(changes.c.position, records.c.slug, changes.c.version).join(
        records, records.c.id == changes.c.record_id
    )
    async with store.reading() as connection:
        return [tuple(row) for row in await connection.execute(query.order_by(changes.c.position))]


@dataclass
class Servers:
    """Two servers on one store, which can be killed and are there again at once."""

    stack: ExitStack
    folder: Path
    env: dict[str, str]
    ports: list[int] = field(default_factory=lambda: [free_port(), free_port()])
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, number: int) -> subprocess.Popen[bytes]:
        """Start one of them; it answers when this returns."""
        program = str(Path(sys.executable).parent / "dealgraph")
        command = [program, "serve", "--no-seed", "--port", str(self.ports[number])]
        return self.stack.enter_context(started(command, self.ports[number], cwd=self.folder, env=self.env))

    async def kill(self, number: int) -> None:
        """Kill one of them with no warning, and start it again."""
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = await asyncio.to_thread(self.start, number)


@pytest.fixture
def servers(store_url: str, tmp_path: Path) -> Iterator[Servers]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DEALGRAPH_")}
    with ExitStack() as stack:
        both = Servers(stack, tmp_path, env | {"DEALGRAPH_DATABASE_URL": store_url})
        both.processes = [both.start(number) for number in range(2)]
        yield both


async def acknowledge(clients: list[AsyncClient], left: Iterator[int], told: set[str]) -> None:
    """Post companies until none is left, each until a server says that it was recorded."""
    for number in left:
        slug = f"c-{number}"
        for attempt in count(number):
            try:
                reply = await post(
                    clients[attempt % 2], "/v1/companies", company(slug), Idempotency_Key=f"key-{number}"
                )
            except TransportError:
                await asyncio.sleep(0.05)
                continue
            if reply.status_code == 201:
                told.add(slug)
                break
            # The same request is still under way, or its server was killed in the middle of it.
            assert reply.status_code in {409, 503}, reply.text
            await asyncio.sleep(0.05)


async def test_no_acknowledged_write_is_lost_when_servers_are_killed(store: Database, servers: Servers) -> None:
    key, told = await bearer(store), set[str]()
    clients = [AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=key, timeout=60) for port in servers.ports]
    left = iter(range(ACKNOWLEDGED))
    writers = asyncio.gather(*(acknowledge(clients, left, told) for _ in range(8)))
    for number in range(KILLS):
        await reached(ACKNOWLEDGED * (number + 1) // (KILLS + 1), told, writers)
        await servers.kill(number % 2)
    await writers
    for client in clients:
        await client.aclose()
    # Each was recorded once, however often it was sent.
    assert sorted(slug for _, slug, version in await log_of(store) if version == 1) == sorted(told)
    assert len(told) == len(await log_of(store)) == ACKNOWLEDGED
    async with store.snapshot() as connection:
        assert [str(finding) for finding in (await check(connection, IN_ORDER)).findings] == []
