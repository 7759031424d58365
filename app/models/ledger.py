"""What every write goes through: the registry of records, the revisions of the store, the versions of each record."""

from typing import Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.models.base import metadata, one_of
from app.shared.types import Identity, UtcDateTime, Words

ResourceType = Literal["sources", "companies", "contracts", "investments", "fleets", "metrics", "events"]
Scope = Literal["read", "write", "admin"]
Change = Literal["correction", "update"]
"""Why a record says something else now: it was wrong, or the world changed."""
Action = Literal["created", "updated", "retracted", "restored", "merged", "unmerged"]

OPEN = 2**63 - 1
"""The end of a recorded range that is still open: no revision is ever this high."""

records = Table(
    "records",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("type", Words, nullable=False),
    Column("slug", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("retracted", Boolean, nullable=False, default=False),
    # The company that this one turned out to be: a retracted record that has one is found there.
    Column("merged_into_id", Identity, ForeignKey("records.id"), index=True),
    UniqueConstraint("type", "slug"),
    CheckConstraint("version >= 1", name="version_positive"),
    one_of("type", ResourceType),
)

# The newest revision of the store and the position of its last change, in one row. Whoever writes locks it until the
# commit, so both are numbered in the order of the commits and leave no gap (docs/decisions/one-revision.md).
store = Table(
    "store",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    # 64 hexadecimal digits, made at random with the store: it signs what clients bring back, and is never shown.
    Column("secret", Words, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcDateTime, nullable=False, index=True),
    Column("actor", Words, nullable=False),
    Column("reason", Words),
    Column("change", Words),
    Column("request_id", Words),
    Column("key_id", Words, ForeignKey("keys.id"), index=True),
    one_of("change", Change),
)

# What happened to which record, once for each record of a revision: the audit trail, and the feed of changes. What the
# record said before and after stands in its versions. A trigger lets nobody update or delete a row here, or a revision.
changes = Table(
    "changes",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, ForeignKey("revisions.revision"), nullable=False, index=True),
    Column("record_id", Identity, ForeignKey("records.id"), nullable=False),
    # The version that it made; where the record was retracted, the one that it ended.
    Column("version", Integer, nullable=False),
    Column("action", Words, nullable=False),
    one_of("action", Action),
)
Index("ix_changes_record_id", changes.c.record_id, changes.c.version)

versions = Table(
    "versions",
    metadata,
    Column("record_id", Identity, ForeignKey("records.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("from_revision", BigInteger, ForeignKey("revisions.revision"), nullable=False, index=True),
    Column("to_revision", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    CheckConstraint("from_revision < to_revision", name="recorded_range"),
)
# Few records were ever changed, and only those are in it.
Index(
    "ix_versions_changed",
    versions.c.version,
    versions.c.record_id,
    postgresql_where=(versions.c.to_revision == OPEN) & (versions.c.version > 1),
    sqlite_where=(versions.c.to_revision == OPEN) & (versions.c.version > 1),
)
Index(
    "uq_versions_open",
    versions.c.record_id,
    unique=True,
    postgresql_where=versions.c.to_revision == OPEN,
    sqlite_where=versions.c.to_revision == OPEN,
)
