"""The image, built once for all tests of this folder: they run in one process (``xdist_group``)."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.dockerfile import Environment, Image, read

REPOSITORY = Path(__file__).parents[2]
_OURS = ("DEALGRAPH_", "PYTHON", "VIRTUAL_ENV", "COVERAGE", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT", "MAKE")


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    """The Dockerfile's steps, performed in a clean folder with a fresh Python."""
    # Not among pytest's own, which nobody but their owner can enter: the image runs as another user.
    work = Path(tempfile.mkdtemp(prefix="dealgraph-image-"))
    work.chmod(0o755)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", work / "python"], check=True)
    made = Image(REPOSITORY, work, _bare(work / "python" / "bin"))
    made.perform(read((REPOSITORY / "Dockerfile").read_text()))
    yield made
    shutil.rmtree(work)


def _bare(path: Path) -> Environment:
    """The environment of a base image: this machine's, without what was set for this project."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {"PATH": f"{path}:/usr/bin:/bin"}
