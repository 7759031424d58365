"""Replies that are cut, late or lost after the commit: what is sent again under the same key is recorded once."""

import random
from collections import Counter
from pathlib import Path

import pytest

from app.shared.database import Database
from tests.faults.figures import FULL, tell
from tests.faults.proxy import Harm, proxy
from tests.faults.writing import Written, clients, each_is_recorded_once, write
from tests.ledger.keyed import bearer
from tests.server import free_port, served

WRITES = 2_000 if FULL else 60
HARMS: list[Harm] = ["none", "before", "inside", "late", "never"]

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults: replies")]


async def test_a_write_whose_reply_is_lost_is_recorded_once_however_often_it_is_sent(
    store: Database, store_url: str, tmp_path: Path
) -> None:
    written, port, done = Written(WRITES), free_port(), Counter[Harm]()

    def harm() -> Harm:
        one = random.choice(HARMS)  # noqa: S311 - no secret
        done[one] += 1
        return one

    with served(store_url, tmp_path, port):
        async with proxy([port], harm) as between, clients([between], await bearer(store)) as one:
            await write(one, written)
    await each_is_recorded_once(store, written)
    assert written.broken >= done["before"] > 0
    tell("replies lost after the commit", store_url, writes=WRITES, replies=done.total(), unharmed=done["none"])
