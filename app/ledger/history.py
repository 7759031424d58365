"""What happened to a record: who recorded each version, when and why, what it changed, and when it was retracted."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from pydantic import Field
from sqlalchemy import Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.resource import stated
from app.models.ledger import Action, Change, changes, records, revisions, versions
from app.shared.fields import rfc3339
from app.shared.json import loads_own
from app.shared.model import Model

_MADE: Final = and_(
    versions.c.record_id == changes.c.record_id,
    versions.c.version == changes.c.version,
    versions.c.from_revision == changes.c.revision,
)
_TOLD: Final = [column for column in revisions.c if column.name not in ("revision", "key_id")]
_QUERY: Final[Select[Any]] = (
    select(changes.c.position, changes.c.revision, changes.c.version, changes.c.action, *_TOLD, versions.c.document)
    .join(records, records.c.id == changes.c.record_id)
    .join(revisions, revisions.c.revision == changes.c.revision)
    .outerjoin(versions, _MADE)
    .order_by(changes.c.position.desc())
)


class FieldChanged(Model):
    """A field before and after."""

    field: str = Field(description="The field of the record.", examples=["value"])
    old: Any = Field(description="What it was; null where there was nothing.")
    new: Any = Field(description="What it became; null where nothing is left.")


class Recording(Model):
    """Who recorded something, when and why."""

    revision: int = Field(description="The state of the store that it came with.", examples=[57])
    recorded_at: str = Field(description="When it was recorded (RFC 3339).", examples=["2025-03-13T09:00:00Z"])
    actor: str = Field(description="Who recorded it.", examples=["seed"])
    reason: str | None = Field(description="Why.", examples=["seed wired-2025-03-12.yaml"])
    change: Change | None = Field(description="Whether what was known was wrong, or the world changed.")
    request_id: str | None = Field(description="The request that it came with.", examples=["9f1c2d"])
    action: Action = Field(description="What happened to the record.", examples=["updated"])


class Entry(Recording):
    """Something that happened to a record: a version of it, or its retraction."""

    version: int = Field(
        description="Counts the versions of the record, from 1; of a retraction the one that it ended.", examples=[1]
    )
    superseded_by: int | None = Field(description="The revision that ended this state; null for the current one.")
    changes: list[FieldChanged] = Field(description="What it changed of the version before; a retraction nothing.")


class History(Model):
    """What happened to a record, the newest first."""

    data: list[Entry]
    next: str | None = Field(description="The address of the next page; null on the last one.")


class Place(NamedTuple):
    """Where a page of a history ends: the position of its last change, and the revision of that."""

    position: int
    revision: int


class Entries(NamedTuple):
    """A page of a history; ``last`` is where it ends, None where nothing comes after it."""

    entries: list[dict[str, Any]]
    last: Place | None


async def history(
    connection: AsyncConnection, resource: str, slug: str, limit: int, before: Place | None = None
) -> Entries:
    """What happened to a record before a place, the newest first; nothing where there is no such record."""
    query = _QUERY if before is None else _QUERY.where(changes.c.position < before.position)
    # An entry says what it changed of the version before, behind which a retraction may stand.
    some = query.where(records.c.type == resource, records.c.slug == slug).limit(limit + 2)
    rows = (await connection.execute(some)).all()
    later = chain((before and before.revision,), (row.revision for row in rows))
    shown, known = list[dict[str, Any]](), dict[str, Any]()
    for row, ended in reversed([*zip(rows, later, strict=False)]):
        said = stated(loads_own(row.document)) if row.document else known
        shown.append(_entry(row, ended, differences(known, said)))
        known = said
    last = Place(rows[limit - 1].position, rows[limit - 1].revision) if len(rows) > limit else None
    return Entries(shown[::-1][:limit], last)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The fields in which two states of a record differ, in the order of the record."""
    fields: Iterable[str] = dict.fromkeys([*old, *new])
    return [
        {"field": field, "old": old.get(field), "new": new.get(field)}
        for field in fields
        if field != "slug" and old.get(field) != new.get(field)
    ]


def _entry(row: Row[Any], superseded_by: int | None, changed: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": row.version,
        "action": row.action,
        "revision": row.revision,
        "recorded_at": rfc3339(row.recorded_at),
        "superseded_by": superseded_by,
        "actor": row.actor,
        "reason": row.reason,
        "change": row.change,
        "request_id": row.request_id,
        "changes": changed,
    }
