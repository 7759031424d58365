"""Which observation follows which: an edge of a metric or a fleet holds until the next one of the same thing. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from app.projection.lifetime import NOT_BINDING, Lifetime, Start, first, observed, soonest
from app.projection.rules import StatedRecord, began, of_period
from app.shared.partial_date import PartialDate

SHARES = ("revenue_share", "compute_share")


def series_of(resource: str, document: Mapping[str, Any]) -> Hashable | None:
    """What a metric observes: the same company, counterparty and name make one series."""
    if resource != "metrics" or document["name"] not in SHARES or not document["period"]:
        return None
    return document["company"], document["counterparty"], document["name"]


def following(periods: Iterable[str], period: str) -> Start | None:
    """The start of the first period that starts later than ``period`` does."""
    start = PartialDate.parse(period).earliest
    later = first(day for text in periods if (day := PartialDate.parse(text)).earliest > start)
    return of_period(later) if later else None


def takes_the_place(later: str, earlier: str) -> bool:
    """Whether a fleet of one stage takes the place of one of another that it supersedes: no plan ends what runs."""
    return later not in NOT_BINDING or earlier in NOT_BINDING


def fleets_observed(fleets: Iterable[StatedRecord]) -> Iterator[tuple[StatedRecord, Lifetime]]:
    """Fleets with how long each is as it was observed: until the first of the others takes its place."""
    listed, superseding = list(fleets), defaultdict[str, list[StatedRecord]](list)
    for fleet in listed:
        superseding[fleet.document["supersedes"]].append(fleet)
    for fleet in listed:
        yield fleet, observed(began(fleet), replaced(fleet, lambda slug: superseding.get(slug, ())))


def replaced(fleet: StatedRecord, superseding: Callable[[str], Iterable[StatedRecord]]) -> Start | None:
    """When the first fleet takes the place of one; ``superseding`` gives those that state that they supersede a slug.

    What supersedes a mere plan supersedes what the plan was to replace.
    """
    found, ahead = {fleet.slug: fleet}, [fleet.slug]
    while ahead:
        for one in superseding(ahead.pop()):
            if one.slug not in found:
                found[one.slug] = one
                ahead += [one.slug] if one.document["stage"] in NOT_BINDING else []
    del found[fleet.slug]
    stage = fleet.document["stage"]
    return soonest([began(one) for one in found.values() if takes_the_place(one.document["stage"], stage)])
