"""How concentrated a whole is, where its shares are known only within bounds."""

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from app.graph.analysis.intervals import HUNDRED, THOUSANDTH, ZERO, Bounds, interval, round_outward
from app.graph.analysis.model import Amount

INDEX = "hhi"
"""The unit of the index: points from 0 to 10,000."""


def remainder(shares: Sequence[Bounds]) -> Bounds | None:
    """Return what the shares leave of 100 percent, or None where they certainly add up to more than that."""
    low, high = sum((share.low for share in shares), ZERO), sum((_top(share) for share in shares), ZERO)
    return None if low > HUNDRED else Bounds(max(ZERO, HUNDRED - high), HUNDRED - low)


def herfindahl(shares: Sequence[Bounds], *, complete: bool) -> Amount | None:
    """Return the bounds of the Herfindahl-Hirschman index, the sum of the squares of all shares in percent.

    ``shares``: what is known of each party's share, ``l <= s <= u`` percent. ``complete``: these parties are the whole;
    else others, who may be any number, hold the remainder. Returns None where shares contradict each other: they
    certainly add up to more than 100, or the whole, of these parties, to less.

    First each u is cut to what the other parties leave: ``100 - (sum of their l)``. With R = 100 - (sum of all l):

    - Low, others possible: the sum of l², since R may be spread infinitely thin, which adds 0.
    - Low, complete: the least sum of s² with the sum of s being 100, which levels the shares as far as the bounds
      allow. By weak duality no split goes below the sum of (c² - 2tc), plus 200t, with c = t cut to [l, u]; t is
      the level, to the thousandth.
    - High: R goes to whoever makes the sum largest, all of it to one other company (which adds R²) where others are
      possible and no party gains more. As s² <= (l+u)s - lu within [l, u], R is handed out by falling l+u, each
      party up to its u. Never too low, and exact unless R runs out inside an interval.

    One known share of 62 percent leaves 38: 62² = 3,844 at least, 62² + 38² = 5,288 at most.
    """
    left = remainder(shares)
    if left is None or (complete and left.low > ZERO):
        return None
    spare = left.high or ZERO
    cut = [Bounds(share.low, min(_top(share), share.low + spare)) for share in shares]
    low = _level(cut) if complete else sum((share.low**2 for share in cut), ZERO)
    parties = cut if complete else [*cut, Bounds(ZERO, spare)]
    return interval(round_outward(Bounds(low, _stacked(parties, spare))), INDEX)


def _level(shares: Sequence[Bounds]) -> Decimal:
    """Return a lower bound of the sum of squares of shares that add up to 100."""

    def poured(thousandths: int) -> Decimal:
        return sum((_clamped(thousandths * THOUSANDTH, share) for share in shares), ZERO)

    level = bisect_left(range(100_000), HUNDRED, key=poured) * THOUSANDTH
    held = [_clamped(level, share) for share in shares]
    return sum((s * (s - 2 * level) for s in held), 200 * level)


def _stacked(shares: Sequence[Bounds], spare: Decimal) -> Decimal:
    """Return an upper bound of the sum of squares, with ``spare`` percent to hand out above the low bounds."""
    squares = ZERO
    for share in sorted(shares, key=lambda share: share.low + _top(share), reverse=True):
        taken = min(spare, _top(share) - share.low)
        spare -= taken
        squares += share.low**2 + (share.low + _top(share)) * taken
    return squares


def _clamped(level: Decimal, share: Bounds) -> Decimal:
    return min(max(level, share.low), _top(share))


def _top(share: Bounds) -> Decimal:
    return HUNDRED if share.high is None else share.high
