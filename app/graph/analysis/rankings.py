"""Companies in order of a figure that is known within bounds, with the ranks that each may have."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from app.graph.analysis.intervals import Bounds, bounds_of, interval, is_bounded, open_above
from app.graph.analysis.model import Amount, Nature
from app.graph.analysis.tally import Item, LeftOut, Measure, tally

COMPANIES = "company"
"""The unit of a count of companies."""


class Count(NamedTuple):
    """How many there certainly are and how many there may be; apart, those more that are only intended or rumoured."""

    low: int
    high: int
    planned_low: int = 0
    planned_high: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """What a company is ranked by: its bounded value, from how many records (or things), and what that leaves out.

    ``tentative``: what is only intended or rumoured, apart; None where nothing is.
    """

    company: str
    value: Amount
    count: int
    tentative: Amount | None = None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A place in a ranking: the best and the worst rank (1 is first) that the bounds of all rows allow.

    Where there may be more than was counted nothing bounds the worst rank, which is None.
    """

    figure: Figure
    best_rank: int
    worst_rank: int | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows by what is certain, the most first, then by slug."""

    by: str
    unit: str
    rows: tuple[Row, ...]


def rank(
    by: str,
    items: Mapping[str, Iterable[Item]],
    *,
    unit: str | None = None,
    nature: Nature | None = None,
    partial: bool = False,
) -> Ranking:
    """Rank companies by the sums of their items of one nature and unit: the unit that most have, if none is asked for.

    A record counts once for a company. What is left out (undisclosed, in another currency) leaves its value open above,
    so that its best rank allows for it; what is intended or rumoured stands apart and does not.
    ``partial``: there may be more items than these, also of others, so that every value and rank is open.
    """
    listed = {company: tuple(items[company]) for company in sorted(items)}
    everything = [item for own in listed.values() for item in own]
    unit = unit or _commonest_unit(item for item in everything if item.nature == nature)
    measure = Measure(tentative=False, observed=all(item.observed for item in everything), unit=unit, nature=nature)
    figures = [_figure(company, own, measure) for company, own in listed.items()]
    ranking = ranked(by, unit, figures)
    return _opened(ranking) if partial else ranking


def rank_counts(by: str, counts: Mapping[str, Count], unit: str = COMPANIES, *, partial: bool = False) -> Ranking:
    """Rank companies by counts, such as of their dependents, ``partial`` where there may be more."""
    figures = [_of_count(company, count, unit) for company, count in counts.items()]
    ranking = ranked(by, unit, figures)
    return _opened(ranking) if partial else ranking


def ranked(by: str, unit: str, figures: Iterable[Figure]) -> Ranking:
    """Order figures of one unit.

    The best rank of a row is behind the rows that are certainly greater (their low is above its high), the worst is
    behind all that may be (their high is above its low). Equal values share a rank.
    """
    ordered = sorted(figures, key=lambda figure: (-bounds_of(figure.value).low, figure.company))
    bounds = [bounds_of(figure.value) for figure in ordered]
    lows = sorted(low for low, _ in bounds)
    highs = sorted(high for _, high in bounds if high is not None)
    rows = []
    for figure, (low, high) in zip(ordered, bounds, strict=True):
        above = 0 if high is None else len(lows) - bisect_right(lows, high)
        # A row that is a range would count itself among those that may be above its low.
        below = bisect_right(highs, low) + (high is None or high > low)
        rows.append(Row(figure, 1 + above, 1 + len(ordered) - below))
    return Ranking(by, unit, tuple(rows))


def _of_count(company: str, count: Count, unit: str) -> Figure:
    value, planned = (Bounds(*map(Decimal, ends)) for ends in (count[:2], count[2:]))
    return Figure(company, interval(value, unit), count.high, interval(planned, unit) if planned.high else None)


def _figure(company: str, items: Sequence[Item], measure: Measure) -> Figure:
    binding, tentative = tally(items, measure), tally(items, measure._replace(tentative=True))
    apart = tentative.amount if tentative.counted else None
    return Figure(company, binding.amount, len(binding.counted), apart, binding.left_out)


def _opened(ranking: Ranking) -> Ranking:
    """Return a ranking to which more may belong: of those in it, and of any number of others."""
    return replace(ranking, rows=tuple(Row(_open(row.figure), 1, None) for row in ranking.rows))


def _open(figure: Figure) -> Figure:
    apart = figure.tentative and open_above(figure.tentative)
    return replace(figure, value=open_above(figure.value), tentative=apart)


def _commonest_unit(items: Iterable[Item]) -> str:
    """Return the unit of most items, the first by name of equals; the empty text where none has bounds."""
    units = Counter(item.amount.unit for item in items if item.amount and is_bounded(item.amount))
    return max(sorted(units), key=units.__getitem__, default="")
