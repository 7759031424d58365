"""Interval arithmetic on amounts: exact, with open sides, and never across units.

Every quantity of the store is at least 0, so an open low side counts as 0; an open high side (None) stays open.
Sums and products are exact. A quotient that does not end within 3 decimals is rounded outward to them, low down and
high up, so that the true bounds stay inside the shown ones. What cannot be computed is ``Refused`` with its reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import reduce
from typing import NamedTuple

from app.graph.analysis.model import Amount, is_money
from app.shared.wording import EXACT, bounded

ZERO, HUNDRED = Decimal(0), Decimal(100)
PERCENT = "percent"
THOUSANDTH = Decimal("0.001")
# Amounts have up to 19 digits: 100 hold every product and sum of them, whatever the caller's own context is.
_DOWN, _UP = Context(prec=100, rounding=ROUND_FLOOR), Context(prec=100, rounding=ROUND_CEILING)


class Bounds(NamedTuple):
    """``low <= value <= high``, with None where the high side is open."""

    low: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A figure that is not computed, and why."""

    reason: str


UNKNOWN = Bounds(ZERO, None)


def bounds_of(amount: Amount | None) -> Bounds:
    """Return the bounds of an amount; no amount is anything from 0 up."""
    return UNKNOWN if amount is None else Bounds(amount.low or ZERO, amount.high)


def is_bounded(amount: Amount | None) -> bool:
    """Return whether anything certain is said: "about 10" and "undisclosed" are open on both sides."""
    return amount is not None and (amount.low is not None or amount.high is not None)


def is_currency(unit: str) -> bool:
    """Return whether amounts in a unit are money."""
    return is_money(Amount(None, None, unit, ""))


def interval(bounds: Bounds, unit: str) -> Amount:
    """Return a computed amount, described by its bounds."""
    low, high = _plain(bounds.low), None if bounds.high is None else _plain(bounds.high)
    return Amount(low, high, unit, bounded(low, high, unit))


def open_above(amount: Amount) -> Amount:
    """Return what is certain of an amount to which more may belong."""
    return interval(Bounds(bounds_of(amount).low, None), amount.unit)


def add(parts: Iterable[Bounds]) -> Bounds:
    """Return the bounds of a sum: open as soon as one part is; nothing adds up to 0."""
    listed = list(parts)
    highs = [part.high for part in listed if part.high is not None]
    high = add_exactly(highs) if len(highs) == len(listed) else None
    return Bounds(add_exactly(part.low for part in listed), high)


def add_exactly(numbers: Iterable[Decimal]) -> Decimal:
    """Return a sum without rounding, so in any order the same."""
    return reduce(EXACT.add, numbers, ZERO)


def at_most_all(share: Amount) -> Amount:
    """Return a share of a whole of which it is a part: at most 100 percent, unless it is certainly said to be more."""
    low, high = bounds_of(share)
    return share if low > HUNDRED else replace(share, high=HUNDRED if high is None else min(high, HUNDRED))


def product(share: Amount, whole: Amount) -> Amount | Refused:
    """Return ``share`` percent of ``whole``, in the unit of the whole; refused where the share is no percentage."""
    if share.unit != PERCENT:
        return Refused(f"{share.unit} times {whole.unit} has no meaning: a share in percent is needed")
    (low, high), (whole_low, whole_high) = bounds_of(share), bounds_of(whole)
    top = ZERO if ZERO in (high, whole_high) else None
    if high and whole_high:
        top = EXACT.multiply(high, whole_high).scaleb(-2, EXACT)
    return interval(Bounds(EXACT.multiply(low, whole_low).scaleb(-2, EXACT), top), whole.unit)


def ratio(part: Amount, whole: Amount) -> Amount | Refused:
    """Return ``part / whole`` in percent, of two quantities that vary apart; refused across units and over 0."""
    if part.unit != whole.unit:
        return Refused(f"{part.unit} cannot be divided by {whole.unit}")
    (low, high), (whole_low, whole_high) = bounds_of(part), bounds_of(whole)
    if whole_high == ZERO:
        return Refused("nothing can be a share of 0")
    bottom = _quotient(low, whole_high, _DOWN) if whole_high is not None else ZERO
    top = _quotient(high, whole_low, _UP) if high is not None and whole_low else None
    return interval(Bounds(bottom, top), PERCENT)


def share(part: Bounds, rest: Bounds) -> Bounds:
    """Return ``part / (part + rest)`` in percent: tighter than ``ratio``, since the part is in the whole as well.

    It grows with the part and falls with the rest, so each bound is reached at a corner. Where the whole may be 0, the
    share is said of the values for which it is not.
    """
    low, high = ZERO, HUNDRED
    if rest.high == ZERO and part.high != ZERO:
        low = HUNDRED
    elif part.low and rest.high is not None:
        low = _quotient(part.low, EXACT.add(part.low, rest.high), _DOWN)
    if rest.low and part.high is not None:
        high = _quotient(part.high, EXACT.add(part.high, rest.low), _UP)
    return Bounds(low, high)


def round_outward(bounds: Bounds) -> Bounds:
    """Return the bounds to 3 decimals, low down and high up."""
    high = None if bounds.high is None else bounds.high.quantize(THOUSANDTH, context=_UP)
    return Bounds(bounds.low.quantize(THOUSANDTH, context=_DOWN), high)


def _quotient(part: Decimal, whole: Decimal, context: Context) -> Decimal:
    percent = context.divide(EXACT.multiply(part, HUNDRED), whole)
    return percent.quantize(THOUSANDTH, context=context)


def _plain(number: Decimal) -> Decimal:
    """Return the number without trailing zeros and without an exponent."""
    return Decimal(int(number)) if number == int(number) else EXACT.normalize(number)
