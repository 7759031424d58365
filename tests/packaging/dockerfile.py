"""Performs the steps of a Dockerfile in a folder that stands for the image's root, where no engine is at hand.

The steps are read from the file, so the test cannot drift from it; an instruction that is not known here is an error.
Absolute paths that the Dockerfile makes (its WORKDIRs and what it copies to) are moved below that folder.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

Environment = dict[str, str]
_OPTION = re.compile(r"--(?P<name>[a-z-]+)=(?P<value>\S+)\s+")


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction with its ``--options`` and the rest of its line."""

    instruction: str
    options: dict[str, str]
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as a shell would split it."""
        return shlex.split(self.rest)


def read(text: str) -> list[Step]:
    """The steps of a Dockerfile, with continued lines joined."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    joined = "\n".join(lines).replace("\\\n", " ")
    return [_step(*line.split(maxsplit=1)) for line in joined.splitlines()]


def _step(instruction: str, rest: str) -> Step:
    options = {}
    while found := _OPTION.match(rest):
        options[found["name"]] = found["value"]
        rest = rest[found.end() :]
    return Step(instruction, options, rest)


@dataclass
class Image:
    """An image under way.

    ``context``: the folder that is built from. ``work``: where it is built. ``base``: the environment of the base
    image. ``owners`` are those that COPY gives, by path; the rest belongs to root.
    """

    context: Path
    work: Path
    base: Environment
    environment: Environment = field(default_factory=dict)
    directory: str = "/"
    stage: str = ""
    user: str = "root"
    port: str = ""
    volume: str = ""
    stop_signal: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    health_check: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    @property
    def root(self) -> Path:
        """The folder that stands for ``/``; the same in every stage, since a virtual environment cannot be moved."""
        return self.work / "root"

    def perform(self, steps: list[Step]) -> None:
        """Perform all steps. Raises CalledProcessError where a RUN fails, AttributeError for an unknown step."""
        absolute = [word for step in steps if step.instruction in {"COPY", "WORKDIR"} for word in step.words]
        self.made = {word.split("/")[1] for word in absolute if word.startswith("/")}
        for step in steps:
            getattr(self, f"_{step.instruction.lower()}")(step)

    def moved(self, text: str) -> str:
        """A text in which the image's own absolute paths lie below the root folder."""
        return re.sub(rf"/(?=({'|'.join(sorted(self.made))})\b)", f"{self.root}/", text)

    def _at(self, path: str) -> Path:
        return self.root / os.path.normpath(f"{self.directory}/{path}" if path[0] != "/" else path).lstrip("/")

    def _from(self, step: Step) -> None:
        if self.root.exists():
            self.root.rename(self.work / self.stage)
        self.root.mkdir(parents=True)
        self.stage = step.words[-1]
        self.environment, self.directory, self.user = dict(self.base), "/", "root"

    def _env(self, step: Step) -> None:
        for word in step.words:
            name, _, value = word.partition("=")
            self.environment[name] = self.moved(value).replace("$PATH", self.environment["PATH"])

    def _label(self, step: Step) -> None:
        self.labels |= dict(word.split("=", 1) for word in step.words)

    def _stopsignal(self, step: Step) -> None:
        self.stop_signal = step.rest

    def _workdir(self, step: Step) -> None:
        self.directory = step.rest
        self._at(step.rest).mkdir(parents=True, exist_ok=True)

    def _copy(self, step: Step) -> None:
        *sources, target = step.words
        stage = step.options.get("from")
        for source in sources:
            self._copy_one((self.work / stage if stage else self.context) / source.lstrip("/"), self._at(target))
        if "chown" in step.options:
            self.owners[target] = step.options["chown"]

    def _copy_one(self, source: Path, target: Path) -> None:
        if source.is_file():
            shutil.copy(source, target)
        else:
            # As .dockerignore says, which is about the context only.
            unwanted = shutil.ignore_patterns("__pycache__") if self.context in source.parents else None
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=unwanted)

    def _run(self, step: Step) -> None:
        subprocess.run(["sh", "-ec", self.moved(step.rest)], cwd=self._at("."), env=self.environment, check=True)

    def _user(self, step: Step) -> None:
        self.user = step.rest

    def _expose(self, step: Step) -> None:
        self.port = step.rest

    def _volume(self, step: Step) -> None:
        self.volume = step.rest

    def _cmd(self, step: Step) -> None:
        self.command = json.loads(self.moved(step.rest))

    def _healthcheck(self, step: Step) -> None:
        self.health_check = json.loads(self.moved(step.rest.removeprefix("CMD")))
