"""An index that counts dependents by itself.

Revision ID: 0006
Revises: 0004
"""

from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

ENDS = ["on_id", "dependent_id"]
FILTERED = [
    "from_revision",
    "to_revision",
    "start_earliest",
    "end_latest",
    "kind",
    "stage",
    "evidence",
    "evidenced_from",
]


def upgrade() -> None:
    op.create_index("ix_edges_depended_on", "edges", [*ENDS, *FILTERED])
    # All steps are one transaction, in which nothing can be done concurrently.
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX ix_edges_on_id")


def downgrade() -> None:
    op.create_index("ix_edges_on_id", "edges", ENDS)
    op.drop_index("ix_edges_depended_on", table_name="edges")
