"""Who asks the same at once is told by one read, that began after all of them had asked."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from app.shared.observing.statements import Asker, asked, asking_for
from app.shared.together import Together


class Store:
    """A store of one value, whose reads wait until they are let go."""

    def __init__(self) -> None:
        self.value: int | Exception = 1
        self.reads: list[str] = []
        self.begun, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def ask(self, question: str) -> int:
        found = self.value
        self.reads.append(question)
        self.begun.set()
        asked("SELECT", "postgresql")
        await self.open.wait()
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def store() -> Store:
    return Store()


async def begun(store: Store, asking: Coroutine[Any, Any, int]) -> asyncio.Task[int]:
    """A question whose read is under way, and waits."""
    store.open.clear()
    one = asyncio.create_task(asking)
    await store.begun.wait()
    return one


async def test_what_is_asked_at_once_is_read_once_and_what_else_is_apart(store: Store) -> None:
    together = Together(store.ask)
    answers = await asyncio.gather(*(together.answer(question) for question in ("a", "a", "b", "a")))
    assert (answers, sorted(store.reads)) == ([1, 1, 1, 1], ["a", "b"])


async def test_who_comes_while_it_is_read_is_told_what_was_written_before(store: Store) -> None:
    together = Together(store.ask)
    early = await begun(store, together.answer("a"))
    store.value = 2
    late = [asyncio.create_task(together.answer("a")) for _ in range(2)]
    await asyncio.sleep(0)
    store.open.set()
    assert (await early, await asyncio.gather(*late), store.reads) == (1, [2, 2], ["a", "a"])


async def test_all_who_wait_are_told_of_a_fault_and_the_next_asks_again(store: Store) -> None:
    together = Together(store.ask)
    store.value = ConnectionError("away")
    found = await asyncio.gather(*(together.answer("a") for _ in range(2)), return_exceptions=True)
    assert [str(error) for error in found] == ["away", "away"]
    store.value = 3
    assert (await together.answer("a"), len(store.reads)) == (3, 2)


async def test_who_goes_away_takes_nobody_along(store: Store) -> None:
    together = Together(store.ask)
    first = await begun(store, together.answer("a"))
    others = [asyncio.create_task(together.answer("a")) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    others[0].cancel()
    store.open.set()
    assert await others[1] == 1
    assert first.cancelled()
    assert others[0].cancelled()


async def test_a_read_counts_for_each_who_waited_for_it(store: Store) -> None:
    together, askers = Together(store.ask), [Asker(), Asker()]

    async def ask(one: Asker) -> int:
        with asking_for([one]):
            return await together.answer("a")

    await asyncio.gather(*map(ask, askers))
    assert ([one.queries for one in askers], len(store.reads)) == ([1, 1], 1)
