"""How long an edge holds, as ranges of days: it starts between two days and ends between two days."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.shared.partial_date import PartialDate

ENDING_STAGES = frozenset({"lapsed", "terminated", "superseded"})
FIRST_DAY, LAST_DAY = date.min, date.max


@dataclass(frozen=True, slots=True)
class Lifetime:
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
        return replace(self, until=end, end_earliest=end.earliest, end_latest=end.latest)


def running(start: PartialDate | None, end: PartialDate | None, *, said_by: date) -> Lifetime:
    """A relation from ``start`` until ``end``; where no start is stated, it began by the day of the first report."""
    began = (start.earliest, start.latest) if start else (FIRST_DAY, said_by)
    lifetime = Lifetime(start, None, *began)
    return lifetime.ending(end) if end else lifetime


def observed(when: PartialDate, following: PartialDate | None, *, period: bool) -> Lifetime:
    """An observation, which holds until the day before the next one of the same thing.

    A ``period`` (the revenue of 2024) holds from its first day; an instant (a fleet as of 2025-03) from some day in it.
    """
    lifetime = Lifetime(when, None, when.earliest, when.earliest if period else when.latest)
    if following is None:
        return lifetime
    return replace(
        lifetime,
        until=following,
        end_earliest=_day_before(following.earliest),
        end_latest=_day_before(following.earliest if period else following.latest),
    )


def ended_by(stage: str | None, lifetime: Lifetime, reported: date) -> Lifetime:
    """A stage that ends a relation at no stated day ended it between its start and the day of the report."""
    if stage not in ENDING_STAGES or lifetime.until:
        return lifetime
    return replace(
        lifetime, end_earliest=min(lifetime.start_earliest, reported), end_latest=max(lifetime.start_earliest, reported)
    )


def _day_before(day: date) -> date:
    return day - timedelta(days=1) if day > FIRST_DAY else day
