"""Indexes of large lists: what the lists inside a record lack, which ``dealgraph migrate`` fills in; how texts begin.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CODES = sa.Text().with_variant(postgresql.ARRAY(sa.Integer()), "postgresql")
RESOURCES = ("sources", "companies", "contracts", "investments", "fleets", "metrics", "events")
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
    missing = sa.text("lacks IS NULL")
    for table in RESOURCES:
        op.add_column(table, sa.Column("lacks", CODES, nullable=True))
        op.create_index(f"ix_{table}_lacks_empty", table, ["id"], postgresql_where=missing, sqlite_where=missing)
    if op.get_context().dialect.name == "postgresql":
        for table in RESOURCES:
            op.create_index(f"gin_{table}_lacks", table, ["lacks"], postgresql_using="gin")
        for table, columns in TEXTS.items():
            for column in columns:
                op.create_index(f"sw_{table}_{column}", table, [sa.text(f"lower(substr({column}, 1, 24))")])
        # A rare word was taken to be in 1 of 200 records, being none of those that a sample of 100 tells.
        op.execute("ALTER TABLE search_entries ALTER COLUMN content SET STATISTICS 500")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE search_entries ALTER COLUMN content SET STATISTICS -1")
        for table, columns in TEXTS.items():
            for column in columns:
                op.drop_index(f"sw_{table}_{column}", table_name=table)
        for table in RESOURCES:
            op.drop_index(f"gin_{table}_lacks", table_name=table)
    for table in RESOURCES:
        op.drop_index(f"ix_{table}_lacks_empty", table_name=table)
        op.drop_column(table, "lacks")
