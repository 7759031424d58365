"""While the worst that can be asked is asked twenty times at once, a read of one record still comes in time."""

import asyncio
import contextlib
import re
from collections import Counter
from itertools import count
from pathlib import Path
from time import perf_counter

import pytest
from httpx import AsyncClient, HTTPError
from sqlalchemy import text

from app.shared.database import Database
from app.shared.json import dumps
from app.shared.settings import Settings
from tests.factories import citation, company, contract, put, source
from tests.faults.figures import FULL, tell
from tests.faults.writing import clients
from tests.graph.large_world import fill
from tests.ledger.keyed import bearer
from tests.ledger.written import JSON
from tests.server import free_port, served

SECONDS = 60 if FULL else 6
READS_EVERY = 0.02
LATEST = 0.5
"""Seconds within which 99 of 100 reads have to be answered; the shared machines of a submission are given more."""
PATIENCE = LATEST if FULL else 4 * LATEST

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

WORST = (
    "/v1/companies/hub/dependents?depth=8",
    "/v1/companies/d00/dependencies?depth=8",
    "/v1/companies/d00/dependencies?depth=8&format=graphml",
    "/v1/companies/d00/dependencies?depth=8&format=text",
    "/v1/companies/d00/dependencies?depth=8&format=svg",
    "/v1/companies/hub/dependencies/diff?from=2019-01-01&to=2025-06-01",
    "/v1/companies/d00/exposure",
    "/v1/companies/hub/exposure",
    "/v1/companies/hub/impact?depth=8",
    "/v1/compare?company=hub&company=d00",
    "/v1/paths?from=d00&to=d59&max_depth=8&limit=100",
    "/v1/loops?max_length=6&limit=1000",
    "/v1/loops?by=dependency&max_length=6&company=d00&limit=1000",
    "/v1/rankings?by=contract_value",
    "/v1/rankings?by=sole_source",
    "/v1/search?q=supplies",
    "/v1/contracts?title__contains=x&facets=kind,stage&count=true&limit=1000",
    "/v1/export",
    "/v1/export?format=ftm",
    "/loops?max_length=6",
)
"""Twenty, each of a client that asks it again and again; the day differs, so that no reader has the answer already."""


GRAPH = re.compile("/(dependencies|dependents|exposure|impact|compare|paths|loops|rankings)([?]|$)")


async def made_large(url: str) -> dict[str, str]:
    """Fill a store with the worst for the graph, and with records to read and search; return a key's header."""
    store = Database(Settings(database_url=url))
    await fill(store)
    names = [f"read-{number}" for number in range(2_000)]
    contracts = [
        contract(slug=f"deal-{number}", parties=_parties(one, names[-number]), citations=[citation()])
        for number, one in enumerate(names[:1_000])
    ]
    await put(store, sources=[source()], companies=[company(name) for name in names], contracts=contracts)
    async with store.writing() as connection:
        await connection.execute(text("ANALYZE"))
    key = await bearer(store)
    await store.close()
    return key


def _parties(one: str, other: str) -> list[dict[str, str]]:
    return [{"company": one, "role": "supplier"}, {"company": other, "role": "customer"}]


async def ask_again_and_again(client: AsyncClient, question: str, answers: Counter[int], until: float) -> None:
    """Ask the worst question until it is enough; one that is told to come again comes again a little later."""
    for number in count():
        if perf_counter() > until:
            return
        day = f"as_of=2025-06-{number % 28 + 1:02}" if GRAPH.search(question) else ""
        with contextlib.suppress(HTTPError):
            reply = await client.get(f"{question}{'&' if '?' in question else '?'}{day}".rstrip("?&"))
            answers[reply.status_code] += 1
            if reply.status_code == 503:
                assert reply.headers["Retry-After"]
                await asyncio.sleep(0.2)


async def match_again_and_again(client: AsyncClient, answers: Counter[int], until: float) -> None:
    names = dumps({"names": [f"Read {number} Inc" for number in range(1_000)]})
    while perf_counter() < until:
        answers[(await client.post("/v1/match", content=names, headers=JSON)).status_code] += 1


async def read_now_and_then(client: AsyncClient, took: list[float], until: float) -> None:
    """Read one record after the other; how long each took, in seconds."""
    for number in count():
        began = perf_counter()
        if began > until:
            return
        reply = await client.get(f"/v1/companies/read-{number % 2_000}")
        took.append(perf_counter() - began)
        assert reply.status_code == 200, reply.text
        await asyncio.sleep(READS_EVERY)


async def test_an_honest_read_is_answered_in_time_while_the_worst_is_asked(store_url: str, tmp_path: Path) -> None:
    key, port = await made_large(store_url), free_port()
    answers, took = Counter[int](), list[float]()
    with served(store_url, tmp_path, port, kept_bytes=0):
        async with clients([port], key) as (worst,), clients([port], {}) as (honest,):
            until = perf_counter() + SECONDS
            async with asyncio.TaskGroup() as tasks:
                for question in WORST:
                    tasks.create_task(ask_again_and_again(worst, question, answers, until))
                tasks.create_task(match_again_and_again(worst, answers, until))
                tasks.create_task(read_now_and_then(honest, took, until))
    took.sort()
    p99 = took[len(took) * 99 // 100]
    tell("an honest read in time", store_url, reads=len(took), p99_ms=round(1_000 * p99), worst=dict(answers))
    assert set(answers) <= {200, 503}, answers
    assert answers[200] >= len(WORST)
    assert p99 < PATIENCE
