"""Records that were changed are found by the number of their version.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    changed = sa.text("to_revision = 9223372036854775807 AND version > 1")
    op.create_index(
        "ix_versions_changed",
        "versions",
        ["version", "record_id"],
        postgresql_where=changed,
        sqlite_where=changed,
    )


def downgrade() -> None:
    op.drop_index("ix_versions_changed", "versions")
