"""``facets=``: how often each value of a field occurs among all records that match, not only on the page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.dimensions import Dimension, at_revision, dimensions_of
from app.ledger.resource import Resource
from app.models.ledger import records
from app.shared.errors import BadRequest, Flaw, unknown

MAX_FACETS: Final = 10
"""How many facets one list may have: each costs it a statement."""
MAX_VALUES: Final = 100
"""How many values of a facet are shown."""

Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Facets:
    """The counts of each facet, the most frequent value first; ``truncated`` names those with more values.

    ``revisions``: the states of the store that they were counted in.
    """

    counts: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    truncated: Sequence[str] = ()
    revisions: frozenset[int] = frozenset()

    def shown(self) -> dict[str, Any]:
        """The members that they add to the envelope of a list."""
        if not self.counts:
            return {}
        limits = {"facet_values": MAX_VALUES}
        return {"facets": self.counts, "facets_truncated": self.truncated, "limits": limits}


def read_facets(resource: Resource, names: Iterable[str]) -> list[Dimension]:
    """What is to be counted. Raises BadRequest for what nothing can be counted by, and for too much of it."""
    known = dimensions_of(resource)
    names = list(dict.fromkeys(names))
    if wrong := [name for name in names if name not in known]:
        flaws = [unknown("facet", name[:120], known, "facets", known) for name in wrong]
        raise BadRequest(f"{resource.type} cannot be counted so", *flaws)
    if len(names) > MAX_FACETS:
        flaw = Flaw(f"there are {len(names)} facets, at most {MAX_FACETS}", parameter="facets")
        raise BadRequest("there are too many facets", flaw)
    return [known[name] for name in names]


async def count_facets(
    connection: AsyncConnection, resource: Resource, facets: Iterable[Dimension], conditions: Conditions
) -> Facets:
    """Count the records that meet some conditions by each of ``facets``: a statement for each."""
    counts: dict[str, list[dict[str, Any]]] = {}
    revisions = set()
    for facet in facets:
        revision, rows = await at_revision(connection, _counting(resource, facet, conditions))
        ordered = sorted(rows, key=lambda row: (-row.number, row.value is None, row.value))
        counts[facet.name] = [{"value": row.value, "count": row.number} for row in ordered]
        revisions.add(revision)
    truncated = [name for name, found in counts.items() if len(found) > MAX_VALUES]
    return Facets({name: found[:MAX_VALUES] for name, found in counts.items()}, truncated, frozenset(revisions))


def _counting(resource: Resource, facet: Dimension, conditions: Conditions) -> Select[Any]:
    """The most frequent values, one more than are shown; a record counts once for a value that its list repeats."""
    table, part = resource.table, facet.part
    each = func.count() if part is None else func.count(part.c.owner_id.distinct())
    counted = select(facet.column.label("value"), each.label("number")).where(*conditions).group_by(facet.column)
    among = table if part is None else table.join(part, part.c.owner_id == table.c.id)
    counted = counted.select_from(among)
    found = counted.subquery()
    value = records.c.slug if facet.names_record else found.c.value
    query = select(value.label("value"), found.c.number)
    if facet.names_record:
        query = query.select_from(found.outerjoin(records, records.c.id == found.c.value))
    return query.order_by(found.c.number.desc(), value.is_(None), value).limit(MAX_VALUES + 1)
