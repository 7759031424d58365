"""Reads the filters of a query, and turns them into the conditions on a record."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.filters.contradictions import Asked, check_reach, refuse_contradictions
from app.ledger.filters.made import Filter, filters_of
from app.ledger.filters.sampled import is_rare, sought
from app.ledger.repository import ids_of
from app.ledger.resource import Resource
from app.shared.errors import BadRequest, Flaw, nearest, unknown

MAX_VALUES: Final = 100
"""How often one parameter may be given: each value costs the statement a condition."""


def read_filters(
    resource: Resource, parameters: Iterable[tuple[str, str]], beside: Sequence[str] = ()
) -> list[tuple[Filter, Sequence[Any]]]:
    """Read the filters among the parameters of a query; ``beside`` are the parameters that somebody else reads.

    Raises BadRequest that names every parameter which is unknown, and what cannot be read or contradicts another.
    """
    given: dict[str, list[str]] = {}
    for name, text in parameters:
        if name not in beside:
            given.setdefault(name, []).append(text)
    filters = filters_of(resource)
    if strangers := [name for name in given if name not in filters]:
        flaws = [_unknown(resource, name, beside) for name in strangers]
        raise BadRequest(f"{resource.type} cannot be listed by {', '.join(strangers)[:200]}", *flaws)
    asked = [Asked(filters[name], read_values(filters[name], texts), texts) for name, texts in given.items()]
    refuse_contradictions(asked)
    return [(one.filter, one.values) for one in asked]


def read_values(one: Filter, texts: Sequence[str]) -> list[Any]:
    """The values of a parameter, each as its filter compares it. Raises BadRequest, naming the parameter."""
    if len(texts) > MAX_VALUES:
        flaw = Flaw(f"it is given {len(texts)} times: at most {MAX_VALUES}", parameter=one.name)
        raise BadRequest(f"the filter {one.name} is given too often", flaw)
    if len(texts) > 1 and not one.repeats:
        raise BadRequest(f"the filter {one.name} is given twice", Flaw("give it once", parameter=one.name))
    try:
        values = [one.read(text) for text in texts]
        for value in values:
            check_reach(one, value)
    except ValueError as error:
        raise BadRequest(f"the filter {one.name} cannot be read", _unreadable(one, texts, error)) from None
    return values


def _unreadable(one: Filter, texts: Sequence[str], error: ValueError) -> Flaw:
    choices = () if one.operator == "empty" else one.shape.choices
    if not choices:
        return Flaw(str(error), parameter=one.name, suggestion=getattr(error, "suggestion", None))
    return unknown(one.name, next(text for text in texts if text not in choices)[:120], choices, one.name)


async def conditions(
    connection: AsyncConnection, resource: Resource, asked: Iterable[tuple[Filter, Sequence[Any]]]
) -> list[ColumnElement[bool]]:
    """The conditions that a record of the resource's table has to meet.

    A statement is asked for each filter by reference, and on PostgreSQL for each of which a sample has to be looked at.

    What is asked of the members of one list is about one member. Raises BadRequest for a slug that no record has.
    """
    found: list[ColumnElement[bool]] = []
    members: dict[Table, list[ColumnElement[bool]]] = {}
    for one, values in asked:
        known = await _resolved(connection, one, values)
        if (asks := one.elements) and await is_rare(
            connection, asks.column, asks.either(known), beginning=asks.beginning
        ):
            found.append(asks.first(known))
        elif one.row is None or one.part is None:
            found.append(one.clause(known))
        else:
            members.setdefault(one.part, []).append(one.row(known))
    its = resource.table.c.id
    return [*found, *(its.in_(select(part.c.owner_id).where(and_(*rows))) for part, rows in members.items())]


async def _resolved(connection: AsyncConnection, one: Filter, values: Sequence[Any]) -> Sequence[Any]:
    if one.column is not None and one.operator == "contains":
        return [await sought(connection, one.column, text) for text in values]
    if not one.refers_to:
        return values
    return list((await ids_of(connection, one.refers_to, values, parameter=one.name)).values())


def _unknown(resource: Resource, name: str, beside: Sequence[str]) -> Flaw:
    """Say what is wrong with a parameter: its operator, where the field is one of the resource's, or all of it."""
    filters = filters_of(resource)
    field, operator = _longest_field(name, filters)
    if not field or not operator:
        return unknown("parameter", name[:120], [*filters, *beside], name)
    start = f"{field}__"
    there = [known.removeprefix(start) for known in filters if known.startswith(start)]
    close = nearest(operator, there, limit=1)
    listed = f"those that it has: {', '.join(there)}" if there else "it has none"
    return Flaw(
        f"{field} has no operator {operator[:80]!r}; {listed}",
        parameter=name,
        suggestion=start + close[0] if close else None,
    )


def _longest_field(name: str, filters: Iterable[str]) -> tuple[str, str]:
    """A parameter as the longest field that it begins with and the operator that follows, either empty."""
    field, operator = name, ""
    known = set(filters) | {one.rpartition("__")[0] for one in filters}
    while field and field not in known:
        field, _, last = field.rpartition("__")
        operator = f"{last}__{operator}" if operator else last
    return field, operator
