"""Who may write, what was answered to whom, and who wants to be told."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from app.models.base import metadata, one_of
from app.models.ledger import Scope
from app.shared.types import Identity, UtcDateTime, Words

# Only the SHA-256 of a key's secret is kept: 256 random bits need no slow hash.
keys = Table(
    "keys",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("scope", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    one_of("scope", Scope),
)

# What was answered to a request that carried an Idempotency-Key, stored in the transaction of its work.
replies = Table(
    "replies",
    metadata,
    Column("key_id", Words, ForeignKey("keys.id"), primary_key=True),
    Column("idempotency_key", Words, primary_key=True),
    Column("fingerprint", Words, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("answered_at", UtcDateTime, nullable=False, index=True),
)

# ``position``: the last change that was looked at for this webhook.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Words, primary_key=True),
    Column("url", Words, nullable=False),
    Column("types", Text, nullable=False),
    Column("description", Words),
    Column("secret", Words, nullable=False),
    Column("former_secret", Words),
    Column("former_secret_until", UtcDateTime),
    Column("position", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("key_id", Words, ForeignKey("keys.id"), index=True),
)

# A change on its way to a webhook. It is due at ``due_at`` until it is delivered (then the row goes) or given up.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("webhook_id", Words, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("position", BigInteger, ForeignKey("changes.position"), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("given_up_at", UtcDateTime),
    Column("last_status", Integer),
    Column("last_error", Words),
    CheckConstraint("attempts >= 0", name="attempts_counted"),
    CheckConstraint("(due_at IS NULL) <> (given_up_at IS NULL)", name="due_or_given_up"),
)
Index("uq_deliveries_webhook_id_position", deliveries.c.webhook_id, deliveries.c.position, unique=True)
Index("ix_deliveries_due_at", deliveries.c.due_at)

# What a merge of two companies changed, so that it can be taken back exactly.
merges = Table(
    "merges",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("from_id", Identity, ForeignKey("records.id"), nullable=False, index=True),
    Column("into_id", Identity, ForeignKey("records.id"), nullable=False, index=True),
    Column("revision", BigInteger, ForeignKey("revisions.revision"), nullable=False, index=True),
    Column("undone_revision", BigInteger, ForeignKey("revisions.revision"), index=True),
    Column("moved", Text, nullable=False),
    CheckConstraint("from_id <> into_id", name="two_companies"),
)
