"""What full-text search and suggestions need. Both tables start empty: ``dealgraph migrate`` fills them.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")
FOLDED = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")

# Words come folded and with blanks between, so the simplest tokenizer leaves them as they are.
FTS = """
CREATE VIRTUAL TABLE search_index USING fts5(
    title, content, content='search_entries', content_rowid='record_id', tokenize='ascii', detail='column'
)
"""
INTO = "INSERT INTO search_index (rowid, title, content) VALUES (new.record_id, new.title, new.content);"
OUT_OF = (
    "INSERT INTO search_index (search_index, rowid, title, content) "
    "VALUES ('delete', old.record_id, old.title, old.content);"
)
TRIGGERS = {"insert": INTO, "delete": OUT_OF, "update": OUT_OF + " " + INTO}


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("record_id", ID, autoincrement=False, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("title", FOLDED, nullable=False),
        sa.Column("content", FOLDED, nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_search_entries")),
    )
    op.create_table(
        "name_keys",
        sa.Column("company_id", ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", WORDS, nullable=False),
        sa.Column("scheme", WORDS, nullable=True),
        sa.Column("value", WORDS, nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("core", WORDS, nullable=True),
        sa.Column("backwards", WORDS, nullable=True),
        sa.Column("letters", sa.Integer(), nullable=True),
        sa.CheckConstraint("(core IS NULL) = (letters IS NULL)", name=op.f("ck_name_keys_core_counted")),
        sa.CheckConstraint("what IN ('name', 'alias', 'identifier')", name=op.f("ck_name_keys_what_known")),
        sa.PrimaryKeyConstraint("company_id", "position", name=op.f("pk_name_keys")),
    )
    op.create_index("ix_name_keys_key", "name_keys", ["inside", "key", "company_id", "position"])
    for column in ("core", "backwards"):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_name_keys_{column}",
            "name_keys",
            ["letters", column, "company_id", "position"],
            postgresql_where=there,
            sqlite_where=there,
        )
    if op.get_context().dialect.name == "postgresql":
        for column in ("title", "content"):
            op.create_index(f"ix_search_entries_{column}", "search_entries", [column], postgresql_using="gin")
        return
    op.execute(FTS)
    for what, work in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER search_entries_{what} AFTER {what} ON search_entries BEGIN {work} END")


def downgrade() -> None:
    op.drop_table("name_keys")
    op.drop_table("search_entries")
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
