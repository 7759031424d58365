"""Edges along which value flows are found by indexes of their own.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A search for circular deals read all 76,000 edges that enter a company on which that many depend, to find that
    # value leaves it by none: 4.2 s for six companies among a million.
    _index("along", ["dependent_id", "on_id"])
    _index("against", ["on_id", "dependent_id"])


def downgrade() -> None:
    for flow in ("along", "against"):
        op.drop_index(f"ix_edges_{flow}", "edges")


def _index(flow: str, columns: list[str]) -> None:
    of_flow = sa.text(f"flow = '{flow}'")
    op.create_index(f"ix_edges_{flow}", "edges", columns, postgresql_where=of_flow, sqlite_where=of_flow)
