"""Why an import is refused: each reason with its place in the file, as many as are told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.shared.errors import Flaw, in_a_line

MAX_TOLD: Final = 100
"""How many reasons are told of one import; how many more there are is counted."""


_Identity = tuple[str, int, str | None, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record cannot be taken: its resource, its position (from 0), and what is wrong where.

    Of a record in a file the flaw has the line, which says more than a position.
    """

    resource: str
    position: int
    flaw: Flaw

    def __str__(self) -> str:
        shown = self.flaw.shown()
        if self.flaw.line is None:
            shown["pointer"] = f"/{self.resource}/{self.position}{self.flaw.pointer or ''}"
        return in_a_line(shown)


@dataclass
class Refusals:
    """The reasons that were found so far: all are counted, the first of the file are kept."""

    total: int = 0
    _kept: dict[_Identity, Refusal] = field(default_factory=dict)

    def add(self, found: Iterable[Refusal]) -> None:
        """Add reasons, each once: with its suggestion, if one of those who found it has any."""
        for refusal in found:
            its = _identity(refusal)
            known = self._kept.get(its)
            self.total += known is None
            if known is None or known.flaw.suggestion is None:
                self._kept[its] = refusal
            if len(self._kept) > 10 * MAX_TOLD:
                self._kept = {_identity(one): one for one in self.told}

    @property
    def told(self) -> list[Refusal]:
        """Those that are told, in the order of the file."""
        return sorted(self._kept.values(), key=lambda refusal: refusal.flaw.line or 0)[:MAX_TOLD]


def _identity(refusal: Refusal) -> _Identity:
    return refusal.resource, refusal.position, refusal.flaw.pointer, refusal.flaw.detail


class ImportRefused(Exception):  # noqa: N818 - an import is refused
    """An import of which nothing was taken, with the reasons that are told and the number of all that were found."""

    def __init__(self, refusals: Sequence[Refusal], total: int) -> None:
        more = total - len(refusals)
        super().__init__("\n".join([*map(str, refusals), *([f"and {more} more"] if more else [])]))
        self.refusals = refusals
        self.total = total
