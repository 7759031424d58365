"""A server of our own in a process of its own, for tests that need a socket."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

START_SECONDS = 90
_WORKERS = 8
_given = set[int]()
PROGRAM = str(Path(sys.executable).parent / "dealgraph")


def free_port() -> int:
    """A port of the loopback interface that nothing listens on, and that no other test, in any process, is given.

    Otherwise a test would now and then ask the server of another, which was there first.
    """
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    while True:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port: int = listener.getsockname()[1]
        # Linux gives odd ones only.
        if port // 2 % _WORKERS == own and port not in _given:
            _given.add(port)
            return port


def environment(url: str, **settings: object) -> dict[str, str]:
    """The environment of a command of ours that works on a store, with settings by their names."""
    ours = {f"DEALGRAPH_{name.upper()}": str(value) for name, value in settings.items()}
    others = {name: value for name, value in os.environ.items() if not name.startswith("DEALGRAPH_")}
    return others | {"DEALGRAPH_DATABASE_URL": url, "DEALGRAPH_DELIVER_WEBHOOKS": "false"} | ours


@contextmanager
def served(url: str, folder: Path, port: int, *options: str, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """The process of ``dealgraph serve`` on a store, which answers; it is stopped when the block ends."""
    command = [PROGRAM, "serve", "--no-seed", "--port", str(port), *options]
    with started(command, port, cwd=folder, env=environment(url, **settings)) as process:
        yield process


@contextmanager
def running(command: Sequence[str], port: int, *, cwd: Path, env: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Ask the server that a command starts on a port; it is stopped when the block ends."""
    with started(command, port, cwd=cwd, env=env), asking(port) as client:
        yield client


@contextmanager
def started(
    command: Sequence[str], port: int, *, cwd: Path, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """The process of a server that answers; it is stopped when the block ends."""
    # A pipe that nobody reads would hold up a server that has much to say.
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        try:
            with asking(port) as client:
                _wait(process, client, log)
            yield process
        finally:
            process.terminate()


def asking(port: int) -> httpx.Client:
    """A client of a server on this machine."""
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)


def _wait(process: subprocess.Popen[bytes], client: httpx.Client, log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise AssertionError(f"the server ended with {process.returncode}: {log.read().decode()}")
        try:
            client.get("/health")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not answer within {START_SECONDS} s")
