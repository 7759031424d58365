"""Figures that follow from stated metrics: each with its formula, the records that went in, and bounds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.graph.analysis.intervals import Refused, at_most_all, is_bounded, product, ratio
from app.graph.analysis.model import Amount, Observation, RecordRef

GROWING = frozenset({"revenue", "capex", "valuation", "headcount"})
"""Metrics that mean the same from one year to the next; ``other`` need not."""
_YEAR_DIGITS = 4


class Input(NamedTuple):
    """A stated value that a figure is derived from."""

    name: str
    period: str
    value: Amount
    record: RecordRef


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure that no record states: ``value`` is what ``formula`` makes of the ``inputs``."""

    name: str
    company: str
    counterparty: str | None
    period: str
    formula: str
    inputs: tuple[Input, ...]
    value: Amount
    note: Literal["derived, not stated"] = "derived, not stated"


def derive(company: str, observations: Iterable[Observation]) -> tuple[tuple[Derived, ...], tuple[str, ...]]:
    """Return what follows from the metrics of ``company``, and a sentence for each figure that does not.

    - ``revenue_share`` of a counterparty times ``revenue``, of the same period: the revenue from that counterparty,
      which is no more than all of it.
    - A metric of one year relative to that of the year before, in percent (100 is no change).

    Where several records state the same metric, there is a figure for each pair of them.
    """
    own = sorted((seen for seen in observations if seen.company == company), key=_order)
    found: list[Derived] = []
    unknowns: list[str] = []
    for attempt in (*_revenues(own), *_growths(own)):
        if isinstance(attempt, Derived):
            found.append(attempt)
        else:
            unknowns.append(attempt)
    return tuple(found), tuple(dict.fromkeys(unknowns))


def _revenues(own: Sequence[Observation]) -> list[Derived | str]:
    wholes = _by_period(seen for seen in own if seen.name == "revenue" and seen.counterparty is None)
    attempts: list[Derived | str] = []
    for part in own:
        if part.name != "revenue_share" or part.counterparty is None:
            continue
        formula = f"revenue_share of {part.counterparty} in {part.period} * revenue in {part.period}"
        name = f"revenue from {part.counterparty}"
        pairs = [(part, whole) for whole in wholes[part.period]]
        share = at_most_all(part.value)
        attempts += [_figure(name, formula, pair, product(share, pair[1].value)) for pair in pairs]
        if not pairs:
            attempts.append(f"{name} in {part.period}: the revenue of {part.company} in {part.period} is not stated")
    return attempts


def _growths(own: Sequence[Observation]) -> list[Derived | str]:
    attempts: list[Derived | str] = []
    totals = [seen for seen in own if seen.name in GROWING and seen.counterparty is None]
    for now in totals:
        year_before = _by_period(seen for seen in totals if seen.name == now.name)[_year_before(now.period)]
        for before in year_before:
            formula = f"{now.name} in {now.period} / {now.name} in {before.period} * 100"
            name = f"{now.name} relative to the year before"
            attempts.append(_figure(name, formula, (now, before), ratio(now.value, before.value)))
    return attempts


def _figure(name: str, formula: str, pair: tuple[Observation, Observation], value: Amount | Refused) -> Derived | str:
    first = pair[0]
    if isinstance(value, Refused):
        return f"{name} in {first.period}: {value.reason}"
    if not all(is_bounded(seen.value) for seen in pair):
        said = ", ".join(f"{seen.name} is {seen.value.text}" for seen in pair)
        return f"{name} in {first.period}: no certain bounds, as {said}"
    inputs = tuple(Input(seen.name, seen.period, seen.value, seen.record) for seen in pair)
    return Derived(name, first.company, first.counterparty, first.period, formula, inputs, value)


def _by_period(observations: Iterable[Observation]) -> defaultdict[str, list[Observation]]:
    periods = defaultdict[str, list[Observation]](list)
    for seen in observations:
        periods[seen.period].append(seen)
    return periods


def _year_before(period: str) -> str:
    """Return the year before a period that is one exact year, else the empty text, which no metric has."""
    return str(int(period) - 1) if period.isdecimal() and len(period) == _YEAR_DIGITS else ""


def _order(seen: Observation) -> tuple[str, str, str, RecordRef]:
    return seen.name, seen.period, seen.counterparty or "", seen.record
