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
        """Return when a term of ``n`` months from this start ends.

        The answer has the finest of month, quarter and year precision that contains every day the end may fall on:
        2025-03-10 and 60 months give 2030-03; 2025-Q1 and 3 give 2025-Q2, and 1 gives 2025 (it is February to April);
        2025 and 24 give 2027. Where not even one year contains them, it is the later year, marked approximate: 2025
        and 18 give 2027~ (it is July 2026 to June 2027), so that nothing is called over before it must be. A ``~`` on
        the start stays. Raises ValueError when the end leaves the years 1000 to 9999.
        """
        first, last = _shift(self.earliest, n), _shift(self.latest, n)
        (year, month), (last_year, last_month) = first, last
        if not FIRST_YEAR <= year <= last_year <= MAXYEAR:
            raise ValueError(f"{n} months from {self.text} is out of range: years run from {FIRST_YEAR} to {MAXYEAR}")
        text = f"{last_year}"
        if first == last:
            text += f"-{month:02}"
        elif year == last_year and (month - 1) // 3 == (last_month - 1) // 3:
            text += f"-Q{(month + 2) // 3}"
        return self.parse(text + "~" * (self.approximate or year != last_year))


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


def _shift(start: date, months: int) -> tuple[int, int]:
    years, month = divmod(start.month - 1 + months, 12)
    return start.year + years, month + 1
