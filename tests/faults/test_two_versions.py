"""The code before and this one, each a server of its own, write to one store of the newest schema at once."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from json import loads
from pathlib import Path

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.factories import company, put
from tests.faults.figures import tell
from tests.faults.writing import Written, clients, each_is_recorded_once, is_whole, write
from tests.ledger.keyed import bearer
from tests.ledger.test_two_processes import counted
from tests.server import free_port, served

WRITES = 200 * int(os.environ.get("DEALGRAPH_TEST_SCALE", "1"))
COUNTERS = 8

pytestmark = [pytest.mark.upgrade, pytest.mark.xdist_group("two versions")]


@pytest.fixture
def ports(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The ports of a server of the code in DEALGRAPH_CODE_BEFORE, and of one of this; the schema is the newest."""
    before, its, ours = os.environ["DEALGRAPH_CODE_BEFORE"], free_port(), free_port()
    assert Path(before, "app", "main.py").is_file(), "else both servers would run this code"
    with ExitStack() as servers:
        with monkeypatch.context() as there:
            there.setenv("PYTHONPATH", before)
            servers.enter_context(served(store_url, tmp_path, its))
        servers.enter_context(served(store_url, tmp_path, ours))
        yield [its, ours]


async def test_both_write_and_nothing_that_either_acknowledged_is_lost(
    store: Database, store_url: str, ports: list[int]
) -> None:
    written = Written(WRITES)
    async with clients(ports, await bearer(store)) as servers:
        await write(servers, written)
        read = [await server.get("/v1/export") for server in servers]
    assert [{loads(line)["slug"] for line in reply.text.splitlines()} for reply in read] == [written.told] * 2
    await each_is_recorded_once(store, written)
    tell("two versions at once", store_url, writes=WRITES, sent_again=len(written.statuses), failed=0)


async def test_both_change_the_same_record_each_from_what_it_read(
    store: Database, store_url: str, ports: list[int]
) -> None:
    await put(store, companies=[company("counter", description="0")])
    async with clients(ports, await bearer(store)) as servers:

        async def count(server: AsyncClient, number: int) -> list[int]:
            url, patched = "/v1/companies/counter", bool(number % 4 // 2)
            return [await counted(server, url, patched=patched) for _ in range(WRITES // COUNTERS)]

        told = await asyncio.gather(*(count(servers[number % 2], number) for number in range(COUNTERS)))
        now = [(await server.get("/v1/companies/counter")).json() for server in servers]
    by_version = [Counter(status for some in told[which::2] for status in some) for which in range(2)]
    statuses = by_version[0] + by_version[1]
    assert set(statuses) <= {200, 412}, statuses
    assert all(its[200] for its in by_version), by_version
    assert now[0] == now[1]
    assert int(now[0]["description"]) == statuses[200] == now[0]["version"] - 1
    await is_whole(store)
    tell("two versions, one record", store_url, writes=sum(statuses.values()), changed=statuses[200], failed=0)
