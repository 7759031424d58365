"""Which observation follows which: an edge of a metric or a fleet holds until the next one of the same thing."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from app.projection.lifetime import first
from app.shared.partial_date import PartialDate

SHARES = ("revenue_share", "compute_share")


def series_of(resource: str, document: Mapping[str, Any]) -> Hashable | None:
    """What a metric observes: the same company, counterparty and name make one series."""
    if resource != "metrics" or document["name"] not in SHARES or not document["period"]:
        return None
    return document["company"], document["counterparty"], document["name"]


def following(periods: Iterable[str], period: str) -> PartialDate | None:
    """The first period that starts later than ``period`` does."""
    start = PartialDate.parse(period).earliest
    return first(day for text in periods if (day := PartialDate.parse(text)).earliest > start)
