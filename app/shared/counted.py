"""Counts what may be many and keeps the first few, so that no report grows with what it reports on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass
class Counted(Generic[Item]):
    """How many there were, and at most ``keeps`` of them: the first."""

    keeps: int
    number: int = 0
    first: list[Item] = field(default_factory=list)

    def add(self, items: Iterable[Item]) -> None:
        """Count some more."""
        for item in items:
            self.number += 1
            if self.number <= self.keeps:
                self.first.append(item)
