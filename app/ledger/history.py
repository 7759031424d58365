"""The versions of a record: who recorded each, when and why, and what it changed."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.resource import stated
from app.ledger.transaction import rfc3339
from app.models.ledger import OPEN, records, revisions, versions
from app.shared.json import loads_own


class FieldChanged(BaseModel):
    """A field before and after."""

    field: str = Field(description="The field of the record.", examples=["value"])
    old: Any = Field(description="What it was; null in the first version.")
    new: Any = Field(description="What it became.")


class Version(BaseModel):
    """A version of a record."""

    version: int = Field(description="Counts the versions of the record, from 1.", examples=[1])
    revision: int = Field(description="The state of the store that it came with.", examples=[57])
    recorded_at: str = Field(description="When it was recorded (RFC 3339).", examples=["2025-03-13T09:00:00Z"])
    superseded_by: int | None = Field(description="The revision that ended it; null for the current one.")
    actor: str = Field(description="Who recorded it.", examples=["seed"])
    reason: str | None = Field(description="Why.", examples=["seed wired-2025-03-12.yaml"])
    changes: list[FieldChanged] = Field(description="What it changed of the version before.")


class History(BaseModel):
    """The versions of a record, the newest first."""

    data: list[Version]
    next: str | None = Field(description="Always null: a history comes whole.")


async def history(connection: AsyncConnection, resource: str, slug: str) -> list[dict[str, Any]]:
    """The versions of a record, the newest first; none where there is no such record. Retracted records keep theirs."""
    query = (
        select(
            versions.c.version,
            versions.c.from_revision,
            versions.c.to_revision,
            revisions.c.recorded_at,
            revisions.c.actor,
            revisions.c.reason,
            versions.c.document,
        )
        .join(records, records.c.id == versions.c.record_id)
        .join(revisions, revisions.c.revision == versions.c.from_revision)
        .where(records.c.type == resource, records.c.slug == slug)
        .order_by(versions.c.version)
    )
    rows = (await connection.execute(query)).all()
    documents = [stated(loads_own(row.document)) for row in rows]
    before: list[dict[str, Any]] = [{}, *documents]
    # The last version is before none.
    shown = [_version(row, old, new) for row, old, new in zip(rows, before, documents, strict=False)]
    return shown[::-1]


def _version(row: Any, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {
        "version": row.version,
        "revision": row.from_revision,
        "recorded_at": rfc3339(row.recorded_at),
        "superseded_by": None if row.to_revision == OPEN else row.to_revision,
        "actor": row.actor,
        "reason": row.reason,
        "changes": _changes(old, new),
    }


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Sequence[dict[str, Any]]:
    fields = dict.fromkeys([*old, *new])
    return [
        {"field": field, "old": old.get(field), "new": new.get(field)}
        for field in fields
        if field != "slug" and old.get(field) != new.get(field)
    ]
