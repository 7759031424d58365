"""A server of our own in a process of its own, for tests that need a socket."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

START_SECONDS = 30


def free_port() -> int:
    """A port of the loopback interface that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


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
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            with asking(port) as client:
                _wait(process, client)
            yield process
        finally:
            process.terminate()


def asking(port: int) -> httpx.Client:
    """A client of a server on this machine."""
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)


def _wait(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stdout.read().decode() if process.stdout else ""
            raise AssertionError(f"the server ended with {process.returncode}: {said}")
        try:
            client.get("/health")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not answer within {START_SECONDS} s")
