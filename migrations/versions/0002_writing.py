"""What trusted writing needs: keys, kept replies, the log of changes, webhooks, merges.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for a column that is declared INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Text in the order of its code points, whatever locale the server has.
WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")

APPEND_ONLY = ("changes", "revisions")
# Every version that the store has already came as one change.
BACKFILL = (
    """
    INSERT INTO changes (position, revision, record_id, version, action)
    SELECT row_number() OVER (ORDER BY from_revision, record_id), from_revision, record_id, version,
           CASE WHEN version = 1 THEN 'created' ELSE 'updated' END
    FROM versions
    """,
    "UPDATE store SET position = (SELECT count(*) FROM changes)",
)
# What a record shows from now on: as text at the end of it, since reading and writing JSON would touch its numbers.
PINS = ',"preferred":{},"disputed":[]}'
SHOW_PINS = f"""
    UPDATE versions SET document = substr(document, 1, length(document) - 1) || '{PINS}'
    WHERE to_revision = {2**63 - 1}
"""
HIDE_PINS = f"""
    UPDATE versions SET document = substr(document, 1, length(document) - {len(PINS)}) || '}}'
    WHERE substr(document, length(document) - {len(PINS) - 1}) = '{PINS}'
"""
REFUSE_ON_POSTGRESQL = """
CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write', 'admin')", name=op.f("ck_keys_scope_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_table(
        "replies",
        sa.Column("key_id", WORDS, nullable=False),
        sa.Column("idempotency_key", WORDS, nullable=False),
        sa.Column("fingerprint", WORDS, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_replies_key_id")),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name=op.f("pk_replies")),
    )
    op.create_index(op.f("ix_replies_answered_at"), "replies", ["answered_at"], unique=False)
    op.create_table(
        "webhooks",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("description", WORDS, nullable=True),
        sa.Column("secret", WORDS, nullable=False),
        sa.Column("former_secret", WORDS, nullable=True),
        sa.Column("former_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_webhooks_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_key_id"), "webhooks", ["key_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.CheckConstraint(
            "action IN ('created', 'updated', 'retracted', 'restored', 'merged', 'unmerged')",
            name=op.f("ck_changes_action_known"),
        ),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_changes_record_id")),
        sa.ForeignKeyConstraint(["revision"], ["revisions.revision"], name=op.f("fk_changes_revision")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_record_id", "changes", ["record_id", "version"], unique=False)
    op.create_index(op.f("ix_changes_revision"), "changes", ["revision"], unique=False)
    op.create_table(
        "merges",
        sa.Column("id", ID, nullable=False),
        sa.Column("from_id", ID, nullable=False),
        sa.Column("into_id", ID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("undone_revision", sa.BigInteger(), nullable=True),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.CheckConstraint("from_id <> into_id", name=op.f("ck_merges_two_companies")),
        sa.ForeignKeyConstraint(["from_id"], ["records.id"], name=op.f("fk_merges_from_id")),
        sa.ForeignKeyConstraint(["into_id"], ["records.id"], name=op.f("fk_merges_into_id")),
        sa.ForeignKeyConstraint(["revision"], ["revisions.revision"], name=op.f("fk_merges_revision")),
        sa.ForeignKeyConstraint(["undone_revision"], ["revisions.revision"], name=op.f("fk_merges_undone_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_from_id"), "merges", ["from_id"], unique=False)
    op.create_index(op.f("ix_merges_into_id"), "merges", ["into_id"], unique=False)
    op.create_index(op.f("ix_merges_revision"), "merges", ["revision"], unique=False)
    op.create_index(op.f("ix_merges_undone_revision"), "merges", ["undone_revision"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("webhook_id", WORDS, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", WORDS, nullable=True),
        sa.CheckConstraint("(due_at IS NULL) <> (given_up_at IS NULL)", name=op.f("ck_deliveries_due_or_given_up")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_deliveries_attempts_counted")),
        sa.ForeignKeyConstraint(["position"], ["changes.position"], name=op.f("fk_deliveries_position")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_deliveries_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_due_at", "deliveries", ["due_at"], unique=False)
    op.create_index(op.f("ix_deliveries_position"), "deliveries", ["position"], unique=False)
    op.create_index("uq_deliveries_webhook_id_position", "deliveries", ["webhook_id", "position"], unique=True)
    # As clauses of the column, in which form both databases can add them.
    _add_column("records", "merged_into_id", ID, "CONSTRAINT fk_records_merged_into_id REFERENCES records (id)")
    op.create_index(op.f("ix_records_merged_into_id"), "records", ["merged_into_id"], unique=False)
    known = "CONSTRAINT ck_revisions_change_known CHECK (change IN ('correction', 'update'))"
    _add_column("revisions", "change", WORDS, known)
    _add_column("revisions", "request_id", WORDS)
    _add_column("revisions", "key_id", WORDS, "CONSTRAINT fk_revisions_key_id REFERENCES keys (id)")
    op.create_index(op.f("ix_revisions_key_id"), "revisions", ["key_id"], unique=False)
    op.add_column("store", sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    for statement in (*BACKFILL, SHOW_PINS):
        op.execute(statement)
    _refuse_to_rewrite()


def _add_column(table: str, name: str, kind: sa.types.TypeEngine, clause: str = "") -> None:
    dialect = op.get_context().dialect
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind.compile(dialect)} {clause}")


def _refuse_to_rewrite() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(REFUSE_ON_POSTGRESQL)
        for table in APPEND_ONLY:
            for what, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
                name = f"{table}_refuse_{what.split()[0].lower()}"
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_to_rewrite()"
                )
        return
    for table in APPEND_ONLY:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    _let_rewrite()
    op.execute(HIDE_PINS)
    with op.batch_alter_table("store") as store:
        store.drop_column("position")
    op.drop_index(op.f("ix_revisions_key_id"), table_name="revisions")
    op.drop_index(op.f("ix_records_merged_into_id"), table_name="records")
    for table, column in (
        ("revisions", "key_id"),
        ("revisions", "request_id"),
        ("revisions", "change"),
        ("records", "merged_into_id"),
    ):
        op.drop_column(table, column)
    op.drop_index("uq_deliveries_webhook_id_position", table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_position"), table_name="deliveries")
    op.drop_index("ix_deliveries_due_at", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_merges_undone_revision"), table_name="merges")
    op.drop_index(op.f("ix_merges_revision"), table_name="merges")
    op.drop_index(op.f("ix_merges_into_id"), table_name="merges")
    op.drop_index(op.f("ix_merges_from_id"), table_name="merges")
    op.drop_table("merges")
    op.drop_index(op.f("ix_changes_revision"), table_name="changes")
    op.drop_index("ix_changes_record_id", table_name="changes")
    op.drop_table("changes")
    op.drop_index(op.f("ix_webhooks_key_id"), table_name="webhooks")
    op.drop_table("webhooks")
    op.drop_index(op.f("ix_replies_answered_at"), table_name="replies")
    op.drop_table("replies")
    op.drop_table("keys")


def _let_rewrite() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_to_rewrite CASCADE")
        return
    for table in APPEND_ONLY:
        for what in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_refuse_{what}")
