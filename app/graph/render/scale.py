"""Scales: where a number or a day stands along a strip, and the marks of the axis above it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from app.graph.analysis.intervals import is_currency
from app.graph.render.measure import pixels
from app.shared.wording import with_unit

TICK_SIZE: Final = 11.0
_APART: Final = 10.0
_MOST_TICKS: Final = 7
_LEAST_DAYS: Final = 31
_DIVISIBLE: Final = frozenset({"percent", "MW", "GW"})
_YEARS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
_MONTHS: Final = (1, 3, 6)
_DAYS: Final = (1, 2, 5, 10)


class Tick(NamedTuple):
    """A value that an axis names."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``start`` to ``end``; ``axes`` are its marks, the finest first, for as much room as there is."""

    start: float
    end: float
    axes: tuple[tuple[Tick, ...], ...] = ()

    def part(self, value: float) -> float:
        """How far along the scale a value is: 0 at the start, 1 at the end, and never past them."""
        return min(1.0, max(0.0, (value - self.start) / (self.end - self.start)))

    def ticks(self, room: float) -> Sequence[Tick]:
        """The finest axis whose texts stand apart in so many pixels."""
        return next((axis for axis in self.axes if self._fits(axis, room)), ())

    def _fits(self, axis: Sequence[Tick], room: float) -> bool:
        text = max((pixels(tick.text, TICK_SIZE) for tick in axis), default=0)
        steps = [(after.value - tick.value) * room / (self.end - self.start) for tick, after in pairwise(axis)]
        # The text at the very end is drawn to the left of it, nearer to the one before.
        ends = bool(axis) and axis[-1].value >= self.end
        return len(axis) <= _MOST_TICKS and all(
            step >= text * (1.5 if ends and tick is axis[-1] else 1) + _APART
            for step, tick in zip(steps, axis[1:], strict=False)
        )


def of_amounts(ends: Iterable[Decimal | None], unit: str) -> Scale:
    """A scale from 0 with room for all amounts, given by both of their ends; open ones (None) may reach further."""
    listed = list(ends)
    most = max((end for end in listed if end is not None), default=Decimal(0))
    top = most * (Decimal("1.25") if None in listed else 1)
    # Where nothing is certain but 0, there is no number to name.
    return Scale(0, float(top), tuple(_amount_axes(top, unit))) if top else Scale(0, 1)


def of_shares(ends: Iterable[Decimal | None]) -> Scale:
    """A scale of percentages, to 100 or as far as shares that contradict each other go."""
    top = max([Decimal(100), *(end for end in ends if end is not None)])
    steps = (range(0, int(top) + 1, step) for step in (20, 25, 50, 100))
    return Scale(0, float(top), tuple(tuple(Tick(value, f"{value} %") for value in values) for values in steps))


def of_days(days: Sequence[tuple[date, date]]) -> Scale:
    """A scale on which a day is its ordinal, from the first to past the last of some spans of days."""
    first = min((start.toordinal() for start, _ in days), default=1)
    last = max((end.toordinal() for _, end in days), default=1) + 1
    margin = max((_LEAST_DAYS - (last - first)) / 2, (last - first) / 50)
    return Scale(first - margin, last + margin, tuple(_date_axes(first - margin, last + margin)))


def _amount_axes(top: Decimal, unit: str) -> Iterator[tuple[Tick, ...]]:
    exponent = top.adjusted() - 1
    for scale in (exponent, exponent + 1):
        for digit in (1, 2, 5):
            step = Decimal(digit).scaleb(scale)
            if step >= 1 or is_currency(unit) or unit in _DIVISIBLE:
                yield _axis(step, top, unit)
    yield _axis(top, top, unit)


def _axis(step: Decimal, top: Decimal, unit: str) -> tuple[Tick, ...]:
    values = (step * number for number in range(int(top / step) + 1))
    return tuple(Tick(float(value), with_unit(value, unit) if value else "0") for value in values)


def _date_axes(start: float, end: float) -> Iterator[tuple[Tick, ...]]:
    first, last = (date.fromordinal(int(min(max(edge, 1), date.max.toordinal()))) for edge in (start, end))
    if end - start <= _MOST_TICKS * _DAYS[-1]:
        yield from (_days(start, end, step) for step in _DAYS)
    if last.year - first.year <= _MOST_TICKS:
        yield from (_months(first.year, last.year, step, start, end) for step in _MONTHS)
    coarse = (step for step in _YEARS if (last.year - first.year) / step <= _MOST_TICKS)
    yield from (_years(first.year, last.year, step, start, end) for step in coarse)


def _days(start: float, end: float, step: int) -> tuple[Tick, ...]:
    known = range(max(1, int(start) + 1), min(date.max.toordinal(), int(end)) + 1, step)
    return tuple(Tick(ordinal, date.fromordinal(ordinal).isoformat()) for ordinal in known)


def _months(first: int, last: int, step: int, start: float, end: float) -> tuple[Tick, ...]:
    months = (date(year, month, 1) for year in range(first, last + 1) for month in range(1, 13, step))
    return tuple(Tick(one.toordinal(), one.isoformat()[:7]) for one in months if start <= one.toordinal() <= end)


def _years(first: int, last: int, step: int, start: float, end: float) -> tuple[Tick, ...]:
    years = (date(year, 1, 1) for year in range(first - first % step or step, last + 1, step))
    return tuple(Tick(one.toordinal(), f"{one.year:04}") for one in years if start <= one.toordinal() <= end)
