"""Two server processes on one store: no write is lost, and what is sent twice is done once."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from httpx import AsyncClient, Limits, Response

from app.shared.database import Database
from app.shared.json import dumps
from tests.factories import company, put
from tests.ledger.keyed import bearer
from tests.ledger.written import JSON, MERGE_PATCH
from tests.server import free_port, served

WRITERS = 50
# The environment raises it: 10 times as many are what the figures of the documents come from.
ROUNDS = 20 * int(os.environ.get("DEALGRAPH_TEST_SCALE", "1"))
URL = "/v1/companies"

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("two processes")]


@pytest.fixture
def servers(store_url: str, tmp_path: Path) -> Iterator[list[str]]:
    """The addresses of two servers on one store."""
    ports = [free_port(), free_port()]
    with ExitStack() as started:
        for port in ports:
            started.enter_context(served(store_url, tmp_path, port))
        yield [f"http://127.0.0.1:{port}" for port in ports]


def clients(servers: list[str], key: dict[str, str]) -> list[AsyncClient]:
    """A client of each server, which lets go of an idle connection before the server does."""
    return [AsyncClient(base_url=one, headers=key, timeout=120, limits=Limits(keepalive_expiry=2)) for one in servers]


async def test_no_acknowledged_write_is_lost(store: Database, servers: list[str]) -> None:
    """Writers count a number up, each from what it has read: as often as one was told that it did, it did."""
    await put(store, companies=[company("counter", description="0")])
    asked = clients(servers, await bearer(store))

    async def count(client: AsyncClient, number: int) -> list[int]:
        return [await counted(client, f"{URL}/counter", patched=bool(number % 2)) for _ in range(ROUNDS)]

    told = await asyncio.gather(*(count(asked[number % 2], number) for number in range(WRITERS)))
    statuses = Counter(status for some in told for status in some)
    now = (await asked[0].get(f"{URL}/counter")).json()
    for client in asked:
        await client.aclose()
    assert set(statuses) <= {200, 412}, statuses
    assert int(now["description"]) == statuses[200] == now["version"] - 1
    assert statuses[200] >= ROUNDS
    assert sum(statuses.values()) == WRITERS * ROUNDS


async def counted(client: AsyncClient, url: str, *, patched: bool) -> int:
    """Read a number and write the next one, by PATCH or by PUT; the status that this was answered with."""
    read = await client.get(url)
    following = {"description": str(int(read.json()["description"]) + 1)}
    condition = {"If-Match": read.headers["ETag"]}
    if patched:
        return (await client.patch(url, content=dumps(following), headers=MERGE_PATCH | condition)).status_code
    return (await client.put(url, content=dumps(read.json() | following), headers=JSON | condition)).status_code


async def test_one_key_sent_many_times_at_once_is_done_once(store: Database, servers: list[str]) -> None:
    asked = clients(servers, await bearer(store))
    stated = dumps({"name": "Acme", "kind": "other"})

    async def send(number: int) -> Response:
        headers = JSON | {"Idempotency-Key": "once"}
        return await asked[number % 2].post(URL, content=stated, headers=headers)

    replies = await asyncio.gather(*(send(number) for number in range(50)))
    again = [await send(number) for number in range(2)]
    listed = (await asked[0].get(URL)).json()["data"]
    for client in asked:
        await client.aclose()
    done = [reply for reply in replies if reply.status_code == 201]
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert all(reply.headers["Retry-After"] for reply in replies if reply.status_code == 409)
    assert len([reply for reply in done if "Idempotency-Replayed" not in reply.headers]) == 1
    assert len({reply.content for reply in [*done, *again]}) == 1
    assert [reply.headers["Idempotency-Replayed"] for reply in again] == ["true", "true"]
    assert [one["slug"] for one in listed] == ["acme"]
