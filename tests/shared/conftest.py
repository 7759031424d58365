"""A migration more than there is, for tests of how a store gets from one schema to the next."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.shared import migration
from app.shared.files import travelling
from app.shared.schema import newest

STEP = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{before}"


def upgrade():
{upgrade}


def downgrade():
    pass
"""


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds a migration with a given upgrade to ours."""

    def add(upgrade: str) -> None:
        folder = shutil.copytree(travelling("migrations"), tmp_path / "migrations")
        step = STEP.replace("{before}", newest()).replace("{upgrade}", upgrade)
        (folder / "versions" / "9999_next.py").write_text(step)
        monkeypatch.setattr(migration, "travelling", lambda _name: folder)

    return add
