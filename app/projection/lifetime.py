"""How long an edge holds, as ranges of days: it starts between two days and ends between two days."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from app.shared.partial_date import PartialDate

NOT_BINDING = frozenset({"rumoured", "intended"})
"""The stages of a deal that nobody is bound to yet."""
ENDING_STAGES = frozenset({"lapsed", "terminated", "superseded"})
"""The stages of a deal that holds no more."""
FIRST_DAY, LAST_DAY = date.min, date.max


class Lifetime(NamedTuple):
    """From when to when an edge holds, both ends included.

    ``since`` and ``until`` are what was said, ``None`` where nothing was; the four days are what that may mean.
    """

    since: PartialDate | None
    until: PartialDate | None
    start_earliest: date
    start_latest: date
    end_earliest: date = LAST_DAY
    end_latest: date = LAST_DAY

    def ending(self, end: PartialDate) -> "Lifetime":
        """The same, with an end."""
        return self._replace(until=end, end_earliest=end.earliest, end_latest=end.latest)

    def may_hold(self, day: date) -> bool:
        """Whether it holds on a day, or may."""
        return self.start_earliest <= day <= self.end_latest

    def holds(self, day: date) -> bool:
        """Whether it holds on a day for certain."""
        return self.start_latest <= day <= self.end_earliest


class Start(NamedTuple):
    """From when something holds: as it was said, ``None`` where nobody did, and the two days that it began between."""

    said: PartialDate | None
    earliest: date
    latest: date


def started(when: PartialDate | None, *, said_by: date) -> Start:
    """What began on some day of a date; where none is stated, by the first report."""
    return Start(when, when.earliest, when.latest) if when else Start(None, FIRST_DAY, said_by)


def soonest(starts: Collection[Start]) -> Start | None:
    """The start of the first of several, whichever it is; any order gives the same.

    "In 2025" and "on 2025-03-10": the first of the two was on that day at the latest.
    """
    if not starts:
        return None
    dated = [start.said for start in starts if start.said]
    said = first(dated) if len(dated) == len(starts) else None
    return Start(said, min(start.earliest for start in starts), min(start.latest for start in starts))


def running(starts: Collection[PartialDate], end: PartialDate | None, *, said_by: date) -> Lifetime:
    """A relation from the first of ``starts`` until ``end``; where none is stated, it began by the first report."""
    begun = soonest([started(day, said_by=said_by) for day in starts])
    lifetime = observed(begun or started(None, said_by=said_by), None)
    return lifetime.ending(end) if end else lifetime


def observed(start: Start, following: Start | None) -> Lifetime:
    """An observation, which holds until the day before the next one of the same thing."""
    lifetime = Lifetime(start.said, None, start.earliest, start.latest)
    if following is None:
        return lifetime
    ends = _day_before(following.earliest), _day_before(following.latest)
    return lifetime._replace(until=following.said, end_earliest=ends[0], end_latest=ends[1])


def ended_by(stage: str | None, lifetime: Lifetime, reported: date) -> Lifetime:
    """A stage that ends a relation ended it by the day of the report, whichever later end had been agreed.

    Where it cannot have run to an end that was stated, the day is not known: it lies between the start and the report.
    What was to start only later never held.
    """
    if stage not in ENDING_STAGES:
        return lifetime
    if lifetime.end_earliest <= reported:
        return lifetime._replace(end_latest=min(lifetime.end_latest, reported))
    began = min(lifetime.start_earliest, reported)
    return lifetime._replace(until=None, end_earliest=began, end_latest=reported)


def first(days: Iterable[PartialDate]) -> PartialDate | None:
    """The day that begins first, the more precise one among equals; any order of ``days`` gives the same."""
    return min(days, key=lambda day: (day.earliest, day.latest, day.text), default=None)


def _day_before(day: date) -> date:
    return day - timedelta(days=1) if day > FIRST_DAY else day
