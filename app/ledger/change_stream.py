"""The feed of changes as server-sent events (WHATWG HTML, section 9.2).

While nothing happens a stream holds no connection to the store, and all streams of a process share one look at whether
something did. Then each reads what it is about.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic
from types import FrameType
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.sse import format_sse_event
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.ledger.changes import Feed, feed
from app.models.ledger import store
from app.shared.database import Database
from app.shared.errors import Unavailable
from app.shared.json import dumps
from app.shared.unavailable import is_unavailable, reason

LOOK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
_PAGE: Final = 100
_RETRY_MS: Final = 1_000
_POSITION: Final = select(store.c.position)

log = structlog.get_logger()


class Watch:
    """Looks for new changes, once for all streams of a process, and only while there are any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._look: asyncio.Task[int] | None = None
        self._streams = 0
        self.stopped = False

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Count a stream as open."""
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    def check_room(self, most: int) -> None:
        """Raise Unavailable where so many streams are open already."""
        if self._streams >= most:
            raise Unavailable("all streams of changes are taken; ask again in a moment")

    async def newest(self) -> int:
        """The position of the last change."""
        position: int = await self._database.scalar(_POSITION, {})
        return position

    async def beyond(self, position: int, types: Sequence[str]) -> Feed | None:
        """A page of what comes after a position, at the next look; None where there is nothing new, or no store."""
        try:
            if await self._next_look() > position:
                async with self._database.reading() as reads:
                    return await feed(reads, position, _PAGE, types)
        except (SQLAlchemyError, OSError) as error:
            if not is_unavailable(error):
                raise
            log.warning("the stream of changes waits for the store", error=reason(error))
        return None

    async def _next_look(self) -> int:
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._after_a_while())
        # One stream that ends must not end the look of the others.
        return await asyncio.shield(self._look)

    async def _after_a_while(self) -> int:
        await asyncio.sleep(LOOK_SECONDS)
        return await self.newest()

    async def close(self) -> None:
        """Look no more."""
        self.stopped = True
        if self._look:
            self._look.cancel()
            with suppress(asyncio.CancelledError, SQLAlchemyError, OSError):
                await self._look


async def events(watch: Watch, position: int, types: Sequence[str]) -> AsyncIterator[bytes]:
    """The changes after a position as events, until the server stops; without end as long as it does not.

    Each carries its position as its id. So does what stands between them, so that a client which has seen no event of
    its own yet, or none for long, also resumes where it was.
    """
    yield format_sse_event(id=str(position), retry=_RETRY_MS)
    spoke = monotonic()
    while not watch.stopped:
        found = await watch.beyond(position, types)
        for change in found.data if found else ():
            yield format_sse_event(id=str(change["position"]), event="change", data_str=dumps(change))
            spoke = monotonic()
        position = found.after if found else position
        if monotonic() - spoke >= HEARTBEAT_SECONDS:
            yield format_sse_event(comment="still here", id=str(position))
            spoke = monotonic()


@asynccontextmanager
async def watching(app: FastAPI, database: Database) -> AsyncIterator[None]:
    """Let an app stream changes while the block runs, or until its process is told to stop."""
    watch = app.state.watch = Watch(database)

    def stop() -> None:
        watch.stopped = True

    with _when_told_to_stop(stop):
        try:
            yield
        finally:
            await watch.close()


@contextmanager
def _when_told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on SIGINT and SIGTERM, before what the server does then.

    A server that is told to stop waits for open replies to end, and tells their apps nothing of it: a stream would
    keep it waiting until it loses patience.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        stop()
        if callable(before[number]):
            before[number](number, frame)
        elif before[number] == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    for told in (signal.SIGINT, signal.SIGTERM):
        before[told] = signal.signal(told, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)
