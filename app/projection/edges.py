"""Keeps the ``edges`` table: in the transaction of a write, the edges of every record that the write touches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.edges import edges
from app.models.ledger import OPEN, records, revisions, versions
from app.models.sources import citations
from app.projection.following import earlier_fleets, followed_by, same_series, undated_fleets
from app.projection.publication import published_by
from app.projection.row import COMPARED, EdgeRow, edge_key, edge_rows, same
from app.projection.rules import DerivedEdge, StatedRecord, dated, edges_of
from app.shared.among import any_of
from app.shared.bulk import insert_rows
from app.shared.chunks import in_chunks
from app.shared.json import loads_own

_CHUNK: Final = 1_000
_WITH_EDGES: Final = frozenset({"companies", "contracts", "investments", "fleets", "metrics"})
REACHING: Final = frozenset({"sources", "fleets", "metrics"})
"""Types of which a change may change the edges of other records: those that cite it, or that it follows."""

_KEPT = select(
    *(edges.c[name] for name in ("id", "record_id", "dependent_id", "on_id", "kind", "to_revision")),
    *(edges.c[name] for name in COMPARED),
).where(any_of(edges.c.record_id, "ids"), edges.c.to_revision >= bindparam("revision"))
_FORGET = delete(edges).where(edges.c.id == bindparam("edge"), edges.c.from_revision == bindparam("revision"))
_CLOSE = update(edges).where(edges.c.id == bindparam("edge")).values(to_revision=bindparam("revision"))
_LOAD = (
    select(records.c.id, records.c.type, records.c.slug, versions.c.document, revisions.c.recorded_at)
    .join(versions, versions.c.record_id == records.c.id)
    .join(revisions, revisions.c.revision == versions.c.from_revision)
    .where(any_of(records.c.id, "ids"), versions.c.to_revision == OPEN, records.c.type.in_(_WITH_EDGES))
    .order_by(records.c.id)
)
_CITING = select(citations.c.owner_id).where(any_of(citations.c.source_id, "ids"))
_COMPANIES = select(records.c.slug, records.c.id).where(records.c.type == "companies", any_of(records.c.slug, "slugs"))


@dataclass(frozen=True, slots=True)
class Left:
    """A record as a write leaves it at a revision: its document, None where it was taken out.

    ``new`` where there was none of it before.
    """

    id: int
    type: str
    slug: str
    revision: int
    recorded_on: date
    document: Mapping[str, Any] | None
    new: bool


async def project(connection: AsyncConnection, changed: Sequence[Left], companies: Mapping[str, int]) -> None:
    """Bring the edges in line with the records that a write changed, and with those that depend on them.

    An edge that is no longer implied is closed at the revision of the record; one that is new or says something else
    is opened then. It may be asked again at the same revision, and leaves what asking once at its end would leave.
    ``companies``: the ids of those that are known already, by their slugs; the others are looked up.
    """
    touched = [one for one in changed if one.type in _WITH_EDGES]
    touched += await _reached(connection, changed)
    for some in in_chunks(touched, _CHUNK):
        await _project(connection, some, companies)


async def _project(connection: AsyncConnection, touched: Sequence[Left], companies: Mapping[str, int]) -> None:
    stated = [one for one in touched if one.document]
    wanted = {edge_key(row): row for row in await _derive(connection, stated, companies)}
    revision_of = {one.id: one.revision for one in touched}
    before = await _kept(connection, [one for one in touched if not one.new])
    still = {edge_key(row): row for row in before if (key := edge_key(row)) in wanted and same(row, wanted[key])}
    # One that this very transaction had closed may hold after all.
    again = [row for row in still.values() if row["to_revision"] != OPEN]
    stale = [row for row in before if row["to_revision"] == OPEN and edge_key(row) not in still]
    fresh = [row for key, row in wanted.items() if key not in still]
    if stale:
        ends = [{"edge": row["id"], "revision": revision_of[row["record_id"]]} for row in stale]
        # An edge that was opened by this very transaction was never recorded: it leaves no trace.
        await connection.execute(_FORGET, ends)
        await connection.execute(_CLOSE, ends)
    if again:
        await connection.execute(_CLOSE, [{"edge": row["id"], "revision": OPEN} for row in again])
    if fresh:
        rows = [row | {"from_revision": revision_of[row["record_id"]], "to_revision": OPEN} for row in fresh]
        await insert_rows(connection, edges, rows)


async def _derive(connection: AsyncConnection, touched: Sequence[Left], companies: Mapping[str, int]) -> list[EdgeRow]:
    """The rows of all edges that the given records imply now."""
    published = await published_by(connection, {source for one in touched for source in _cited(one.document or {})})
    fleets, metrics = ([one.id for one in touched if one.type == kind] for kind in ("fleets", "metrics"))
    following = await followed_by(connection, fleets, metrics)
    implied: list[tuple[int, StatedRecord, list[DerivedEdge]]] = []
    for one in touched:
        document = one.document or {}
        dates, next_one = dated(document, published), following.get(one.id)
        record = StatedRecord(one.type, one.slug, document, one.recorded_on, dates, next_one)
        implied.append((one.id, record, edges_of(record)))
    ends = {slug for _, _, some in implied for edge in some for slug in (edge.dependent, edge.on)}
    ids = {**companies, **await company_ids(connection, ends - companies.keys())}
    return [row for id_, record, some in implied for row in edge_rows(id_, record, some, ids)]


async def _reached(connection: AsyncConnection, changed: Sequence[Left]) -> list[Left]:
    """The records that did not change, but cite a changed source, or are observations that a changed one follows."""
    reaching: dict[int, list[Left]] = {}
    for one in changed:
        # Nothing can cite a source that was not there.
        if one.type in REACHING and not (one.new and one.type == "sources"):
            reaching.setdefault(one.revision, []).append(one)
    known, found = {one.id for one in changed}, list[Left]()
    for revision, those in reaching.items():
        ids = await _others(connection, revision, those) - known
        found += await _load(connection, revision, sorted(ids))
        known |= ids
    return found


async def _others(connection: AsyncConnection, revision: int, changed: Sequence[Left]) -> set[int]:
    found = set[int]()
    for some in in_chunks(changed, _CHUNK):
        ids = {kind: [one.id for one in some if one.type == kind] for kind in REACHING}
        if ids["sources"]:
            found |= set(await connection.scalars(_CITING, {"ids": ids["sources"]}))
            ids["fleets"] += await undated_fleets(connection, ids["sources"])
        if ids["fleets"]:
            found |= await earlier_fleets(connection, revision, ids["fleets"])
        if ids["metrics"]:
            found |= await same_series(connection, revision, ids["metrics"])
    return found


async def _kept(connection: AsyncConnection, touched: Sequence[Left]) -> list[dict[str, Any]]:
    if not touched:
        return []
    about = {"ids": [one.id for one in touched], "revision": min(one.revision for one in touched)}
    return [dict(row) for row in (await connection.execute(_KEPT, about)).mappings()]


async def _load(connection: AsyncConnection, revision: int, ids: Sequence[int]) -> list[Left]:
    found = list[Left]()
    for some in in_chunks(ids, _CHUNK):
        rows = await connection.execute(_LOAD, {"ids": some})
        for id_, kind, slug, text, at in rows:
            found.append(Left(id_, kind, slug, revision, at.date(), loads_own(text), new=False))
    return found


async def company_ids(connection: AsyncConnection, slugs: Collection[str]) -> dict[str, int]:
    """The ids of companies by their slugs, without those that there are not."""
    found: dict[str, int] = {}
    for some in in_chunks(sorted(slugs), _CHUNK):
        found |= dict((await connection.execute(_COMPANIES, {"slugs": some})).all())
    return found


def _cited(document: Mapping[str, Any]) -> Iterable[str]:
    return (citation["source"] for citation in document.get("citations", ()))
