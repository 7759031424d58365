"""``expand=``: the records that a record names, in the place of their slugs, as they were at the same revision."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.resource import Resource
from app.ledger.shape import Holds
from app.models.ledger import records, versions
from app.shared.among import any_of
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.json import loads_own

MAX_EXPANDED: Final = 2_000
"""How many different records one answer may show in the place of their slugs."""

Place = tuple[Any, Any, str]
"""A list or an object, the position or the name in it, and the slug that stands there."""


@cache
def references_of(resource: Resource) -> Mapping[str, str]:
    """The dotted paths of all fields that name records, each with the resource of those."""
    found: dict[str, str] = {}
    for shape in resource.shape:
        if shape.holds is Holds.REFERENCE:
            found[shape.name] = shape.refers_to
        found |= {f"{shape.name}.{part.name}": part.refers_to for part in shape.parts if part.refers_to}
    return found


def read_expand(resource: Resource, names: Iterable[str]) -> dict[str, str]:
    """The paths that are to be expanded, each with its resource. Raises BadRequest for one that names no record."""
    known = references_of(resource)
    names = list(dict.fromkeys(names))
    if wrong := [name for name in names if name not in known]:
        flaws = [unknown("reference", name, known, "expand") for name in wrong]
        raise BadRequest("expand names what is no reference to a record", *flaws)
    return {name: known[name] for name in names}


async def find_named(
    connection: AsyncConnection, documents: Sequence[Any], expand: Mapping[str, str], revision: int
) -> dict[tuple[str, str], str]:
    """The records that documents name, by resource and slug, in JSON as they were at a revision: one statement.

    Raises BadRequest where they are more than MAX_EXPANDED: a page that shows some of them would not say which.
    """
    wanted: dict[str, set[str]] = {}
    for path, resource in expand.items():
        wanted.setdefault(resource, set()).update(slug for *_, slug in places(documents, path.split(".")))
    if (number := sum(map(len, wanted.values()))) > MAX_EXPANDED:
        flaw = Flaw(f"it would show {number} records, at most {MAX_EXPANDED}: ask for a smaller page", "expand")
        raise BadRequest("expand shows too many records", flaw)
    if not number:
        return {}
    named = {resource: sorted(slugs) for resource, slugs in wanted.items() if slugs}
    rows = await connection.execute(_named(tuple(named)), {"revision": revision} | named)
    return {(row.type, row.slug): row.document for row in rows}


async def names_of(connection: AsyncConnection, slugs: Iterable[str], revision: int) -> dict[str, str]:
    """The names that some companies had at a revision, by their slugs: one statement, none for nobody."""
    found = await find_named(connection, [{"companies": sorted(set(slugs))}], {"companies": "companies"}, revision)
    return {slug: loads_own(document)["name"] for (_, slug), document in found.items()}


# Built once for the same resources: putting it together would take longer than asking it.
@cache
def _named(resources: tuple[str, ...]) -> Select[Any]:
    named = [(records.c.type == resource) & any_of(records.c.slug, resource) for resource in resources]
    at = bindparam("revision", type_=BigInteger)
    return (
        select(records.c.type, records.c.slug, versions.c.document)
        .join(versions, versions.c.record_id == records.c.id)
        .where(or_(*named), versions.c.from_revision <= at, versions.c.to_revision > at)
    )


def put_in(documents: Sequence[Any], expand: Mapping[str, str], found: Mapping[tuple[str, str], Any]) -> None:
    """Put what was found in the place of the slugs. All slugs are met before any is replaced: it goes one deep."""
    met = [(place, resource) for path, resource in expand.items() for place in places(documents, path.split("."))]
    for (holder, key, slug), resource in met:
        holder[key] = found.get((resource, slug), slug)


def places(documents: Iterable[Any], steps: Sequence[str]) -> Iterator[Place]:
    """Where slugs stand in documents at a path."""
    first, *rest = steps
    for document in documents:
        held = document.get(first)
        if rest:
            yield from places(held or () if isinstance(held, list | None) else (held,), rest)
        elif isinstance(held, list):
            yield from ((held, position, slug) for position, slug in enumerate(held))
        elif held is not None:
            yield document, first, held
