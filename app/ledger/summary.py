"""Summaries: records counted and added up by group, in one statement, with bounds and with what is left out and why.

Two units are never added, nor what is planned or over to what holds (DESIGN, section 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, FromClause, Row, Select, String, Subquery, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.dimensions import Dimension, at_revision
from app.ledger.measures import Measure, Reason, halves, whole
from app.ledger.resource import Resource
from app.models.ledger import records
from app.projection.lifetime import ENDING_STAGES, NOT_BINDING

MAX_GROUPS: Final = 1_000
"""How many groups are shown: those with the most records."""

Standing = Literal["stated", "planned", "ended"]
_NUMBERS: Final = ("low", "high", "amount")
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Line:
    """Some records of one group: of one standing, and of one unit where something is added up.

    ``reason``: why they are left out of the sum, None for those in it. ``low`` and ``high`` bound their sum; ``high``
    is None where ``open_above`` of them, at least one, have no upper bound. ``about`` is the sum of the numbers that
    were said of records without certain bounds, None where there were none.
    """

    group: tuple[Any, ...]
    standing: Standing
    unit: str | None
    reason: Reason | None
    count: int
    low: Decimal | None = None
    high: Decimal | None = None
    open_above: int = 0
    about: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The lines of each group, the group with the most records first, as they were at a revision."""

    groups: Sequence[Sequence[Line]]
    truncated: bool
    revision: int


async def summarise(
    connection: AsyncConnection,
    resource: Resource,
    group_by: Sequence[Dimension],
    measure: Measure | None,
    conditions: Conditions,
) -> Summary:
    """Count the records that meet some conditions, and add a measure up, by group."""
    revision, rows = await at_revision(connection, _statement(resource, group_by, measure, conditions))
    ordered = sorted(rows, key=lambda row: (row.place, row.standing, row.unit or "", row.reason or ""))
    groups = [
        [_line(row, len(group_by), measure) for row in group] for _, group in groupby(ordered, lambda row: row.place)
    ]
    return Summary(groups[:MAX_GROUPS], len(groups) > MAX_GROUPS, revision)


def _statement(
    resource: Resource, group_by: Sequence[Dimension], measure: Measure | None, conditions: Conditions
) -> Select[Any]:
    """The lines of the groups with the most records, one group more than are shown."""
    named = _named(_counted(resource, group_by, measure, conditions), group_by)
    keys = [named.c[f"group_{position}"] for position in range(len(group_by))]
    sized = select(named, func.sum(named.c.number).over(partition_by=keys or None).label("size")).subquery()
    order: list[ColumnElement[Any]] = [sized.c.size.desc()]
    for position in range(len(group_by)):
        order += [sized.c[f"group_{position}"].is_(None), sized.c[f"group_{position}"]]
    placed = select(sized, func.dense_rank().over(order_by=order).label("place")).subquery()
    return select(placed).where(placed.c.place <= MAX_GROUPS + 1)


def _counted(
    resource: Resource, group_by: Sequence[Dimension], measure: Measure | None, conditions: Conditions
) -> Subquery:
    """The records by group, standing, unit and reason: all that reads them."""
    each = _each(resource, group_by, measure, conditions).subquery()
    keys = [column for column in each.c if column.name not in _NUMBERS]
    sums = [
        part.label(f"{name}_{half}")
        for name in _NUMBERS
        for half, part in zip(("upper", "lower"), halves(each.c[name]), strict=True)
    ]
    bounded, numbers = func.count(each.c.high).label("bounded"), func.count(each.c.amount).label("numbers")
    return select(*keys, func.count().label("number"), *sums, bounded, numbers).group_by(*keys).subquery()


def _each(
    resource: Resource, group_by: Sequence[Dimension], measure: Measure | None, conditions: Conditions
) -> Select[Any]:
    groups = [one.column.label(f"group_{position}") for position, one in enumerate(group_by)]
    of_measure = [
        (getattr(measure, name) if measure else literal(None, kind)).label(name)
        for name, kind in {"unit": String, "reason": String, **dict.fromkeys(_NUMBERS, BigInteger)}.items()
    ]
    columns = [*groups, _standing(resource).label("standing"), *of_measure]
    return select(*columns).select_from(resource.table).where(*conditions)


def _named(counted: Subquery, group_by: Sequence[Dimension]) -> Subquery:
    """The same, with slugs in the place of the ids by which it was grouped."""
    if not any(one.names_record for one in group_by):
        return counted
    columns: dict[str, ColumnElement[Any]] = dict(counted.c)
    among: FromClause = counted
    for position, one in enumerate(group_by):
        if one.names_record:
            named = records.alias(f"named_{position}")
            among = among.outerjoin(named, named.c.id == columns[f"group_{position}"])
            columns[f"group_{position}"] = named.c.slug
    return select(*(column.label(name) for name, column in columns.items())).select_from(among).subquery()


def _standing(resource: Resource) -> ColumnElement[Any]:
    if "stage" not in resource.table.c:
        return literal("stated", String)
    stage = resource.table.c.stage
    return case(
        (stage.in_(sorted(NOT_BINDING)), "planned"), (stage.in_(sorted(ENDING_STAGES)), "ended"), else_="stated"
    )


def _line(row: Row[Any], groups: int, measure: Measure | None) -> Line:
    group = tuple(getattr(row, f"group_{position}") for position in range(groups))
    line = Line(group, row.standing, row.unit, row.reason, row.number)
    if measure is None:
        return line
    sums = {
        name: measure.number(whole(getattr(row, f"{name}_upper"), getattr(row, f"{name}_lower"))) for name in _NUMBERS
    }
    if row.reason is None:
        low, high = sums["low"], sums["high"] if row.bounded == row.number else None
        return replace(line, low=low, high=high, open_above=row.number - row.bounded)
    return replace(line, about=sums["amount"]) if row.reason == "no certain bounds" and row.numbers else line
