"""Writers who go on whatever happens to servers, and the proof that nothing they were told is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter

from httpx import AsyncClient, Limits, TransportError
from sqlalchemy import select

from app.ledger.check import check
from app.models.ledger import changes, records
from app.shared.database import Database
from app.transfer.resources import IN_ORDER
from tests.factories import company
from tests.faults.figures import FULL
from tests.ledger.written import post

WRITERS = 8
PATIENCE = 300
"""Seconds without an end after which a test fails."""
AGAIN = 0.05
HEALTHY = 5 if FULL else 60
"""Seconds after a fault in which a server is well again; the shared machines of a submission are given more."""


@dataclass
class Written:
    """What writers were told: the slugs that were acknowledged, and how often they had to ask again, and why."""

    wanted: int
    told: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    broken: int = 0

    async def reached(self, number: int, work: asyncio.Task[None]) -> None:
        """Wait until so many are acknowledged; fail with the work where that has failed."""
        async with asyncio.timeout(PATIENCE):
            while len(self.told) < number:
                if work.done():
                    work.result()
                    return
                await asyncio.sleep(0.005)


@asynccontextmanager
async def clients(ports: Sequence[int], key: dict[str, str]) -> AsyncIterator[list[AsyncClient]]:
    """A client with a key for each server, which lets go of an idle connection before the server does."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                AsyncClient(
                    base_url=f"http://127.0.0.1:{port}", headers=key, timeout=60, limits=Limits(keepalive_expiry=2)
                )
            )
            for port in ports
        ]


async def write(servers: Sequence[AsyncClient], written: Written) -> None:
    """Create companies, some at once, each sent under one Idempotency-Key until a server says that it is recorded."""
    left = iter(range(written.wanted))
    async with asyncio.TaskGroup() as tasks:
        for _ in range(WRITERS):
            tasks.create_task(_write(servers, written, left))


@asynccontextmanager
async def writing(servers: Sequence[AsyncClient], written: Written) -> AsyncIterator[asyncio.Task[None]]:
    """Write while the block runs, and until all is acknowledged."""
    work = asyncio.create_task(write(servers, written))
    try:
        yield work
        await work
    finally:
        work.cancel()
        await asyncio.wait([work])


async def _write(servers: Sequence[AsyncClient], written: Written, left: Iterator[int]) -> None:
    for number in left:
        slug = f"c-{number}"
        for attempt in count(number):
            server = servers[attempt % len(servers)]
            try:
                reply = await post(server, "/v1/companies", company(slug), Idempotency_Key=f"key-{number}")
            except TransportError:
                written.broken += 1
                await asyncio.sleep(AGAIN)
                continue
            if reply.status_code == 201:
                written.told.add(slug)
                break
            # The same request is still under way, or its server or its store went away in the middle of it.
            assert reply.status_code in {409, 503}, reply.text
            assert reply.headers["Retry-After"]
            written.statuses.append(reply.status_code)
            await asyncio.sleep(AGAIN)


async def each_is_recorded_once(store: Database, written: Written) -> None:
    """Fail unless what was acknowledged, and nothing else, is recorded, once, in a store that is whole."""
    await store.close()
    log = select(changes.c.position, records.c.slug).join(records, records.c.id == changes.c.record_id)
    async with store.reading() as connection:
        found = (await connection.execute(log.order_by(changes.c.position))).all()
    assert len(written.told) == written.wanted
    assert sorted(slug for _, slug in found) == sorted(written.told)
    assert [position for position, _ in found] == [*range(1, written.wanted + 1)]
    await is_whole(store)


async def is_whole(store: Database) -> None:
    """Fail with what ``dealgraph check`` would find."""
    # What was connected before a fault may not be now.
    await store.close()
    async with store.snapshot() as connection:
        assert [str(finding) for finding in (await check(connection, IN_ORDER)).findings] == []


async def healthy_again(client: AsyncClient) -> float:
    """Fail unless a server says soon enough that it can be asked; after how many seconds it did."""
    began = perf_counter()
    while True:
        try:
            if (await client.get("/ready", timeout=HEALTHY)).status_code == 200:
                return perf_counter() - began
        except TransportError:
            pass
        assert perf_counter() - began < HEALTHY, "the server is not well again"
        await asyncio.sleep(AGAIN)
