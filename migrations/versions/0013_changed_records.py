"""Records that were changed are found by the number of their version.

Revision ID: 0013
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"
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
