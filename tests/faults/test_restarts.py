"""Servers that are told to stop while many ask: what they have begun they end, and somebody is always there."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from time import perf_counter

import psutil
import pytest
from httpx import AsyncClient, Response, TransportError

from app.shared.database import Database
from tests.factories import company, put
from tests.faults.figures import FULL, tell
from tests.faults.writing import AGAIN, PATIENCE, Written, clients, each_is_recorded_once, is_whole, writing
from tests.ledger.keyed import bearer
from tests.ledger.written import place
from tests.server import free_port, served

RESTARTS = 20 if FULL else 1
GIVEN_UP = 35
DRAINED = 10
"""Seconds in which a server that is told to stop has ended."""

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults: restarts")]


async def idempotent(one: AsyncClient, number: int, told: Counter[str]) -> None:
    """One request that may be sent again where the connection ended with no reply (RFC 9110, 9.2.2), as clients do."""
    for attempt in range(3):
        try:
            reply = await _ask(one, number)
        except TransportError:
            told["sent again"] += 1
            assert attempt < 2, "nobody was there"
        else:
            told[str(reply.status_code)] += 1
            return


async def _ask(one: AsyncClient, number: int) -> Response:
    if number % 3:
        return await one.get("/v1/companies/acme")
    return await place(one, "/v1/companies/acme", company("acme", description=f"{number}"), If_Match="*")


async def test_no_idempotent_request_fails_while_the_processes_of_a_server_are_replaced(
    store: Database, store_url: str, tmp_path: Path
) -> None:
    await put(store, companies=[company("acme")])
    told, port, going = Counter[str](), free_port(), True

    async def ask(one: AsyncClient, first: int) -> None:
        number = first
        while going:
            await idempotent(one, number, told)
            number += 1

    with served(store_url, tmp_path, port, "--workers", "2") as process:
        async with clients([port], await bearer(store)) as (one,), asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(ask(one, first)) for first in range(8)]
            for _ in range(RESTARTS):
                await replaced(process, work)
            going = False
    assert set(told) <= {"200", "sent again"}, told
    assert told["200"] > 10 * RESTARTS
    await is_whole(store)
    tell(
        "rolling restarts", store_url, restarts=RESTARTS, requests=told["200"], sent_again=told["sent again"], failed=0
    )


async def replaced(process: Popen[bytes], work: Sequence[asyncio.Future[None]]) -> None:
    """Have both processes of a server replaced by new ones."""
    before, asked = workers_of(process), 0.0
    async with asyncio.timeout(PATIENCE):
        while len(now := workers_of(process)) != 2 or now & before:
            assert not any(one.done() for one in work)
            # A new one that is not there in time is given up, and the old one stays: it is asked for again.
            if now == before and perf_counter() - asked > GIVEN_UP:
                process.send_signal(signal.SIGHUP)
                asked = perf_counter()
            await asyncio.sleep(AGAIN)


def workers_of(process: Popen[bytes]) -> set[int]:
    """The processes of a server that answer, of which each has a spawned interpreter."""
    with suppress(psutil.NoSuchProcess):
        return {
            child.pid for child in psutil.Process(process.pid).children() if "spawn_main" in " ".join(child.cmdline())
        }
    return set()


async def test_a_server_that_is_told_to_stop_ends_what_it_has_begun_and_is_gone_in_time(
    store: Database, store_url: str, tmp_path: Path
) -> None:
    written, ports = Written(300), [free_port(), free_port()]
    with served(store_url, tmp_path, ports[0]), served(store_url, tmp_path, ports[1]) as ending:
        async with clients(ports, await bearer(store)) as both, AsyncClient(timeout=60) as listening:
            stream = f"http://127.0.0.1:{ports[1]}/v1/changes/stream"
            async with listening.stream("GET", stream) as events, writing(both, written) as work:
                await written.reached(100, work)
                began = perf_counter()
                os.kill(ending.pid, signal.SIGTERM)
                async for _ in events.aiter_bytes():
                    pass
                code = await asyncio.to_thread(ending.wait, DRAINED)
                took = perf_counter() - began
    assert code in {0, -signal.SIGTERM}
    await each_is_recorded_once(store, written)
    tell("told to stop under load", store_url, seconds=round(took, 2), writes=written.wanted)
