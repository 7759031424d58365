"""``dealgraph serve --workers``: several processes behind one port, none of which is missed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import anyio.to_thread
import httpx

from app.shared.database import Database
from tests.cli.test_cli import serving
from tests.ledger.keyed import bearer

ASKED = 40
SECONDS = 120
"""How long to wait for anything: each worker imports all of the app before it answers."""


def children(process: int) -> set[int]:
    """The processes that a process has started and that are there (proc(5), stat)."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(parent) == process and state != "Z":
            found.add(int(path.parent.name))
    return found


def waited(until: Callable[[], bool]) -> bool:
    """Whether something becomes so in time."""
    deadline = time.monotonic() + SECONDS
    while not until() and time.monotonic() < deadline:
        time.sleep(0.05)
    return until()


async def test_workers_share_the_store_and_one_that_is_killed_is_replaced(store: Database, store_url: str) -> None:
    key = await bearer(store)
    await anyio.to_thread.run_sync(shared_and_replaced, store_url, key)


def shared_and_replaced(url: str, key: dict[str, str]) -> None:
    with serving(url, "--no-seed", "--workers", "2") as (process, address):
        assert waited(lambda: len(workers(process)) == 2)
        before = workers(process)
        for number in range(ASKED):
            company = {"name": f"Company {number}", "kind": "software"}
            made = httpx.post(f"{address}/v1/companies", json=company, headers=key, timeout=SECONDS)
            assert made.status_code == 201
            # A connection of its own, which any of them may take.
            found = httpx.get(f"{address}{made.headers['Location']}", timeout=SECONDS)
            assert (found.status_code, found.json()["name"]) == (200, f"Company {number}")
        os.kill(min(before), signal.SIGKILL)
        assert waited(lambda: len(workers(process) - {min(before)}) == 2)
        assert httpx.get(f"{address}/v1/companies?count=true", timeout=SECONDS).json()["total"] == ASKED
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
        assert waited(lambda: not any(Path(f"/proc/{one}").exists() for one in before))


def workers(process: subprocess.Popen[str]) -> set[int]:
    """The workers of a server: those of its children that serve, not the one that keeps count of what they share."""
    counting = b"resource_tracker"
    return {one for one in children(process.pid) if counting not in Path(f"/proc/{one}/cmdline").read_bytes()}
