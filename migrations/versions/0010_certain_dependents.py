"""An index that counts dependents by itself also tells which of them are certain.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ENDS = ["on_id", "dependent_id"]
KNOWN = ["from_revision", "to_revision"]
NARROWING = ["kind", "stage", "evidence", "evidenced_from"]


def upgrade() -> None:
    days = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
    op.create_index("ix_edges_dependents", "edges", [*ENDS, *KNOWN, *days, *NARROWING])
    # All steps are one transaction, in which nothing can be done concurrently.
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX ix_edges_depended_on")


def downgrade() -> None:
    op.create_index("ix_edges_depended_on", "edges", [*ENDS, *KNOWN, "start_earliest", "end_latest", *NARROWING])
    op.drop_index("ix_edges_dependents", table_name="edges")
