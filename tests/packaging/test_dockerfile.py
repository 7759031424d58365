"""The Dockerfile, by what its steps do where no engine is at hand."""

import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.packaging.conftest import REPOSITORY
from tests.packaging.dockerfile import Image, read
from tests.server import free_port, running

pytestmark = pytest.mark.xdist_group("packaging")


def on_port(command: list[str], image: Image, port: int) -> list[str]:
    """A command of the image, on a port that is free here instead of the one that the image exposes."""
    return [word.replace(image.port, str(port)) for word in command]


def healthy(image: Image, port: int) -> bool:
    check = on_port(image.health_check, image, port)
    return subprocess.run(check, env=image.environment, capture_output=True, check=False).returncode == 0


def test_the_command_serves_the_seed_from_the_volume_and_passes_the_health_check(image: Image) -> None:
    port = free_port()
    volume = Path(image.moved(image.volume))
    with running(on_port(image.command, image, port), port, cwd=volume, env=image.environment) as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/v1/companies/openai").json()["name"] == "OpenAI"
        assert healthy(image, port)
    assert [file.name for file in volume.iterdir() if file.suffix == ".db"] == ["dealgraph.db"]


def test_the_health_check_fails_where_nothing_answers(image: Image) -> None:
    assert not healthy(image, free_port())


def test_it_listens_to_the_world_outside_the_container(image: Image) -> None:
    assert "0.0.0.0" in image.command  # noqa: S104 - a container's port is published by whoever runs it


def test_it_does_not_run_as_root_and_owns_its_data(image: Image) -> None:
    number = image.user.partition(":")[0]
    assert number.isdigit()
    assert int(number) > 0
    assert image.owners == {image.volume: image.user}


def test_every_package_in_it_has_the_version_that_is_pinned(image: Image) -> None:
    pinned = dict(line.split("==") for line in (REPOSITORY / "constraints.txt").read_text().splitlines()[1:])
    pinned = {name.lower().replace("_", "-"): version for name, version in pinned.items()}
    (site,) = (image.root / "opt/dealgraph/lib").glob("python*/site-packages")
    found = {one.name.lower().replace("_", "-"): one.version for one in distributions(path=[str(site)])}
    others = {name: version for name, version in found.items() if pinned.get(name) != version}
    assert set(others) - {"pip", "setuptools"} == {"dealgraph"}


def test_the_build_context_holds_what_is_copied_and_nothing_else() -> None:
    copied = {
        word.removeprefix("./")
        for step in read((REPOSITORY / "Dockerfile").read_text())
        if step.instruction == "COPY" and not step.options
        for word in step.words[:-1]
    }
    lines = (REPOSITORY / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied


def test_a_step_that_is_not_known_is_never_passed_over(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="shell"):
        Image(tmp_path, tmp_path, {}).perform(read('SHELL ["/bin/bash"]'))
