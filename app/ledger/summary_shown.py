"""Summaries as they are shown: as JSON, each group with its standings apart, and as CSV, a row a line."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from pydantic import Field

from app.ledger.measures import Reason
from app.ledger.summary import MAX_GROUPS, Line, Standing, Summary
from app.ledger.tabular import cell
from app.shared.csv_cells import written
from app.shared.model import Model
from app.shared.quantity import ExactNumber
from app.shared.wording import bounded

FORMULA: Final = (
    "low adds up the lower bounds of the records in the count beside it, and high their upper bounds: null where "
    "open_above of them have none. Each unit is added up apart, and nothing is converted. planned is what is rumoured "
    "or intended, ended what has lapsed, was terminated or superseded, stated all else: they are never added. What is "
    "in left_out is in no sum: its reason says why, and about adds up the numbers that were said without bounds."
)
"""How the figures of a summary are made, as every summary says."""
_STANDINGS: Final[Sequence[Standing]] = ("stated", "planned", "ended")
_COLUMNS: Final = ("standing", "unit", "left_out", "count", "low", "high", "open_above", "about")


class SumShown(Model):
    """A sum over records of one unit."""

    unit: str | None = Field(description="What is added up; null for whole numbers.", examples=["USD"])
    count: int = Field(description="How many records are in the sum.")
    low: ExactNumber = Field(description="What it is at least.")
    high: ExactNumber | None = Field(description="What it is at most; null where that is open.")
    open_above: int = Field(description="How many of the records have no upper bound.")
    text: str = Field(description="In words.", examples=["at least USD 11.9 billion"])


class LeftOutOfSumShown(Model):
    """Records that are in no sum, and why."""

    reason: Reason = Field(description="Why they are left out.")
    unit: str | None = Field(description="The unit that was said, if any.", examples=["USD"])
    count: int = Field(description="How many records are left out so.")
    about: ExactNumber | None = Field(
        description="What the numbers come to that were said as approximate, without certain bounds."
    )


class StandingShown(Model):
    """The records of a group that are alike in how far they have come."""

    count: int = Field(description="How many records there are.")
    sums: list[SumShown] = Field(description="What they add up to, each unit apart.")
    left_out: list[LeftOutOfSumShown] = Field(description="Which of them are in no sum.")


class GroupShown(Model):
    """Records that are alike in what they are grouped by."""

    group: dict[str, str | int | bool | float | None] = Field(
        description="The values that they have in common.", examples=[{"kind": "compute"}]
    )
    count: int = Field(description="How many records there are.")
    stated: StandingShown = Field(description="Those that are announced or further, and those without a stage.")
    planned: StandingShown = Field(description="Those that are rumoured or intended.")
    ended: StandingShown = Field(description="Those that have lapsed, were terminated or superseded.")


class SummaryShown(Model):
    """Records counted and added up by group."""

    group_by: list[str] = Field(description="What they are grouped by.", examples=[["kind"]])
    sum: str | None = Field(description="What is added up, if anything.", examples=["value"])
    data: list[GroupShown] = Field(description="The groups, the one with the most records first.")
    formula: str = Field(description="How the figures are made.")
    truncated: bool = Field(description="Whether there are more groups.")
    limits: dict[str, int] = Field(description="How many groups are shown at most.", examples=[{"groups": MAX_GROUPS}])
    revision: int = Field(description="The state of the store that all of it was read from.")


def as_json(summary: Summary, group_by: Sequence[str], measure: str | None) -> dict[str, Any]:
    """A summary as SummaryShown has it."""
    return {
        "group_by": group_by,
        "sum": measure,
        "data": [_group(lines, group_by) for lines in summary.groups],
        "formula": FORMULA,
        "truncated": summary.truncated,
        "limits": {"groups": MAX_GROUPS},
        "revision": summary.revision,
    }


def as_csv(summary: Summary, group_by: Sequence[str]) -> str:
    """A summary as CSV: a row for the records of each group, standing and unit that count, and that are left out."""
    lines = (line for group in summary.groups for line in group)
    return written([[*group_by, *_COLUMNS], *map(_cells, lines)])


def _group(lines: Sequence[Line], group_by: Sequence[str]) -> dict[str, Any]:
    by_standing = {standing: list(found) for standing, found in groupby(lines, key=lambda line: line.standing)}
    return {
        "group": dict(zip(group_by, lines[0].group, strict=True)),
        "count": sum(line.count for line in lines),
        **{standing: _standing(by_standing.get(standing, [])) for standing in _STANDINGS},
    }


def _standing(lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "count": sum(line.count for line in lines),
        "sums": [_sum(line, line.low) for line in lines if line.low is not None],
        "left_out": [
            {"reason": line.reason, "unit": line.unit, "count": line.count, "about": line.about}
            for line in lines
            if line.reason
        ],
    }


def _sum(line: Line, low: Decimal) -> dict[str, Any]:
    return {
        "unit": line.unit,
        "count": line.count,
        "low": low,
        "high": line.high,
        "open_above": line.open_above,
        "text": bounded(low, line.high, line.unit) if line.unit else f"{low:,f}",
    }


def _cells(line: Line) -> Iterable[str]:
    values = (*line.group, line.standing, line.unit, line.reason, line.count, line.low, line.high)
    return map(cell, (*values, line.open_above if line.low is not None else None, line.about))
