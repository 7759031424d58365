"""Many values in runs that one statement can carry."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def in_chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """``items`` in runs of at most ``size``, for statements that carry a bound value for each."""
    return (items[start : start + size] for start in range(0, len(items), size))
