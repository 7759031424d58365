"""Suggests companies while somebody types: by how names, aliases and identifiers begin, or a later word of them."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from rapidfuzz.distance import OSA
from sqlalchemy import Label, Select, String, bindparam, literal_column, select, true, union_all

from app.models.companies import companies
from app.models.ledger import store
from app.models.search import name_keys
from app.projection.names import core_of, typed_key
from app.search.lookup import END, Named, Range, lookup_of, slips
from app.shared.among import any_of
from app.shared.database import Database

_SPARE: Final = 4
"""How many names are read for each company that is suggested: one may have several that begin alike."""
_AWAY: Final = 2
"""How many slips a name may be away."""


class Suggestion(NamedTuple):
    """A company, by which of its names (``what``, ``value``) it was found, and whether only after a slip was undone."""

    slug: str
    name: str
    kind: str
    what: str
    value: str
    fuzzy: bool


async def suggest(database: Database, text: str, limit: int) -> tuple[list[Suggestion], int | None]:
    """Companies that may be meant by what was typed so far, and the revision that they were read at.

    First those with a name that begins so, then those with a later word that does; only where there is none, those
    with a name that is nearly so.
    """
    key = typed_key(text)
    values = {"low": key, "high": key + END, "most": limit * _SPARE}
    rows = await database.rows(STATEMENT, values)
    found = dict[str, Suggestion]()
    in_order = sorted((row for row in rows if key and row[1] is not None), key=lambda row: tuple(row[1:5]))
    for *_, slug, name, kind, what, value in in_order:
        found.setdefault(slug, Suggestion(slug, name, kind, what, value, fuzzy=False))
    if found or not key:
        return list(found.values())[:limit], rows[0][0]
    return await _nearly(database, text, limit, rows[0][0])


async def _nearly(database: Database, text: str, limit: int, before: int) -> tuple[list[Suggestion], int | None]:
    core = core_of(text)
    names = await _in(database, list(slips(0, core)))
    away = [
        (OSA.distance(core, its, score_cutoff=_AWAY), its, name.company_id, name.what != "name", name)
        for name in names
        if (its := name.core)
    ]
    near = dict[int, Named]()
    for far, *_, name in sorted(away):
        if far <= _AWAY:
            near.setdefault(name.company_id, name)
    rows = await database.rows(_COMPANIES, {"ids": list(near)})
    after = rows[0][0]
    by_id = {id_: (slug, name, kind) for _, id_, slug, name, kind in rows if id_}
    found = [(near[id_], by_id[id_]) for id_ in near if id_ in by_id]
    shown = [Suggestion(*named, its.what, its.value, fuzzy=True) for its, named in found[:limit]]
    return shown, before if before == after else None


async def _in(database: Database, ranges: Sequence[Range]) -> list[Named]:
    """The names in some ranges, as ``look_up`` finds them, by a plan that is kept."""
    if not ranges:
        return []
    statement, values = lookup_of(ranges, lateral=database.reader.dialect.name == "postgresql")
    return [Named(*row) for row in await database.rows(statement, values)]


def _statement() -> Select[Any]:
    """Names that begin so and later words of names that do, in their order, each beside the store's revision."""
    found = union_all(*(_beginning(inside=inside) for inside in (False, True))).subquery("found")
    shown = (companies.c.slug, companies.c.name, companies.c.kind, found.c.what, found.c.value)
    joined = found.join(companies, companies.c.id == found.c.company_id)
    both = (
        select(found.c.place, found.c.key, found.c.company_id, found.c.position, *shown)
        .select_from(joined)
        .subquery("both")
    )
    return select(store.c.revision, *both.c).select_from(store.outerjoin(both, true()))


def _beginning(*, inside: bool) -> Select[Any]:
    names, which = name_keys.c, name_keys.c.inside.is_(inside)
    begins = (names.key >= bindparam("low", type_=String)) & (names.key < bindparam("high", type_=String))
    place: Label[int] = literal_column(str(int(inside))).label("place")
    # The name of a company stands before its aliases: of those that are the same letters, it is told.
    order = (names.key, names.company_id, names.position)
    query = select(place, *order, names.what, names.value).where(which, begins)
    ranged = query.order_by(*order).limit(bindparam("most")).subquery()
    return select(*ranged.c)


def _companies() -> Select[Any]:
    its = companies.c
    named = select(its.id, its.slug, its.name, its.kind).where(any_of(its.id, "ids")).subquery()
    return select(store.c.revision, *named.c).select_from(store.outerjoin(named, true()))


_COMPANIES: Final = _companies()
STATEMENT: Final = _statement()
