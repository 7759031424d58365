"""Schemathesis asks every operation of the description, with what it allows and with what it does not (make fuzz)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.shared.database import Database
from app.transfer.seed import seed
from tests.ledger.keyed import bearer
from tests.server import free_port, running
from tests.transfer.moving import digest

EXAMPLES = os.environ.get("DEALGRAPH_FUZZ_EXAMPLES", "100")
SECONDS = os.environ.get("DEALGRAPH_FUZZ_SECONDS")
HERE = Path(__file__).parent
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.fuzz


@pytest.fixture
def server(store_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A server on the store of this test that sends nothing to webhooks, whose addresses are made up."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("DEALGRAPH_")}
    env |= {"DEALGRAPH_DATABASE_URL": store_url, "DEALGRAPH_DELIVER_WEBHOOKS": "false"}
    command = [str(BIN / "dealgraph"), "serve", "--port", str(port), "--no-seed"]
    with running(command, port, cwd=tmp_path, env=env) as client:
        yield client


async def test_no_operation_fails_or_answers_otherwise_than_it_is_described(
    store: Database, server: httpx.Client, tmp_path: Path
) -> None:
    await seed(store)
    key = (await bearer(store, "admin"))["Authorization"].removeprefix("Bearer ")
    command = [str(BIN / "schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run"]
    # In a bounded run always the same: what is new is found in the whole one.
    bounds = ["--max-time", SECONDS, "--seed", "1", "--phases", "examples,fuzzing,stateful"] if SECONDS else []
    asked = [f"{server.base_url}/openapi.json", "--max-examples", EXAMPLES, *bounds]
    env = os.environ | {"FUZZ_KEY": key, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run([*command, *asked], capture_output=True, text=True, cwd=tmp_path, env=env, check=False)  # noqa: ASYNC221 - nothing else goes on
    print(done.stdout[-2_000:])  # noqa: T201 - how much was tried
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert await digest(store)
