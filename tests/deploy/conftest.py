"""What these tests need beside Python: ``make test-deploy`` installs it."""

import shutil

import pytest

PROGRAMS = ("nginx", "promtool", "systemd-analyze")


@pytest.fixture(autouse=True, scope="session")
def _programs() -> None:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    assert missing == [], "make test-deploy installs what is missing"
