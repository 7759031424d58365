"""The package, installed from its wheel and used from a folder that holds nothing."""

import subprocess
from pathlib import Path

import pytest

from tests.packaging.conftest import REPOSITORY
from tests.packaging.dockerfile import Image
from tests.server import free_port, running

pytestmark = pytest.mark.xdist_group("packaging")


def dealgraph(image: Image, folder: Path, *arguments: str) -> str:
    """What a command says, run in a folder on the store that is the default there."""
    environment = {name: value for name, value in image.environment.items() if not name.startswith("DEALGRAPH_")}
    command = [str(image.root / "opt/dealgraph/bin/dealgraph"), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def installed(image: Image) -> Path:
    (site,) = (image.root / "opt/dealgraph/lib").glob("python*/site-packages")
    return site


def test_an_installed_package_migrates_seeds_and_serves_from_an_empty_folder(image: Image, tmp_path: Path) -> None:
    assert dealgraph(image, tmp_path, "migrate").startswith("schema ")
    assert " created " in dealgraph(image, tmp_path, "seed")
    assert " 0 missing" in dealgraph(image, tmp_path, "edges", "check")
    port = free_port()
    command = [str(image.root / "opt/dealgraph/bin/dealgraph"), "serve", "--no-seed", "--port", str(port)]
    store = {"DEALGRAPH_DATABASE_URL": f"sqlite:///{tmp_path / 'dealgraph.db'}"}
    with running(command, port, cwd=tmp_path, env=image.environment | store) as client:
        answer = client.get("/v1/companies/openai/dependencies", params={"depth": 1}).json()
    assert "coreweave" in {node["slug"] for node in answer["nodes"]}


@pytest.mark.parametrize("folder", ["migrations", "seed"])
def test_migrations_and_seed_travel_inside_the_package_as_they_are(image: Image, folder: str) -> None:
    bundled = installed(image) / "app" / "_bundled" / folder
    assert contents(bundled) == contents(REPOSITORY / folder)


def test_the_pages_travel_with_their_templates_style_and_script(image: Image) -> None:
    pages = contents(installed(image) / "app" / "web")
    assert pages == contents(REPOSITORY / "app" / "web")
    assert {"static/explorer.css", "static/explorer.js", "templates/base.html"} <= set(pages)


def test_the_package_holds_the_app_and_nothing_beside_it(image: Image) -> None:
    record = next(installed(image).glob("dealgraph-*.dist-info")) / "RECORD"
    files = [line.partition(",")[0] for line in record.read_text().splitlines()]
    assert {file.split("/")[0].split("-")[0] for file in files if ".." not in file} == {"app", "dealgraph"}


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder, without what Python leaves there."""
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
