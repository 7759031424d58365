"""Two replicas of the app behind nginx, on a primary and its streaming replica: ``python -m benchmarks.scale_out``.

One record after another is asked for through nginx, in three arrangements, each in its turn. PostgreSQL, nginx and the
client have the last core, the first replica of the app the first, a second one shares the last. So two cores cannot
show what two machines would reach; what they show is the CPU that a request takes of each part, which says how many of
one part another can feed. Then writes run beside, and `/ready` tells how far the replica lags.

nginx is the one of the system (``apt-get install nginx-light``).
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks import reads
from benchmarks.cluster import standby
from benchmarks.report import Cell, Table, publish
from benchmarks.servers import free_port, postgresql, serving, wait
from benchmarks.stores import keyed

PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 16
POLLS = 40
_PARTS = ("app", "nginx", "primary", "replica")
_TICKS = os.sysconf("SC_CLK_TCK")
_NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream app {{ {servers} keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


class Arrangement(NamedTuple):
    """The port that nginx answers on, and the processes of each part, by its name."""

    port: int
    parts: Mapping[str, Sequence[int]]


class Round(NamedTuple):
    """Requests answered a second, and the CPU that one took of each part, in microseconds."""

    rate: float
    micros: Mapping[str, float]


def main() -> None:
    """Measure and write the tables."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    with TemporaryDirectory(prefix="dealgraph-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        primary = stack.enter_context(postgresql(folder))
        asyncio.run(prepare(primary))
        replica = stack.enter_context(standby(folder / "standby", primary))
        servers = {"primary": folder / "postgresql", "replica": folder / "standby"}
        found = measure(stack, primary, replica, servers, cores)
        publish("scale out", throughput(found), PAGE)
        publish("scale out lag", lagging(stack, primary, replica, cores[0]), PAGE)


async def prepare(url: str) -> None:
    """Fill the store."""
    await reads.prepare(url)


def measure(
    stack: ExitStack, primary: str, replica: str, servers: Mapping[str, Path], cores: Sequence[int]
) -> dict[str, list[Round]]:
    """The rounds of each arrangement, in turns."""
    base = {name: _server(folder) for name, folder in servers.items()}

    def arranged(at: Sequence[int], **settings: str) -> Arrangement:
        apps = [stack.enter_context(serving("ours", primary, core, **settings)) for core in at]
        port, proxy = stack.enter_context(nginx([port for port, _ in apps]))
        return Arrangement(port, base | {"app": [process for _, process in apps], "nginx": [proxy]})

    arrangements = {
        "one app, reads from the primary": arranged(cores[:1]),
        "one app, reads from the replica": arranged(cores[:1], read_database_url=replica),
        "two apps, reads from the replica": arranged([cores[0], cores[-1]], read_database_url=replica),
    }
    found: dict[str, list[Round]] = {name: [] for name in arrangements}
    for number in range(ROUNDS + 1):
        for name, arrangement in arrangements.items():
            one = ask(arrangement)
            if number:  # the first fills pools and caches
                found[name].append(one)
    return found


def ask(arrangement: Arrangement) -> Round:
    """Let a client in a process of its own ask through nginx for one round."""
    before = {name: _seconds(processes) for name, processes in arrangement.parts.items()}
    rate = float(_load("records", arrangement.port, SECONDS, str(reads.COMPANIES), "/v1/companies/{slug}"))
    after = {name: _seconds(processes) for name, processes in arrangement.parts.items()}
    answered = rate * SECONDS
    return Round(rate, {name: (after[name] - before[name]) / answered * 1e6 for name in before})


def throughput(found: Mapping[str, Sequence[Round]]) -> Table:
    """What each arrangement answers, and what a request takes of each part."""
    medians = {name: statistics.median(one.rate for one in rounds) for name, rounds in found.items()}
    alone = next(iter(medians.values()))
    rows: list[list[Cell]] = [
        [name, medians[name], medians[name] / alone, *(_median(rounds, part) for part in _PARTS)]
        for name, rounds in found.items()
    ]
    columns = ["arrangement", "requests/s", "ratio", *(f"{part}, µs" for part in _PARTS)]
    how = (
        f"`GET /v1/companies/{{slug}}` of {reads.COMPANIES:,} companies through nginx, {CONNECTIONS} connections, "
        f"the median of {ROUNDS} rounds of {SECONDS:g} s, in turns; µs are CPU a request"
    )
    return Table(columns, rows, how)


def lagging(stack: ExitStack, primary: str, replica: str, core: int) -> Table:
    """How far the replica is behind while as much is written as the store takes."""
    key = asyncio.run(keyed(primary))
    port, _ = stack.enter_context(serving("ours", primary, core, read_database_url=replica))
    seconds = str(POLLS * 0.1)
    command = [sys.executable, "-m", "benchmarks.load", "writes", str(port), seconds, str(CONNECTIONS), key]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        polled = list(_polled(port))
        said, _ = writing.communicate()
    revisions, behind = zip(*polled, strict=True)
    row: list[str | float] = [float(said), *(1_000 * value for value in _spread(behind)), *_spread(revisions)]
    columns = ["writes/s", "behind, ms", "at most, ms", "revisions behind", "at most"]
    how = f"`/ready`, asked {POLLS} times while {CONNECTIONS} clients write as fast as they are answered"
    return Table(columns, [row], how)


def _polled(port: int) -> Iterator[tuple[float, float]]:
    """What `/ready` says of the replica, ten times a second: the revisions that it lacks, and for how many seconds."""
    for _ in range(POLLS):
        time.sleep(0.1)
        with urlopen(f"http://127.0.0.1:{port}/ready") as reply:
            found = json.load(reply)["replica"]
        yield found["revisions"], found["seconds"]


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return statistics.median(values), max(values)


@contextmanager
def nginx(ports: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Nginx in front of some ports; gives its port, and the id of the process that works."""
    with TemporaryDirectory(prefix="dealgraph-nginx-") as folder:
        Path(folder).chmod(0o755)
        port, servers = free_port(), " ".join(f"server 127.0.0.1:{one};" for one in ports)
        file = Path(folder) / "nginx.conf"
        file.write_text(_NGINX.format(folder=folder, port=port, servers=servers), "utf-8")
        with subprocess.Popen(["nginx", "-c", str(file), "-p", folder], stdout=subprocess.DEVNULL) as process:
            try:
                wait(process, port)
                yield port, _children(process.pid)[0]
            finally:
                process.terminate()


def _median(rounds: Sequence[Round], part: str) -> float:
    return statistics.median(one.micros[part] for one in rounds)


def _load(what: str, port: int, seconds: float, *about: str) -> str:
    command = [sys.executable, "-m", "benchmarks.load", what, str(port), str(seconds), str(CONNECTIONS), *about]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def _server(folder: Path) -> list[int]:
    """The first process of a PostgreSQL server, whose children work for it."""
    return [-int((folder / "postmaster.pid").read_text("utf-8").splitlines()[0])]


def _seconds(processes: Sequence[int]) -> float:
    """The CPU that processes have used; a negative number stands for a process with all its children."""
    all_of_them = [one for number in processes for one in ([number] if number > 0 else _children(-number))]
    return sum(_used(one) for one in all_of_them)


def _used(process: int) -> float:
    fields = _stat(process)
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _children(process: int) -> list[int]:
    others = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [one for one in others if (fields := _stat(one)) and int(fields[1]) == process]


def _stat(process: int) -> Sequence[str]:
    """What the kernel says of a process after its name (proc(5), stat); nothing where it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return ()


if __name__ == "__main__":
    main()
