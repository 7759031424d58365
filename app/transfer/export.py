"""Reads the store out: every record as it was at one revision, in an order that imports back.

The versions say at which revisions they held, so that each chunk is a statement of its own and all of them show the
same state: no transaction is open, and a client that reads slowly keeps nobody waiting.
"""

import re
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import String, bindparam, cast, func, select

from app.ledger.listing import Question, conditions_of
from app.ledger.resource import Resource
from app.models.ledger import records, store, versions
from app.shared.among import any_of
from app.shared.database import Database

CHUNK: Final = 1_000
_HELD: Final = (versions.c.from_revision <= bindparam("revision")) & (versions.c.to_revision > bindparam("revision"))
_NEXT: Final = (
    select(records.c.slug, versions.c.document)
    .join(versions, versions.c.record_id == records.c.id)
    .where(records.c.type == bindparam("type"), records.c.slug > bindparam("after"), _HELD)
    .order_by(records.c.slug)
    .limit(CHUNK)
)
_THESE: Final = (
    select(records.c.id, records.c.slug, versions.c.document)
    .join(versions, versions.c.record_id == records.c.id)
    .where(_HELD)
)
_BY_ID: Final = _THESE.where(any_of(records.c.id, "ids"))
_BY_SLUG: Final = _THESE.where(records.c.type == bindparam("type"), any_of(records.c.slug, "slugs"))
_RECORDED: Final = '"recorded_at":"'
_DISPUTED: Final = ',"disputed":'


class Shown(NamedTuple):
    """A record that is read out: its slug, and the JSON that its version keeps."""

    slug: str
    document: str


Chunk = tuple[Resource, Sequence[Shown]]


@dataclass(frozen=True)
class Export:
    """What is to be read out: records of some resources at a revision, those after a slug of the first of them.

    ``ids``: only these records of one resource, in the order of their slugs.
    """

    revision: int
    resources: Sequence[Resource]
    after: str = ""
    ids: Sequence[int] | None = None


async def chunks(database: Database, export: Export) -> AsyncIterator[Chunk]:
    """The records of an export, at most 1,000 at a time."""
    if export.ids is not None:
        async for some in _listed(database, export):
            yield export.resources[0], some
        return
    after = export.after
    for resource in export.resources:
        found: Sequence[Any] = range(CHUNK)
        while len(found) == CHUNK:
            values = {"type": resource.type, "after": after, "revision": export.revision}
            found = await database.rows(_NEXT, values)
            if found:
                yield resource, [Shown(*row) for row in found]
                after = found[-1][0]
        after = ""


async def matching(database: Database, question: Question, after: str) -> tuple[int, Sequence[int]]:
    """The revision of the store, and the ids of the records that a list's filters keep, by slug, in one statement."""
    table = question.resource.table
    async with database.reading() as connection:
        conditions = await conditions_of(connection, question)
        kept = select(table.c.id).where(*conditions, table.c.slug > after).order_by(table.c.slug).subquery()
        # One text: a million rows of their own would take a hundred times the memory.
        ids = select(func.aggregate_strings(cast(kept.c.id, String), ",")).scalar_subquery()
        revision, text = (await connection.execute(select(store.c.revision, ids))).one()
    return revision, array("q", (int(number[0]) for number in re.finditer("[0-9]+", text or "")))


async def these(database: Database, kind: str, slugs: Sequence[str], revision: int) -> list[Shown]:
    """Those records of at most 1,000 slugs that the store had at a revision."""
    found = await database.rows(_BY_SLUG, {"type": kind, "slugs": slugs, "revision": revision})
    return [Shown(slug, document) for _, slug, document in found]


def line_of(resource: Resource, shown: Shown) -> str:
    """A record as a line to import: its type, and what was stated, without what the store added to it.

    A document begins with slug, version and recorded_at and ends with disputed (`Resource.document`), so that it need
    not be parsed: that would take thirty times as long.
    """
    document = shown.document
    start = document.index('",', document.index(_RECORDED) + len(_RECORDED)) + 2
    end = document.rfind(_DISPUTED)
    # A version of before there were claims ends without it.
    rest = document[start:end] + "}" if end > 0 else document[start:]
    return f'{{"type":"{resource.type}","slug":"{shown.slug}",{rest}\n'


async def _listed(database: Database, export: Export) -> AsyncIterator[Sequence[Shown]]:
    ids = export.ids or ()
    for start in range(0, len(ids), CHUNK):
        some = list(ids[start : start + CHUNK])
        rows = await database.rows(_BY_ID, {"ids": some, "revision": export.revision})
        found = {id_: Shown(slug, document) for id_, slug, document in rows}
        yield [found[id_] for id_ in some]
