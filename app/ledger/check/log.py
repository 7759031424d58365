"""Rules of versions and of the log of changes, each as a query for what breaks it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.check.finding import Finding, broken
from app.models.ledger import OPEN, changes, records, revisions, store, versions

Rule = tuple[str, Select[Any]]
_NAME = (records.c.type, records.c.slug)
_OF_RECORD = versions.c.record_id == records.c.id
# Not the bare column: SQLite, which keeps no count of them, would look all changes of a revision through for each.
_AT = changes.c.revision + 0


async def of_versions_and_changes(connection: AsyncConnection) -> list[Finding]:
    """What is wrong with the versions, the revisions and the log of changes."""
    return [
        finding
        for what, query in (*_version_rules(), *_change_rules(), *_numbering_rules())
        for finding in await broken(connection, what, query)
    ]


def _version_rules() -> Iterator[Rule]:
    later, open_ = versions.alias("later"), versions.c.to_revision == OPEN
    numbers = select(*_NAME).join(versions, _OF_RECORD).group_by(records.c.id, *_NAME)
    holes = or_(func.min(versions.c.version) != 1, func.max(versions.c.version) != func.count())
    yield "records whose versions are not numbered from 1 with no hole", numbers.having(holes)
    newest = select(func.max(versions.c.version)).where(_OF_RECORD).scalar_subquery()
    yield (
        "records that name another version than their newest",
        select(*_NAME).where(func.coalesce(newest, 0) != records.c.version),
    )
    # With no hole in the numbers, no two overlap where no two neighbours do.
    following = and_(later.c.record_id == versions.c.record_id, later.c.version == versions.c.version + 1)
    overlap = select(*_NAME, versions.c.version).join(versions, _OF_RECORD).join(later, following)
    yield "versions that last into a later one", overlap.where(later.c.from_revision < versions.c.to_revision)
    has_open = select(literal(1)).where(_OF_RECORD, open_).exists()
    yield "records that are retracted, yet have an open version", select(*_NAME).where(records.c.retracted, has_open)
    yield (
        "records that are not retracted, yet have no open version",
        select(*_NAME).where(~records.c.retracted, ~has_open),
    )
    yield (
        "records that were merged into another, yet are not retracted",
        select(*_NAME).where(~records.c.retracted, records.c.merged_into_id.is_not(None)),
    )


def _change_rules() -> Iterator[Rule]:
    made, ended = _makes(), _ends()
    name = (*_NAME, versions.c.version)
    makers = select(func.count()).where(made).correlate(versions).scalar_subquery()
    yield "versions that not exactly one change made", select(*name).join(versions, _OF_RECORD).where(makers != 1)
    lasts = versions.c.to_revision == OPEN
    told = select(literal(1)).where(changes.c.record_id == versions.c.record_id)
    told = told.where(versions.c.to_revision == _AT)
    yield (
        "versions that ended with no change that says so",
        select(*name).join(versions, _OF_RECORD).where(~lasts, ~told.exists()),
    )
    follows = versions.alias("following")
    goes_on = select(literal(1)).where(
        follows.c.record_id == versions.c.record_id, follows.c.from_revision == versions.c.to_revision
    )
    yield (
        "versions that ended with none after it, though the record was not taken out",
        select(*name).join(versions, _OF_RECORD).where(~lasts, ~goes_on.exists(), ~told.where(_takes_out()).exists()),
    )
    about_one = select(literal(1)).where(or_(made, ended)).correlate(changes).exists()
    yield "changes that neither made nor ended a version", select(changes.c.position).where(~about_one)
    backwards = changes.alias("next")
    order = select(changes.c.position).join(backwards, backwards.c.position == changes.c.position + 1)
    yield "changes whose next has an earlier revision", order.where(backwards.c.revision < changes.c.revision)


def _takes_out() -> ColumnElement[bool]:
    return changes.c.action.in_(("retracted", "merged"))


def _makes() -> ColumnElement[bool]:
    same = and_(changes.c.record_id == versions.c.record_id, changes.c.version == versions.c.version)
    return and_(same, versions.c.from_revision == _AT)


def _ends() -> ColumnElement[bool]:
    same = and_(changes.c.record_id == versions.c.record_id, changes.c.version == versions.c.version)
    return and_(same, versions.c.to_revision == _AT)


def _numbering_rules() -> Iterator[Rule]:
    for column, newest in ((changes.c.position, store.c.position), (revisions.c.revision, store.c.revision)):
        # The rows are counted from 1 to the newest; the numbers shown are the lowest, the highest and how many.
        lowest, highest = (func.coalesce(cast(edge(column), BigInteger), 0) for edge in (func.min, func.max))
        counted = select(lowest, highest, func.count(), newest).select_from(store.outerjoin(column.table, true()))
        wrong = or_(highest != newest, func.count(column) != newest, and_(newest > 0, lowest != 1))
        yield f"{column.table.name} that are not numbered from 1 to the newest", counted.group_by(newest).having(wrong)
    unused = select(literal(1)).where(changes.c.revision == revisions.c.revision).exists()
    yield "revisions with no change", select(revisions.c.revision).where(~unused)
    later = revisions.alias("later")
    order = select(revisions.c.revision).join(later, later.c.revision == revisions.c.revision + 1)
    yield "revisions whose next was recorded earlier", order.where(later.c.recorded_at < revisions.c.recorded_at)
