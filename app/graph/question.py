"""What may be asked of the graph: which edges count, when they held, and what was known when."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class EdgeFilter:
    """Which edges an answer is made of.

    ``as_of``: those that hold, or may hold, on that day. ``revision``: as the store stood then; ``past`` where that is
    not ``newest``, ``known_at`` the instant by which it was asked for. ``published_by``: those that some dated source
    had published by that day. The rest narrows by kind, stage and strongest evidence; empty means any.
    """

    as_of: date
    revision: int
    kinds: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    published_by: date | None = None
    past: bool = False
    known_at: datetime | None = None
    newest: int = 0


@dataclass(frozen=True)
class Limits:
    """How much an answer may hold; the closest to the root come first."""

    nodes: int
    edges: int
