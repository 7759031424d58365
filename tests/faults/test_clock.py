"""A clock that is put back while records are written: history keeps its order, and every instant its answer."""

import random
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

import pytest
from httpx import AsyncClient

from app.ledger import idempotency, unit
from app.shared.database import Database
from tests.factories import company, put
from tests.faults.figures import FULL, tell
from tests.faults.writing import is_whole
from tests.ledger.asking import get, walk
from tests.ledger.written import place

WRITES = 500 if FULL else 40

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults: clock")]


class Clock(datetime):
    """A clock that jumps, back and forth, by up to an hour."""

    jumps = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        """The time that it shows."""
        away = timedelta(seconds=random.choice((0, -3_600, -1, 1, 60)))  # noqa: S311 - no secret
        cls.jumps += away < timedelta()
        shown = datetime.now(tz) + away
        return cls.fromtimestamp(shown.timestamp(), tz)


async def test_a_clock_that_jumps_reorders_nothing_and_changes_no_answer_of_the_past(
    store: Database, writer: AsyncClient, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (unit, idempotency):
        monkeypatch.setattr(module, "datetime", Clock)
    await put(store, companies=[company("acme")])
    for number in range(1, WRITES):
        stated = company("acme", description=f"{number}")
        reply = await place(writer, "/v1/companies/acme", stated, Idempotency_Key=f"key-{number}", If_Match="*")
        assert reply.status_code == 200, reply.text
        again = await place(writer, "/v1/companies/acme", stated, Idempotency_Key=f"key-{number}", If_Match="*")
        assert again.headers["Idempotency-Replayed"] == "true"
    told = await walk(writer, "/v1/changes?limit=1000")
    instants = [datetime.fromisoformat(change["recorded_at"]) for change in told]
    assert [change["position"] for change in told] == [*range(1, WRITES + 1)]
    assert all(earlier <= later for earlier, later in pairwise(instants))
    # At an instant the last that was recorded by then is known: what shared it came together.
    last = {change["recorded_at"]: change["after"]["description"] for change in told}
    for instant, description in last.items():
        known = await get(writer, "/v1/companies/acme", known_at=instant)
        assert known["description"] == description
    before = (instants[0] - timedelta(microseconds=1)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    assert (await writer.get("/v1/companies/acme", params={"known_at": before})).status_code == 404
    assert Clock.jumps > WRITES // 4
    await is_whole(store)
    tell("a clock put back", store_url, writes=WRITES, put_back=Clock.jumps, out_of_order=0)
