"""Filters: for each resource, the query parameters by which its list can be narrowed, made from its public schema.

A parameter is the name of a field, and an operator after two underscores where it is not equality. A field of a list of
objects is named by its dotted path (``parties.role``), and where only one field of the record has that name, by the
name alone (``role``). ``company`` means any company that the record names.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, or_

from app.ledger import fulltext
from app.ledger.filters.columns import Field, Values, fields_of
from app.ledger.filters.operators import Extent, Operator, emptiness, operators_of
from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds

Condition = Callable[[Values], ColumnElement[bool]]


@dataclass(frozen=True)
class Filter:
    """One query parameter of a list.

    ``read`` turns a value of it into what is compared, raising ValueError; ``clause`` gives the condition for the
    values that were read, on a record of the resource's table. ``field`` is the path of what is asked of, ``operator``
    how. ``part`` is the table of the list that it asks of, and ``row`` the condition on one member of that: those of
    several filters are about one member.
    """

    name: str
    field: str
    operator: str
    shape: FieldShape
    read: Callable[[str], Any]
    clause: Condition
    repeats: bool = True
    extent: Extent | None = None
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
        made = list(_of_field(field))
        found |= {one.name: one for one in made}
        found |= {called: replace(one, name=called) for one in made if (called := name + one.name[len(field.path) :])}
    found["q"] = _full_text(resource)
    companies = [field.path for field in fields if field.shape.refers_to == "companies"]
    if len(companies) > 1:
        found |= {f"company{tail}": _any_company([found[path + tail] for path in companies]) for tail in ("", "__not")}
    return found


def _of_field(field: Field) -> Iterator[Filter]:
    for operator in operators_of(field):
        yield _of_operator(field, operator)
    if field.main.nullable and not (field.inside and field.shape.is_list):
        yield _of_operator(field, emptiness(field.shape, partial(_is_empty, field)))


def _of_operator(field: Field, operator: Operator) -> Filter:
    asked_of = f"{field.path}__{operator.of}" if operator.of else field.path
    row: Condition | None = None
    clause: Condition = operator.compare
    if operator.excludes:
        clause = partial(_excluding, field, operator)
    elif field.inside and operator.name != "empty":
        row = operator.compare
        clause = lambda values: field.some(operator.compare(values))  # noqa: E731 - one line for each way
    return Filter(
        name=f"{asked_of}__{operator.name}" if operator.name else asked_of,
        field=asked_of,
        operator=operator.name,
        shape=operator.shape,
        read=operator.read,
        clause=clause,
        repeats=operator.repeats,
        extent=operator.extent,
        part=field.table if row else None,
        row=row,
    )


def _excluding(field: Field, operator: Operator, values: Values) -> ColumnElement[bool]:
    """No member of a list meets a condition. Where there are members, one meets the opposite then: that may be rare."""
    none = field.none(operator.compare(values))
    return field.some(operator.others(values)) & none if operator.others and field.fewest else none


def _is_empty(field: Field, values: Values) -> ColumnElement[bool]:
    (empty,) = values
    if field.inside:
        stated = field.main.is_not(None)
        return field.none(stated) if empty else field.some(stated)
    return field.main.is_(None) if empty else field.main.is_not(None)


def _lists(resource: Resource) -> Iterator[Filter]:
    """Whether a list that may be empty is."""
    for shape in resource.shape:
        if shape.is_list and not shape.fewest:
            operator = emptiness(shape, partial(_has_no_member, resource.table, resource.parts[shape.name]))
            yield Filter(
                f"{shape.name}__empty", shape.name, "empty", shape, operator.read, operator.compare, repeats=False
            )


def _has_no_member(owner: Table, part: Table, values: Values) -> ColumnElement[bool]:
    (empty,) = values
    members = exists().where(part.c.owner_id == owner.c.id).correlate(owner)
    return ~members if empty else members


def _full_text(resource: Resource) -> Filter:
    """Whether a record, or a citation of it, says what is searched for."""
    shape = FieldShape("q", Holds.SCALAR, False, "What the record and its citations say", example="coreweave")  # noqa: FBT003 - no list
    said = lambda values: or_(*(fulltext.clause(resource, words) for words in values))  # noqa: E731 - one line says it
    return Filter("q", "q", "says", shape, fulltext.read_words, said)


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
