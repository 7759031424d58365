"""Many values in runs, of what one statement can carry or of what nobody else has to wait long for."""

from asyncio import sleep
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final, TypeVar

_A_MOMENT: Final = 100
"""How many records are worked on before others have their turn."""

Item = TypeVar("Item")


def in_chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """``items`` in runs of at most ``size``, for statements that carry a bound value for each."""
    return (items[start : start + size] for start in range(0, len(items), size))


async def with_pauses(items: Sequence[Item]) -> AsyncIterator[Sequence[Item]]:
    """``items`` in runs, and after each others have their turn: a server answers while it works through many."""
    for some in in_chunks(items, _A_MOMENT):
        yield some
        await sleep(0)
