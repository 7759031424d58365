"""Dear questions wait their turn, so that many of them at once keep nobody else from being answered.

They take threads and connections to the store, of which there are few. Whoever waits holds neither.
"""

from asyncio import Semaphore, timeout
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Depends, Request

from app.shared.errors import Unavailable

PATIENCE: Final = 10.0
"""Seconds after which somebody whose turn has not come is told to ask again."""


@dataclass(frozen=True)
class Line:
    """How many of a kind of question are answered at once, and how many more may wait."""

    name: str
    at_once: int
    waiting: int


# Python works on one at a time however many are taken: a second one uses what the first leaves while it asks the store.
GRAPH: Final = Line("graph", at_once=2, waiting=30)
NEAR: Final = Line("near", at_once=6, waiting=200)
SEARCH: Final = Line("search", at_once=4, waiting=60)
UPLOADS: Final = Line("uploads", at_once=8, waiting=24)
IMPORTS: Final = Line("imports", at_once=2, waiting=6)
EXPORTS: Final = Line("exports", at_once=50, waiting=0)
CHUNKS: Final = Line("chunks of exports", at_once=2, waiting=EXPORTS.at_once)


@dataclass
class Turns:
    """The line of one process for one kind of question."""

    line: Line
    _waiting: int = 0
    _free: Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = Semaphore(self.line.at_once)

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it while the block runs. Raises Unavailable where too many wait, or too long."""
        if self._free.locked() and self._waiting >= self.line.waiting:
            raise Unavailable("too many ask such questions now; ask again in a moment")
        self._waiting += 1
        try:
            async with timeout(PATIENCE):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable("others who asked such questions were first; ask again in a moment") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()


def turn(request: Request, line: Line) -> AbstractAsyncContextManager[None]:
    """Have a turn of an app's line while the block runs. Raises Unavailable, as `Turns.taken` does."""
    every: dict[Line, Turns] = request.app.state.turns
    if line not in every:
        every[line] = Turns(line)
    return every[line].taken()


def in_turn(line: Line, *, sent: bool = False) -> Any:  # noqa: ANN401 - as Depends has it
    """A dependency of routes: what comes after it has a turn, until the reply is made or, where said, ``sent``."""

    async def have(request: Request) -> AsyncIterator[None]:
        async with turn(request, line):
            yield

    return Depends(have, scope="request" if sent else "function")
