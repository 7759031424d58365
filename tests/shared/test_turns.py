"""Lines for dear questions: who waits is served in order, and who cannot be is told so at once or in time."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from app.shared import turns
from app.shared.errors import Unavailable
from app.shared.turns import Line, Turns

LINE = Line("a test", at_once=2, waiting=1)


async def test_as_many_as_may_are_served_at_once_and_the_others_in_order() -> None:
    line, served = Turns(Line("a test", at_once=1, waiting=9)), list[int]()

    async def serve(number: int) -> None:
        async with line.taken():
            await asyncio.sleep(0)
            served.append(number)

    await asyncio.gather(*map(serve, range(10)))
    assert served == [*range(10)]


async def test_where_too_many_wait_the_next_is_told_at_once() -> None:
    line = Turns(LINE)
    async with line.taken(), line.taken():
        waiting = asyncio.create_task(AsyncExitStack().enter_async_context(line.taken()))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as told:
            await AsyncExitStack().enter_async_context(line.taken())
    assert told.value.headers["Retry-After"]
    await waiting


async def test_nobody_has_to_wait_where_nobody_may_but_there_is_room() -> None:
    line = Turns(Line("a test", at_once=1, waiting=0))
    for _ in range(2):
        async with line.taken():
            with pytest.raises(Unavailable):
                await AsyncExitStack().enter_async_context(line.taken())


async def test_whose_turn_does_not_come_in_time_is_told_and_leaves_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    line = Turns(LINE)
    async with line.taken(), line.taken():
        for _ in range(3):
            with pytest.raises(Unavailable):
                await AsyncExitStack().enter_async_context(line.taken())
    async with line.taken(), line.taken():
        pass


async def test_a_client_that_goes_away_while_it_waits_or_is_served_leaves_its_place() -> None:
    line = Turns(LINE)

    async def for_good() -> None:
        async with line.taken():
            await asyncio.Event().wait()

    clients = [asyncio.create_task(for_good()) for _ in range(3)]
    await asyncio.sleep(0)
    for client in clients:
        client.cancel()
    await asyncio.wait(clients)
    async with line.taken(), line.taken():
        pass
