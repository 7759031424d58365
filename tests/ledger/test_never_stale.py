"""What one server has acknowledged every server tells, although answers are kept: read right after each write.

``DEALGRAPH_TEST_SCALE=10`` does it 10,000 times.
"""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.json import dumps
from tests.factories import company, put
from tests.ledger.keyed import bearer
from tests.ledger.test_two_processes import clients, servers
from tests.ledger.written import MERGE_PATCH

FULL = int(os.environ.get("DEALGRAPH_TEST_SCALE", "1")) >= 10
WRITERS = 8
PAIRS = 10_000 if FULL else 400
"""Writes, each followed by reads of what it wrote."""
URL = "/v1/companies"

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("two processes")]
__all__ = ["servers"]


@pytest.fixture
async def asked(store: Database, servers: list[str]) -> AsyncIterator[tuple[list[AsyncClient], list[AsyncClient]]]:
    """Clients that write to each of the servers, and clients without a key, whose answers are kept."""
    writing, reading = clients(servers, await bearer(store)), clients(servers, {})
    yield writing, reading
    for client in (*writing, *reading):
        await client.aclose()


async def test_what_was_acknowledged_is_read_from_both_servers(
    store: Database, asked: tuple[list[AsyncClient], list[AsyncClient]]
) -> None:
    await put(store, companies=[company(f"c-{number}", description="0") for number in range(WRITERS)])
    told = await asyncio.gather(*(written_and_read(*asked, number) for number in range(WRITERS)))
    assert sum(map(len, told)) == PAIRS * 4
    assert [one for some in told for one in some if one[0] != one[1]] == []


async def written_and_read(
    writing: list[AsyncClient], reading: list[AsyncClient], number: int
) -> list[tuple[int, int]]:
    """Write a number to a record again and again through either server: what was written, and what each then tells."""
    told, slug = [], f"c-{number}"
    for count in range(1, PAIRS // WRITERS + 1):
        change = dumps({"description": str(count)})
        headers = MERGE_PATCH | {"If-Match": f'"{count}"'}
        reply = await writing[count % 2].patch(f"{URL}/{slug}", content=change, headers=headers)
        assert reply.status_code == 200, reply.text
        for client in reading:
            record, listed = await client.get(f"{URL}/{slug}"), await client.get(f"{URL}?slug={slug}")
            told += [(count, int(record.json()["description"]))]
            told += [(count, int(one["description"])) for one in listed.json()["data"]]
    return told
