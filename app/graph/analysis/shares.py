"""Who has which part of a whole, where the pieces are known within bounds and some belong to several together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.graph.analysis.intervals import ZERO, Bounds, share
from app.shared.wording import EXACT


class Piece(NamedTuple):
    """A part of the whole: its bounds, and the companies among which it is divided, nobody says how."""

    bounds: Bounds
    owners: tuple[str, ...]


@dataclass(slots=True)
class _Pile:
    """A sum from which parts can be taken off again: open sides are counted, not added."""

    low: Decimal = ZERO
    high: Decimal = ZERO
    open: int = 0

    def put(self, bounds: Bounds) -> None:
        self.low = EXACT.add(self.low, bounds.low)
        self.high = EXACT.add(self.high, bounds.high or ZERO)
        self.open += bounds.high is None

    def high_without(self, other: "_Pile") -> Decimal | None:
        return None if self.open > other.open else EXACT.subtract(self.high, other.high)

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.low, None if self.open else self.high)


def shares_of(pieces: Iterable[Piece]) -> dict[str, Bounds]:
    """Return each owner's share of all pieces together, in percent, by slug.

    A share is least when its owner has the least of each own piece and none of the shared ones, while everything
    else is as large as it may be; and the other way round for the most.
    """
    everything = _Pile()
    alone: defaultdict[str, _Pile] = defaultdict(_Pile)
    touched: defaultdict[str, _Pile] = defaultdict(_Pile)
    for bounds, owners in pieces:
        everything.put(bounds)
        for owner in owners:
            touched[owner].put(bounds)
        if len(owners) == 1:
            alone[owners[0]].put(bounds)
    shares = {}
    for owner in sorted(touched):
        part = Bounds(alone[owner].low, touched[owner].bounds.high)
        rest_low = EXACT.subtract(everything.low, touched[owner].low)
        shares[owner] = share(part, Bounds(rest_low, everything.high_without(alone[owner])))
    return shares
