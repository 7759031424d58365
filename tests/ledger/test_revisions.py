"""One read of the revision for all who ask at once, and never one that began before somebody asked."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from app.ledger.revisions import Revisions
from app.shared.database import Database
from app.shared.settings import Settings
from tests.factories import company, put


class Slow:
    """A store whose revision goes up with each read, which takes until it is let go."""

    asks_primary = False
    local = None

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.reads = 0
        self.error: Exception | None = None

    async def lookup(self, *_: object) -> tuple[int]:
        self.reads += 1
        number = self.reads
        await self.let_go.wait()
        if self.error:
            raise self.error
        return (number,)


@pytest.fixture
def slow() -> Slow:
    return Slow()


async def asked(revisions: Revisions, times: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(revisions.now()) for _ in range(times)]
    await asyncio.sleep(0.01)
    return tasks


async def test_who_asks_while_a_read_is_under_way_is_told_of_the_next_one(slow: Slow) -> None:
    revisions = Revisions(slow)  # type: ignore[arg-type]
    first = await asked(revisions, 5)
    later = await asked(revisions, 7)
    assert slow.reads == 1
    slow.let_go.set()
    assert [await one for one in (*first, *later)] == [1] * 5 + [2] * 7
    assert slow.reads == 2


async def test_who_waits_in_no_task_is_told_of_the_next_read_too_and_of_what_goes_wrong(slow: Slow) -> None:
    revisions, told = Revisions(slow), list[int | Exception]()  # type: ignore[arg-type]
    first = await asked(revisions, 1)
    revisions.tell(told.append)
    assert slow.reads == 1
    slow.let_go.set()
    assert [await one for one in first] == [1]
    await asyncio.sleep(0.01)
    slow.error = OSError("away")
    revisions.tell(told.append)
    await asyncio.sleep(0.01)
    assert told == [2, slow.error]


async def test_who_goes_away_leaves_the_others_their_answer(slow: Slow) -> None:
    revisions = Revisions(slow)  # type: ignore[arg-type]
    gone, stays = await asked(revisions, 2)
    gone.cancel()
    slow.let_go.set()
    assert await stays == 1


async def test_a_store_that_is_away_is_told_to_all_and_asked_again(slow: Slow) -> None:
    revisions = Revisions(slow)  # type: ignore[arg-type]
    slow.error = OSError("away")
    tasks = await asked(revisions, 3)
    slow.let_go.set()
    assert all(isinstance(one, OSError) for one in await asyncio.gather(*tasks, return_exceptions=True))
    slow.error = None
    assert await revisions.now() == 2


@pytest.fixture
def revisions(store: Database) -> Revisions:
    return Revisions(store)


async def test_it_tells_of_every_write_from_the_moment_that_it_was_acknowledged(
    store: Database, revisions: Revisions
) -> None:
    for number in range(1, 30):
        await put(store, companies=[company("acme", name=f"Acme {number}")])
        assert await revisions.now() == number


async def test_a_file_that_is_locked_is_asked_in_the_ordinary_way_which_waits(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.executescript("CREATE TABLE store (revision INTEGER); INSERT INTO store VALUES (7);")
    database = Database(Settings(database_url=f"sqlite:///{path}"))
    revisions = Revisions(database)
    other.execute("BEGIN EXCLUSIVE")
    waiting, told = asyncio.create_task(revisions.now()), list[int | Exception]()
    revisions.tell(told.append)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    assert not told
    other.execute("COMMIT")
    other.close()
    assert await waiting == await revisions.now() == 7
    assert told == [7]
    await database.close()


async def test_where_there_is_no_file_none_is_made(tmp_path: Path) -> None:
    database = Database(Settings(database_url=f"sqlite:///{tmp_path}/folder/store.db"))
    with pytest.raises(Exception, match="unable to open"):
        await Revisions(database).now()
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - no coroutine may wait for a Path
    await database.close()
