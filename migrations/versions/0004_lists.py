"""What filters on every field, and cursors that are signed, need.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Text in the order of its code points, whatever locale the server has.
WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")

# Made by the database, so that the SQL of a migration shows none.
SECRETS = {
    "postgresql": "replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')",
    "sqlite": "lower(hex(randomblob(32)))",
}

QUANTITIES = {
    "contracts": ("value",),
    "contract_capacities": ("value",),
    "investments": ("amount", "stake"),
    "fleets": ("sites", "accelerators", "power"),
    "fleet_hardware": ("quantity",),
    "metrics": ("value",),
}
DATES = {
    "contracts": ("announced_on", "signed_on", "starts_on", "ends_on", "exclusive_until"),
    "investments": ("announced_on", "closed_on"),
    "fleets": ("as_of",),
    "metrics": ("period",),
    "events": ("date",),
    "sources": ("published_on", "accessed_on"),
}
SORTED = (("sources", "url"), ("fleets", "latitude"), ("fleets", "longitude"))
# Lists are sorted by the lower ends only: the others need no slug, without which equal keys are kept once.
NARROWED = (
    ("contracts", "value_high"),
    ("contracts", "announced_on_latest"),
    ("investments", "amount_high"),
    ("investments", "announced_on_latest"),
    ("fleets", "as_of_latest"),
    ("fleets", "sites_high"),
    ("fleets", "accelerators_high"),
    ("fleets", "power_high"),
    ("metrics", "period_latest"),
    ("metrics", "value_high"),
    ("events", "date_latest"),
)
PARTS = ("contract_capacities", "fleet_hardware")
PROSE = (
    ("companies", "description"),
    ("contracts", "conditions"),
    ("contracts", "description"),
    ("investments", "conditions"),
    ("events", "summary"),
)
CITED = ("locator", "excerpt")
TEXTS = {
    "sources": ("title", "publisher", "url", "author"),
    "companies": ("name", "website", "description"),
    "company_aliases": ("value",),
    "company_identifiers": ("value",),
    "contracts": ("title", "conditions", "description"),
    "contract_products": ("value",),
    "contract_used_in": ("value",),
    "investments": ("title", "conditions"),
    "fleet_hardware": ("product",),
    "events": ("title", "summary"),
    "citations": ("locator", "claim", "excerpt"),
}


def upgrade() -> None:
    _keep_a_secret()
    for table, column in NARROWED:
        # All steps are one transaction, in which nothing can be done concurrently.
        op.execute(f"-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX ix_{table}_{column}")
    for name, table, columns, where in _indexes():
        condition = sa.text(where) if where else None
        op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)
    if op.get_context().dialect.name == "postgresql":
        # Trusted since PostgreSQL 13: whoever may create something in the database may create it.
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for name, table, column in _trigrams():
            op.create_index(name, table, [column], postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"})
            if (table, column) not in PROSE:
                # How many hold some words is read off a sample: of 100, as is usual, it would be none of 100 too often.
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 500")


def _keep_a_secret() -> None:
    op.add_column("store", sa.Column("secret", WORDS, nullable=True))
    op.execute(f"UPDATE store SET secret = {SECRETS[op.get_context().dialect.name]}")
    if op.get_context().dialect.name == "postgresql":
        # A table of one row is read at once.
        op.execute("-- squawk-ignore adding-not-nullable-field\nALTER TABLE store ALTER COLUMN secret SET NOT NULL")
        return
    with op.batch_alter_table("store") as store:
        store.alter_column("secret", existing_type=WORDS, nullable=False)


def _indexes() -> Iterator[tuple[str, str, list[str], str]]:
    """Every index that is new: its name, its table and columns, and which rows it holds."""
    for table, names in QUANTITIES.items():
        key = "owner_id" if table in PARTS else "id"
        for name in names:
            ends = (
                ("amount", "low", "high", "unit", "qualifier")
                if table in PARTS
                else ("amount", "high", "unit", "qualifier")
            )
            yield from ((f"ix_{table}_{name}_{end}", table, [f"{name}_{end}"], "") for end in ends)
            yield f"ix_{table}_{name}_approximate", table, [key], f"{name}_approximate IS {_true()}"
    for table, names in DATES.items():
        yield from ((f"ix_{table}_{name}_latest", table, [f"{name}_latest"], "") for name in names)
    yield from ((f"ix_{table}_{column}", table, [column, "slug"], "") for table, column in SORTED)
    yield "ix_company_identifiers_value", "company_identifiers", ["value"], ""
    for table, column in PROSE:
        yield f"ix_{table}_{column}_stated", table, ["slug"], f"{column} IS NOT NULL"
        yield f"ix_{table}_{column}_empty", table, ["slug"], f"{column} IS NULL"
    yield from ((f"ix_citations_{name}_stated", "citations", ["owner_id"], f"{name} IS NOT NULL") for name in CITED)


def _trigrams() -> Iterator[tuple[str, str, str]]:
    for table, columns in TEXTS.items():
        yield from ((f"tg_{table}_{column}", table, column) for column in columns)


def _true() -> str:
    return "true" if op.get_context().dialect.name == "postgresql" else "1"


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        # The extension stays: somebody else may use it.
        for name, table, column in _trigrams():
            op.drop_index(name, table_name=table)
            if (table, column) not in PROSE:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS -1")
    for name, table, _, _ in _indexes():
        op.drop_index(name, table_name=table)
    for table, column in NARROWED:
        op.create_index(f"ix_{table}_{column}", table, [column, "slug"], unique=False)
    with op.batch_alter_table("store") as store:
        store.drop_column("secret")
