"""Filters: for each resource, the query parameters by which its list can be narrowed, made from its public schema.

A parameter is the name of a field, and an operator after two underscores where it is not equality. A field of a list of
objects is named by its dotted path (``parties.role``), and where only one field of the record has that name, by the
name alone (``role``). ``company`` means any company that the record names.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, exists, or_, select

from app.ledger import fulltext
from app.ledger.filters.columns import Field, Values, among_first, fields_of, nobody
from app.ledger.filters.operators import Extent, Operator, emptiness, operators_of
from app.ledger.filters.recorded import is_current, operators_of_versions
from app.ledger.lacking import Lack, code_of, lacks
from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds
from app.models.search import search_entries

Condition = Callable[[Values], ColumnElement[bool]]


@dataclass(frozen=True)
class Elements:
    """What an array that a record keeps has to hold, where that is all that a filter asks.

    ``either``: sets of elements, of which one has to be there. ``first``: the condition where few records hold one: the
    ids of those are found before the list is read. ``beginning``: whether an element may go on after that.
    """

    column: Column[Any]
    either: Callable[[Values], Sequence[Sequence[str]]]
    first: Condition
    beginning: bool = False


@dataclass(frozen=True)
class Filter:
    """One query parameter of a list.

    ``read`` turns a value of it into what is compared, raising ValueError; ``clause`` gives the condition for the
    values that were read, on a record of the resource's table. ``field`` is the path of what is asked of, ``operator``
    how. ``column``: that of a plain value. ``part`` is the table of the list that it asks of, and ``row`` the condition
    on one member of that: those of several filters are about one member.
    """

    name: str
    field: str
    operator: str
    shape: FieldShape
    read: Callable[[str], Any]
    clause: Condition
    repeats: bool = True
    extent: Extent | None = None
    column: Column[Any] | None = None
    elements: Elements | None = None
    part: Table | None = None
    row: Condition | None = None

    @property
    def refers_to(self) -> str:
        """The resource whose slugs this parameter takes, which are ids once read; empty for other values."""
        takes_slugs = self.shape.holds is Holds.REFERENCE and self.operator in ("", "not")
        return self.shape.refers_to if takes_slugs else ""


@cache
def filters_of(resource: Resource) -> Mapping[str, Filter]:
    """All filters of a resource by their names, in the order of its schema."""
    fields = list(fields_of(resource))
    last = [field.path.rpartition(".")[2] for field in fields]
    short = {path.path: name for path, name in zip(fields, last, strict=True) if last.count(name) == 1}
    found = {one.name: one for one in _lists(resource)}
    for field in fields:
        name = short.get(field.path, field.path)
        made = list(_of_field(resource, field))
        found |= {one.name: one for one in made}
        found |= {called: replace(one, name=called) for one in made if (called := name + one.name[len(field.path) :])}
    found |= {one.name: one for one in _of_versions(resource)}
    found["q"] = _full_text(resource)
    companies = [field.path for field in fields if field.shape.refers_to == "companies"]
    if len(companies) > 1:
        found |= {f"company{tail}": _any_company([found[path + tail] for path in companies]) for tail in ("", "__not")}
    return found


def _of_field(resource: Resource, field: Field) -> Iterator[Filter]:
    for operator in operators_of(field):
        yield _of_operator(resource, field, operator)
    if field.main.nullable and not (field.inside and field.shape.is_list):
        yield _of_operator(resource, field, emptiness(field.shape, partial(_is_empty, field)))


def _of_operator(resource: Resource, field: Field, operator: Operator) -> Filter:
    asked_of = f"{field.path}__{operator.of}" if operator.of else field.path
    row: Condition | None = None
    clause: Condition = operator.compare
    if operator.words:
        clause = lambda values: nobody(field.owner, field.table, operator.compare(values))  # noqa: E731 - one line for each way
    elif operator.excludes:
        clause = lambda values: field.none(operator.compare(values))  # noqa: E731 - the same
    elif field.inside and operator.name != "empty":
        row = operator.compare
        clause = lambda values: field.some(operator.compare(values))  # noqa: E731 - the same
    made = replace(
        _made(asked_of, operator, clause),
        column=field.main if field.shape.holds is Holds.SCALAR else None,
        part=field.table if row else None,
        row=row,
    )
    if operator.words:
        return _by_lacks(resource, made, lambda values: [(asked_of, word) for word in values])
    return (
        _by_lacks(resource, made, partial(_nothing_of, field.path))
        if operator.name == "empty" and field.inside
        else made
    )


def _of_versions(resource: Resource) -> Iterator[Filter]:
    """What can be asked of what the store adds to each record."""
    for operator in operators_of_versions():
        yield _made(operator.shape.name, operator, partial(is_current, resource.table, operator.compare))


def _made(field: str, operator: Operator, clause: Condition) -> Filter:
    """The filter of an operator on a field, by a clause."""
    return Filter(
        name=f"{field}__{operator.name}" if operator.name else field,
        field=field,
        operator=operator.name,
        shape=operator.shape,
        read=operator.read,
        clause=clause,
        repeats=operator.repeats,
        extent=operator.extent,
    )


def _is_empty(field: Field, values: Values) -> ColumnElement[bool]:
    (empty,) = values
    if field.inside:
        stated = field.main.is_not(None)
        return nobody(field.owner, field.table, stated) if empty else field.some(stated)
    return field.main.is_(None) if empty else field.main.is_not(None)


def _lists(resource: Resource) -> Iterator[Filter]:
    """Whether a list that may be empty is."""
    for shape in resource.shape:
        if shape.is_list and not shape.fewest:
            operator = emptiness(shape, partial(_has_no_member, resource.table, resource.parts[shape.name]))
            made = Filter(
                f"{shape.name}__empty", shape.name, "empty", shape, operator.read, operator.compare, repeats=False
            )
            yield _by_lacks(resource, made, partial(_nothing_of, shape.name))


def _has_no_member(owner: Table, part: Table, values: Values) -> ColumnElement[bool]:
    (empty,) = values
    return nobody(owner, part) if empty else exists().where(part.c.owner_id == owner.c.id).correlate(owner)


def _nothing_of(path: str, values: Values) -> list[Lack]:
    (empty,) = values
    return [(path, "")] if empty else []


def _by_lacks(resource: Resource, one: Filter, wanted: Callable[[Values], list[Lack]]) -> Filter:
    """A filter on members that are not there, which asks for what records lack instead."""

    def clause(values: Values) -> ColumnElement[bool]:
        lacked = wanted(values)
        return lacks(resource, lacked, one.clause(values)) if lacked else one.clause(values)

    def either(values: Values) -> list[list[str]]:
        lacked = wanted(values)
        return [[str(code_of(lack)) for lack in lacked]] if lacked else []

    def first(values: Values) -> ColumnElement[bool]:
        its = resource.table.c.id
        return among_first(its, select(its).where(clause(values)).correlate(None))

    return replace(one, clause=clause, elements=Elements(resource.table.c.lacks, either, first))


def _full_text(resource: Resource) -> Filter:
    """Whether a record, or a citation of it, says what is searched for."""
    shape = FieldShape("q", Holds.SCALAR, False, "What the record and its citations say", example="coreweave")  # noqa: FBT003 - no list
    its = resource.table.c.id

    def first(values: Values) -> ColumnElement[bool]:
        return or_(*(among_first(its, fulltext.saying(resource, words)) for words in values))

    return Filter(
        "q",
        "q",
        "says",
        shape,
        fulltext.read_words,
        lambda values: or_(*(its.in_(fulltext.saying(resource, words)) for words in values)),
        elements=Elements(search_entries.c.content, fulltext.beginnings, first, beginning=True),
    )


def _any_company(filters: Sequence[Filter]) -> Filter:
    """Any of the companies that a record names in several places; its opposite is none of them."""
    first = filters[0]
    both = and_ if first.operator == "not" else or_
    shape = replace(first.shape, description="A company that the record names, in whatever part")
    return replace(
        first,
        name="company" + ("__not" if first.operator else ""),
        field="company",
        shape=shape,
        clause=lambda values: both(*(one.clause(values) for one in filters)),
        part=None,
        row=None,
    )
