"""What may be asked of the graph: which edges count, when they held, and what was known when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from app.graph.render.labels import words
from app.shared.fields import rfc3339


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

    @property
    def narrowed(self) -> tuple[str, ...]:
        """What sets the answer apart from the one of now and of all edges, in words for below a title."""
        clocks = (
            f"as known at {rfc3339(self.known_at)}" if self.known_at else "",
            f"published by {self.published_by.isoformat()}" if self.published_by else "",
        )
        chosen = (
            _either("kind", self.kinds, self.not_kinds),
            _either("stage", self.stages, self.not_stages),
            _either("evidence", self.evidence, self.not_evidence),
        )
        return tuple(part for parts in (clocks, *chosen) for part in parts if part)


@dataclass(frozen=True)
class Limits:
    """How much an answer may hold; the closest to the root come first."""

    nodes: int
    edges: int


def _either(name: str, asked_for: Iterable[str], left_out: Iterable[str]) -> Iterable[str]:
    """Say which values are asked for, and which are left out."""
    for said, values in ((name, asked_for), (f"{name} not", left_out)):
        if several := " or ".join(map(words, values)):
            yield f"{said} {several}"
