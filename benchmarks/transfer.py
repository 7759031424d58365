"""An import and the export of the same records, over HTTP, into PostgreSQL: ``python -m benchmarks.transfer 1000000``.

Of ten records one is a source, three are companies and six are contracts with two parties, a value and a citation. The
client streams the file, as ``dealgraph import --url`` does; the time is that from the first byte to the reply, so
versions, edges and the log of changes are kept by then. The server runs with PostgreSQL on the first cores, the client
on the last; its memory is the most that it ever held (VmHWM). Exits with 1 where a floor is missed.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from app.shared.json import dumps
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, serving
from benchmarks.stores import keyed

IMPORTED = 3_000
"""Records a second."""
EXPORTED = 30_000
MEBIBYTES = 300
_PIECE = 65_536


def record(number: int) -> dict[str, object]:
    """A generated record, by its number from 0; what it refers to is among the ten that it belongs to."""
    kind, first = number % 10, number - number % 10
    if kind == 0:
        about = {"title": f"Report {number}", "publisher": "Reuters", "kind": "news", "published_on": "2025-03-12"}
        return {"type": "sources", "slug": f"source-{number}", "url": f"https://news.example/{number}", **about}
    if kind <= 3:
        name = {"name": f"Company {number}", "kind": "cloud_provider", "aliases": [f"Company No. {number}"]}
        return {"type": "companies", "slug": f"company-{number}", "country": "US", **name}
    parties = [("customer", f"company-{first + 1 + kind % 3}"), ("supplier", f"company-{first + 1 + (kind + 1) % 3}")]
    cited = {"source": f"source-{first}", "locator": f"paragraph {kind}", "evidence": "reported", "confidence": "high"}
    return {
        "type": "contracts",
        "slug": f"contract-{number}",
        "title": f"Company {first + 1} rents compute, contract {number}",
        "kind": "compute",
        "parties": [{"company": slug, "role": role} for role, slug in parties],
        "value": {"qualifier": "more_than", "amount": 1_000_000 + number, "unit": "USD"},
        "announced_on": "2025-03-10",
        "starts_on": "2025-Q2",
        "stage": "signed",
        "citations": [{"claim": f"One company rents from another, says report {first}.", **cited}],
    }


def write(path: Path, records: int) -> None:
    """Write so many records as a file to import, contracts before what they name."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{dumps(record(number))}\n" for number in reversed(range(records)))


def pieces(path: Path) -> Iterator[bytes]:
    """A file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def imported(client: httpx.Client, path: Path, key: str) -> float:
    """The seconds that an import takes."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    started = time.perf_counter()
    reply = client.post("/v1/imports", content=pieces(path), headers=headers)
    seconds = time.perf_counter() - started
    if not reply.is_success:
        raise ValueError(reply.text[:2_000])
    return seconds


def exported(client: httpx.Client) -> tuple[int, float]:
    """The lines of an export, and the seconds that it takes."""
    lines, started = 0, time.perf_counter()
    with client.stream("GET", "/v1/export") as reply:
        for piece in reply.iter_raw():
            lines += piece.count(b"\n")
    return lines, time.perf_counter() - started


def most_memory(process: int) -> float:
    """The most memory that a process ever held, in MiB (proc(5), VmHWM)."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1_024


def main(records: int) -> None:
    """Measure, publish, and exit with 1 where a floor is missed."""
    cores = sorted(os.sched_getaffinity(0))
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder, postgresql(Path(folder)) as url:
        path = Path(folder) / "records.ndjson"
        write(path, records)
        key = asyncio.run(keyed(url))
        with serving("ours", url, cores[0]) as (port, process):
            os.sched_setaffinity(0, {cores[-1]})
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=None) as client:  # noqa: S113 - it ends
                seconds = imported(client, path, key)
                after = most_memory(process)
                lines, took = exported(client)
            memory = most_memory(process)
    assert lines == records
    rows: list[Sequence[Cell]] = [
        ("an import", Promise(records / seconds, at_least=IMPORTED), Promise(after, at_most=MEBIBYTES)),
        ("an export after it", Promise(records / took, at_least=EXPORTED), Promise(memory, at_most=MEBIBYTES)),
    ]
    how = f"{records:,} records over HTTP, one server process on one core, PostgreSQL beside it"
    table = Table(("what", "records/s", "most MiB so far"), rows, how)
    publish("transfer", table)
    sys.exit(not table.is_kept)


if __name__ == "__main__":
    main(int(sys.argv[1]))
