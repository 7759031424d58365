"""Under many slow writers and readers that are killed: no change is missed, none comes twice.

``DEALGRAPH_TEST_SCALE=10`` runs these tests in the size that docs/changes.md tells of.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sized
from contextlib import asynccontextmanager
from itertools import count, islice
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.companies.repository import COMPANIES
from app.ledger import change_stream
from app.ledger.schemas import Record
from app.ledger.transaction import Author, transaction
from app.models.ledger import changes, records
from app.shared.database import Database
from app.shared.unavailable import is_unavailable
from tests.conftest import serving
from tests.factories import company
from tests.faults.figures import FULL
from tests.ledger.asking import get
from tests.ledger.listening import app_on, listening

WRITERS, CHANGES, RESUMPTIONS = (16, 20_000, 20) if FULL else (8, 600, 20)
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
