"""Long work in Python beside the event loop, a little at a time, so that it keeps nobody else waiting."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Result = TypeVar("Result")

# One works while another waits for memory: more would only take turns, and the loop takes turns with all of them.
_AT_ONCE: Final = 2
_limiter: RunVar[CapacityLimiter] = RunVar("aside")


async def aside(work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:  # noqa: ANN401 - as the work takes them
    """What some work returns, done in a thread once it is its turn."""
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(_AT_ONCE)
        _limiter.set(limiter)
    return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=limiter)
