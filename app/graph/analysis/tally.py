"""Adding up what records state of one company: each once, of one unit and nature, and what has to be left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.graph.analysis.intervals import UNKNOWN, ZERO, Bounds, add, bounds_of, interval, is_bounded, is_currency
from app.graph.analysis.model import UNDISCLOSED, Amount, Nature, RecordRef
from app.projection.lifetime import NOT_BINDING

Reason = Literal[
    "undisclosed amount",
    "no certain bounds",
    "other currency",
    "other unit",
    "other nature",
    "in kind under a contract",
    "intended or rumoured",
]
# What is left out for one of these may be of any size, so the figure that leaves it out is open above.
OPENING = frozenset({"undisclosed amount", "no certain bounds", "other currency", "other unit"})
OBSERVATIONS = frozenset({"metrics", "fleets"})
"""The resources that observe a state. They are no deals, so one without an amount hides none."""


class Measure(NamedTuple):
    """What can be added up: one unit, one nature, binding or not, deals or observations."""

    tentative: bool
    observed: bool
    unit: str
    nature: Nature | None


class Item(NamedTuple):
    """What a record states about ``company``.

    ``part_of``: the contract of which this is a part in kind, and whose value is counted instead.
    ``shared_by``: the companies, this one among them, whose amount together it is; empty where it is this one's alone.
    ``partial``: anything from none to all of the amount counts, as when others beside these have a part in it.
    """

    company: str
    record: RecordRef
    amount: Amount | None
    stage: str
    nature: Nature | None = None
    part_of: RecordRef | None = None
    shared_by: tuple[str, ...] = ()
    partial: bool = False

    @property
    def tentative(self) -> bool:
        """Whether it is only rumoured or intended."""
        return self.stage in NOT_BINDING

    @property
    def observed(self) -> bool:
        """Whether it observes a state, rather than being a deal."""
        return self.record.type in OBSERVATIONS

    @property
    def whole(self) -> Bounds:
        """How much it comes to for all who share it."""
        low, high = bounds_of(self.amount)
        return Bounds(ZERO if self.partial else low, high)

    @property
    def bounds(self) -> Bounds:
        """How much of it is the company's."""
        return Bounds(ZERO, self.whole.high) if self.shared_by else self.whole


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that a figure of ``company`` leaves out, and why."""

    company: str
    record: RecordRef
    stage: str
    amount: Amount | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Tally:
    """A sum over records: ``amount`` holds the true value, so it is open above where a record had to be left out.

    What is in kind under a contract, of another nature, intended or rumoured is left out without opening it.
    """

    measure: Measure
    amount: Amount
    counted: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]


def measures_of(items: Iterable[Item]) -> list[Measure]:
    """Return every measure in which something can be counted, binding deals first."""
    found = {
        Measure(item.tentative, item.observed, item.amount.unit, item.nature)
        for item in items
        if item.amount and is_bounded(item.amount) and not item.part_of
    }
    return sorted(found, key=lambda measure: (*measure[:3], measure.nature or ""))


def why_left_out(item: Item, measure: Measure) -> Reason | None:
    """Return why an item does not count in a measure, or None where it does."""
    if item.part_of:
        return "in kind under a contract"
    if item.tentative and not measure.tentative:
        return "intended or rumoured"
    if not item.amount or not is_bounded(item.amount):
        return "no certain bounds" if item.amount and item.amount.text != UNDISCLOSED else "undisclosed amount"
    if item.amount.unit != measure.unit and not (is_currency(item.amount.unit) and is_currency(measure.unit)):
        return "other unit"
    if item.nature != measure.nature:
        return "other nature"
    return None if item.amount.unit == measure.unit else "other currency"


def tally(items: Iterable[Item], measure: Measure) -> Tally:
    """Add up the items of one company in a measure, a record once.

    Items that are binding have no place in a tally of intended and rumoured ones, and are not listed there.
    """
    judged = [(item, why_left_out(item, measure)) for item in _relevant(items, measure)]
    counted = tuple(item for item, reason in judged if reason is None)
    opening = [
        item for item, reason in judged if reason in OPENING and (item.observed == measure.observed or not counted)
    ]
    parts = [item.bounds for item in counted] + [UNKNOWN] * bool(opening)
    left_out = tuple(
        LeftOut(item.company, item.record, item.stage, item.amount, reason) for item, reason in judged if reason
    )
    amount = said([item.amount for item in counted], interval(add(parts), measure.unit))
    return Tally(measure, amount, counted, left_out)


def said(stated: Sequence[Amount | None], computed: Amount) -> Amount:
    """Return a computed amount in the words of the one stated amount that it comes from, if it does."""
    only = stated[0] if len(stated) == 1 else None
    return only if only and bounds_of(only) == bounds_of(computed) else computed


def _relevant(items: Iterable[Item], measure: Measure) -> list[Item]:
    """Return each record's item once, in order, without the binding ones where the measure is of others."""
    ordered = sorted(
        items, key=lambda item: (item.company, item.record, item.stage, item.amount.text if item.amount else "")
    )
    once = {(item.company, item.record): item for item in ordered if item.tentative or not measure.tentative}
    return list(once.values())
