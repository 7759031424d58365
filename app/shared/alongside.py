"""Work that goes on beside other work, and ends with it."""

from asyncio import CancelledError, create_task
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


@asynccontextmanager
async def alongside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do some work while the block runs; at its end the work is cancelled, and waited for."""
    task = create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(CancelledError):
            await task
