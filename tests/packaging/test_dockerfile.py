"""The Dockerfile, by what its steps do where no engine is at hand."""

import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.packaging.conftest import REPOSITORY
from tests.packaging.dockerfile import Image, read
from tests.server import free_port, running, started

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


def child_of(parent: int) -> int:
    """The one process that a process started."""
    return int(Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii"))


def test_it_says_what_it_is(image: Image) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    prefix = "org.opencontainers.image."
    said = {name.removeprefix(prefix): value for name, value in image.labels.items() if name.startswith(prefix)}
    assert (said["version"], said["licenses"]) == (project["version"], project["license"])
    assert said["title"] == "Dealgraph"
    # The base, by its exact version, in every stage.
    bases = [step.words[0] for step in read((REPOSITORY / "Dockerfile").read_text()) if step.instruction == "FROM"]
    assert set(bases) == {said["base.name"]}
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-[a-z]+", said["base.name"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make the namespaces of a container")
@pytest.mark.parametrize("workers", [1, 2])
def test_it_runs_as_process_1_of_a_read_only_root_and_ends_when_it_is_told_to(image: Image, workers: int) -> None:
    """As an engine would have it: namespaces of its own, nothing to write to but the volume and a fresh /tmp."""
    port, volume = free_port(), image.moved(image.volume)
    owner = image.user.replace(":", " ").split()
    subprocess.run(["chown", "-R", image.user, volume], check=True)
    command = [*on_port(image.command, image, port), "--workers", str(workers)]
    as_user = ["setpriv", f"--reuid={owner[0]}", f"--regid={owner[1]}", "--clear-groups", "--no-new-privs", *command]
    script = f"""
        mount --bind {volume} {volume}
        mount -t tmpfs tmpfs /run
        mkdir /run/tmp /run/base && chmod 1777 /run/tmp
        mount --bind {sys.base_prefix} /run/base
        # Where this machine's Python is root's own, the other user is let through to it.
        case {sys.base_prefix} in /root/*)
            mount -t tmpfs -o mode=755 tmpfs /root
            mkdir -p {sys.base_prefix}
            mount --bind /run/base {sys.base_prefix};;
        esac
        mount -o remount,ro,bind / 2>/dev/null || mount -o remount,ro /
        touch {image.root}/written 2>/dev/null && exit 7
        cd {volume}
        export TMPDIR=/run/tmp
        exec {shlex.join(as_user)}
    """
    alone = [
        "timeout",
        "--kill-after=5",
        "60",
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "sh",
        "-ec",
        script,
    ]
    with started(alone, port, cwd=image.root, env=image.environment) as process:
        assert healthy(image, port)
        first = child_of(child_of(process.pid))
        os.kill(first, signal.Signals[image.stop_signal])
        assert process.wait(20) == 0
    assert (Path(volume) / "dealgraph.db").exists()


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
