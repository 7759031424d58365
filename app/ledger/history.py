"""What happened to a record: who recorded each version, when and why, what it changed, and when it was retracted."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from pydantic import Field
from sqlalchemy import Column, Row, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.resource import stated
from app.models.ledger import Action, Change, changes, records, revisions, versions
from app.shared.fields import rfc3339
from app.shared.json import loads_own
from app.shared.model import Model


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
    next: str | None = Field(description="Always null: a history comes whole.")


async def history(connection: AsyncConnection, resource: str, slug: str) -> list[dict[str, Any]]:
    """What happened to a record, the newest first; nothing where there is no such record."""
    made = and_(
        versions.c.record_id == changes.c.record_id,
        versions.c.version == changes.c.version,
        versions.c.from_revision == changes.c.revision,
    )
    told = [column for column in revisions.c if column.name not in ("revision", "key_id")]
    columns: list[Column[Any]] = [changes.c.revision, changes.c.version, changes.c.action, *told, versions.c.document]
    query = (
        select(*columns)
        .join(records, records.c.id == changes.c.record_id)
        .join(revisions, revisions.c.revision == changes.c.revision)
        .outerjoin(versions, made)
        .where(records.c.type == resource, records.c.slug == slug)
        .order_by(changes.c.position)
    )
    rows = (await connection.execute(query)).all()
    later = chain((row.revision for row in rows[1:]), [None])
    shown, known = list[dict[str, Any]](), dict[str, Any]()
    for row, ended in zip(rows, later, strict=False):
        said = stated(loads_own(row.document)) if row.document else known
        shown.append(_entry(row, ended, differences(known, said)))
        known = said
    return shown[::-1]


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
