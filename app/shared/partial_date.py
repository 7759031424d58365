"""Dates that are known to the year, the quarter, the month or the day, and say which.

The notation is a small part of EDTF (ISO 8601-2:2019, level 0 and the qualifier ``~``), with ``2025-Q3`` for a quarter.
"""

import re
from calendar import month_name, monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime
from functools import lru_cache
from typing import Final

FIRST_YEAR: Final = 1000
_FORMS: Final = "write 2025, 2025-Q3, 2025-03 or 2025-03-10, with a ~ at the end when it is approximate"
_SHAPE: Final = re.compile(r"([0-9]{4})(?:-Q([0-9])|-([0-9]{2})(?:-([0-9]{2}))?)?(~?)")


def today() -> date:
    """The day of questions that name none (UTC)."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as it was said, with the first and the last day that it may mean.

    ``text`` is never padded: ``2025`` stays ``2025``, from 2025-01-01 to 2025-12-31. ``approximate`` (a trailing ``~``)
    says that the source was unsure; it does not widen the bounds, since nobody said by how much.
    """

    text: str
    earliest: date
    latest: date
    approximate: bool

    @staticmethod
    def parse(text: str) -> "PartialDate":
        """Read ``2025``, ``2025-Q3``, ``2025-03`` or ``2025-03-10``, each with an optional ``~``.

        Raises ValueError with a sentence that says what would be right.
        """
        return _read(text)

    def plus_months(self, n: int) -> "PartialDate":
        """Return when a term of ``n`` months from this start ends: in one of the months that it may end in.

        The bounds are the first day of the month in which it ends at the earliest and the last day of the one in which
        it ends at the latest. The text is the month, the quarter or the year that is just that: 2025-03-10 and 60
        months give 2030-03, 2025-Q1 and 3 give 2025-Q2, 2025 and 24 give 2027. Else it is a choice as in EDTF, level 2,
        which no record can state: 2025 and 18 give [2026-07..2027-06]. A ``~`` on the start stays, on both months of a
        choice. Raises ValueError when the end leaves the years 1000 to 9999.
        """
        first, last = _shift(self.earliest, n), _shift(self.latest, n)
        if not FIRST_YEAR <= first[0] <= last[0] <= MAXYEAR:
            raise ValueError(f"{n} months from {self.text} is out of range: years run from {FIRST_YEAR} to {MAXYEAR}")
        earliest, latest = _span(first[0], first[1], first[1])[0], _span(last[0], last[1], last[1])[1]
        return PartialDate(_named(first, last, "~" * self.approximate), earliest, latest, self.approximate)


@lru_cache(maxsize=10_000)
def _read(text: str) -> PartialDate:
    """A record's dates are read for its rows, its claims and its edges, and the same days recur: once is enough."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a date: {_FORMS}")
    year, quarter, month, day, tilde = match.groups()
    if int(year) < FIRST_YEAR:
        raise ValueError(f"the year {year} is out of range: years run from {FIRST_YEAR} to {MAXYEAR}")
    first, last = _quarter(quarter) if quarter else _month(month) if month else (1, 12)
    start, end = _span(int(year), first, last)
    if day:
        start = end = _day(start, end, day)
    return PartialDate(text, start, end, bool(tilde))


def day(text: str) -> date:
    """Read a full day such as ``2025-03-10``, for parameters that need one; raises ValueError for anything coarser."""
    value = PartialDate.parse(text)
    if value.approximate or value.earliest != value.latest:
        raise ValueError(f"{text!r} is not one day: write it in full, such as {value.latest.isoformat()}")
    return value.latest


def _quarter(number: str) -> tuple[int, int]:
    if not 1 <= int(number) <= 4:  # noqa: PLR2004  a year has four quarters
        raise ValueError(f"Q{number} is not a quarter: quarters run from Q1 to Q4")
    return 3 * int(number) - 2, 3 * int(number)


def _month(number: str) -> tuple[int, int]:
    if not 1 <= int(number) <= 12:  # noqa: PLR2004  a year has twelve months
        raise ValueError(f"{number} is not a month: months run from 01 to 12")
    return int(number), int(number)


def _day(first: date, last: date, number: str) -> date:
    if not 1 <= int(number) <= last.day:
        raise ValueError(f"{number} is not a day of {month_name[first.month]} {first.year}: it has {last.day} days")
    return first.replace(day=int(number))


def _span(year: int, first_month: int, last_month: int) -> tuple[date, date]:
    return date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1])


def _named(first: tuple[int, int], last: tuple[int, int], tilde: str) -> str:
    """The months from ``first`` to ``last``, each a year and a month, in as few words as say just them."""
    (year, month), (last_year, last_month) = first, last
    if first == last:
        return f"{year}-{month:02}{tilde}"
    if year == last_year and (month, last_month) == (1, 12):
        return f"{year}{tilde}"
    if year == last_year and month % 3 == 1 and last_month == month + 2:
        return f"{year}-Q{last_month // 3}{tilde}"
    return f"[{year}-{month:02}{tilde}..{last_year}-{last_month:02}{tilde}]"


def _shift(start: date, months: int) -> tuple[int, int]:
    years, month = divmod(start.month - 1 + months, 12)
    return start.year + years, month + 1
