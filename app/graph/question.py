"""What may be asked of the graph: which edges count, when they held, and what was known when."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple


class Revision(NamedTuple):
    """The store's newest revision, and the one that a question is about: the newest, or the newest at ``known_at``.

    The revision asked about is 0 before the first.
    """

    newest: int
    asked: int


@dataclass(frozen=True)
class EdgeFilter:
    """Which edges an answer is made of.

    ``as_of``: those that hold, or may hold, on that day. ``revision``: as the store stood then, when ``newest`` is the
    newest; ``known_at`` the instant by which it was asked for. ``published_by``: those that some dated source
    had published by that day. The rest narrows by kind, stage and strongest evidence, to those or to all but those;
    empty means any.
    """

    as_of: date
    revision: int = 0
    kinds: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()
    not_stages: tuple[str, ...] = ()
    not_evidence: tuple[str, ...] = ()
    published_by: date | None = None
    known_at: datetime | None = None
    newest: int = 0

    def at(self, revision: Revision) -> "EdgeFilter":
        """The same at a revision of the store."""
        return replace(self, revision=revision.asked, newest=revision.newest)

    @property
    def past(self) -> bool:
        """Whether it is asked at a revision that is not the newest."""
        return self.revision != self.newest


@dataclass(frozen=True)
class Limits:
    """How much an answer may hold; the closest to the root come first."""

    nodes: int
    edges: int
