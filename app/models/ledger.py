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
)

from app.models.base import metadata, one_of
from app.shared.types import Identity, UtcDateTime, Words

ResourceType = Literal["sources", "companies", "contracts", "investments", "fleets", "metrics", "events"]

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
    UniqueConstraint("type", "slug"),
    CheckConstraint("version >= 1", name="version_positive"),
    one_of("type", ResourceType),
)

# The newest revision of the store, in one row. Whoever writes locks it until the commit, so revisions are
# numbered in the order of their commits and leave no gap (docs/decisions/one-revision.md).
store = Table(
    "store",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcDateTime, nullable=False, index=True),
    Column("actor", Words, nullable=False),
    Column("reason", Words),
)

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
Index(
    "uq_versions_open",
    versions.c.record_id,
    unique=True,
    postgresql_where=versions.c.to_revision == OPEN,
    sqlite_where=versions.c.to_revision == OPEN,
)
