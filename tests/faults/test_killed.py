"""Servers and databases that are killed with no warning, again and again, while many write."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import pytest

from app.shared.database import Database
from tests.faults.conftest import migrated
from tests.faults.figures import FULL, tell
from tests.faults.postgresql import Postgresql
from tests.faults.writing import Written, clients, each_is_recorded_once, healthy_again, writing
from tests.ledger.keyed import bearer
from tests.server import free_port, served

WRITES, KILLS = (10_000, 20) if FULL else (80, 2)

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults: killed")]


@dataclass
class Servers:
    """Two servers on one store, which can be killed and are there again at once."""

    stack: ExitStack
    url: str
    folder: Path
    ports: list[int] = field(default_factory=lambda: [free_port(), free_port()])
    processes: list[Popen[bytes]] = field(default_factory=list)

    def start(self, number: int) -> Popen[bytes]:
        """Start one of them; it answers when this returns."""
        return self.stack.enter_context(served(self.url, self.folder, self.ports[number]))

    async def kill(self, number: int) -> None:
        """Kill one of them with no warning, and start it again."""
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = await asyncio.to_thread(self.start, number)


@pytest.fixture
def servers(store_url: str, tmp_path: Path) -> Iterator[Servers]:
    with ExitStack() as stack:
        both = Servers(stack, store_url, tmp_path)
        both.processes = [both.start(number) for number in range(2)]
        yield both


async def test_no_acknowledged_write_is_lost_when_servers_are_killed(store: Database, servers: Servers) -> None:
    written = Written(WRITES)
    async with clients(servers.ports, await bearer(store)) as both, writing(both, written) as work:
        for number in range(KILLS):
            await written.reached(WRITES * (number + 1) // (KILLS + 1), work)
            await servers.kill(number % 2)
            await healthy_again(both[number % 2])
    await each_is_recorded_once(store, written)
    tell("servers killed", servers.url, writes=WRITES, kills=KILLS, broken=written.broken)


@pytest.fixture
async def own_store(own_server: Postgresql) -> AsyncIterator[Database]:
    store = await migrated(own_server.url)
    yield store
    await store.close()


async def test_no_acknowledged_write_is_lost_when_postgresql_is_killed(
    own_server: Postgresql, own_store: Database, tmp_path: Path
) -> None:
    written, port = Written(WRITES), free_port()
    with served(own_server.url, tmp_path, port):
        async with clients([port], await bearer(own_store)) as (one,), writing([one], written) as work:
            for number in range(KILLS):
                await written.reached(WRITES * (number + 1) // (KILLS + 1), work)
                own_server.kill()
                await asyncio.to_thread(own_server.start)
                await healthy_again(one)
    await each_is_recorded_once(own_store, written)
    asked_again = len(written.statuses)
    assert asked_again
    tell("PostgreSQL killed", own_server.url, writes=WRITES, kills=KILLS, told_503=asked_again)
