"""A line for each request: what is in it, what never is, and when there is none."""

import json
import sys
from asyncio import gather, sleep
from collections.abc import Iterator
from errno import ENOSPC
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import text
from starlette.types import Receive, Scope, Send

from app.shared import logs
from app.shared.database import Database
from app.shared.logs import Level, Lines
from app.shared.middleware import RequestId
from app.shared.observing.metrics import Metrics
from app.shared.observing.requests import Observed, Observer
from tests.conftest import serving
from tests.factories.companies import company
from tests.ledger.keyed import asked, bearer

FIELDS = {"event", "level", "timestamp", "method", "route", "status", "milliseconds", "queries"}
FIELDS |= {"request_id", "key", "client"}
UNWANTED = "s3cr3t-of-a-client"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    logs.configure("console")


async def lines(capsys: Capture) -> list[dict[str, Any]]:
    """What was written, as JSON, once the loop has done what it was at."""
    await sleep(0)
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


async def test_each_request_has_one_line_that_says_who_asked_what_and_what_it_took(
    store_url: str, store: Database, capsys: Capture
) -> None:
    headers = await bearer(store)
    async with serving(store_url, log_format="json", log_requests=1) as client:
        made = await client.post("/v1/companies", json=company("acme"), headers=headers)
        await client.get("/v1/companies/acme", headers={"X-Request-Id": "find-me"})
        await client.head("/v1/companies")
        await client.get("/v1/companies/nobody/dependents")
    assert made.status_code == 201
    written = await lines(capsys)
    assert [(one["method"], one["route"], one["status"]) for one in written] == [
        ("POST", "/v1/companies", 201),
        ("GET", "/v1/companies/{slug}", 200),
        ("HEAD", "/v1/companies", 200),
        ("GET", "/v1/companies/{slug}/dependents", 404),
    ]
    assert all(one.keys() == FIELDS for one in written)
    assert all((one["event"], one["level"], one["client"]) == ("request", "info", "127.0.0.1") for one in written)
    assert written[0]["key"] == headers["Authorization"].split("_")[1]
    assert (written[1]["request_id"], written[1]["key"], written[1]["queries"]) == ("find-me", None, 1)
    assert written[0]["queries"] > 5
    assert all(0 < one["milliseconds"] < 60_000 for one in written)


async def test_writes_that_are_done_together_count_what_they_share_and_reads_beside_them_do_not(
    store_url: str, store: Database, capsys: Capture
) -> None:
    headers = await bearer(store)
    async with serving(store_url, log_format="json", log_requests=1, kept_bytes=0) as client:
        await client.post("/v1/companies", json=company("acme"), headers=headers)
        capsys.readouterr()
        writes = [client.post("/v1/companies", json=company(f"c{n}"), headers=headers) for n in range(6)]
        await gather(*writes, *(client.get("/v1/companies/acme") for _ in range(6)))
    counted: dict[str, list[int]] = {"POST": [], "GET": []}
    for one in await lines(capsys):
        counted[one["method"]].append(one["queries"])
    # The key of each, and a transaction that may be shared.
    assert all(5 < number < 40 for number in counted["POST"])
    assert counted["GET"] == [1] * 6


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_no_line_holds_a_token_a_query_or_a_body(
    store_url: str, capsys: Capture, log_format: logs.Format
) -> None:
    token = {"Authorization": f"Bearer dg_{'0' * 12}_{UNWANTED}"}
    async with serving(store_url, log_format=log_format, log_requests=1, log_level="debug") as client:
        for path in ("/v1/companies", "/v1/companies/acme", "/nowhere"):
            await client.get(path, params={"q": UNWANTED, UNWANTED: "1"}, headers={"X-Request-Id": f"{UNWANTED}\n"})
            await client.get(path, headers=token)
            await client.post(path, content=UNWANTED, headers={"Cookie": UNWANTED, "User-Agent": UNWANTED})
        await client.get(f"/v1/companies/{UNWANTED}")
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 10
    assert UNWANTED not in written


async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Fail before there is a reply (an ASGI app)."""
    raise ZeroDivisionError


async def leaving(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """End with no reply, as where the client went (an ASGI app)."""


async def answering(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer (an ASGI app)."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def observed(app: Any, level: Level = "info", share: float = 1) -> Any:  # noqa: ANN401 - an ASGI app
    """An app of ours, observed."""
    return Observed(RequestId(app), Observer(Metrics(), Lines("json", level), share))


async def test_what_fails_with_no_reply_is_a_500_in_the_log_and_in_the_figures(
    capsys: Capture,
) -> None:
    metrics = Metrics()
    app = Observed(RequestId(failing), Observer(metrics, Lines("json", "info"), 1))
    with pytest.raises(ZeroDivisionError):
        await asked(app, "GET", "/x")
    (one,) = await lines(capsys)
    assert (one["status"], one["level"], one["route"]) == (500, "warning", "none")
    assert 'status="500"' in (await metrics.page([])).decode()
    assert metrics.in_flight == 0


async def test_whose_client_went_before_a_reply_is_a_499(capsys: Capture) -> None:
    with pytest.raises(ValueError, match="not enough values"):
        await asked(observed(leaving), "GET", "/x")
    assert [one["status"] for one in await lines(capsys)] == [499]


@pytest.mark.parametrize(
    ("level", "share", "good", "failed"),
    [("info", 1, 40, 40), ("warning", 1, 0, 40), ("error", 1, 0, 0), ("info", 0, 0, 0), ("info", 0.001, 0, 40)],
)
async def test_the_level_and_the_share_decide_which_requests_have_a_line(  # noqa: PLR0913, PLR0917 - a table
    level: Level, share: float, good: int, failed: int, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("app.shared.observing.requests.random", lambda: 0.5)
    for _ in range(40):
        await asked(observed(answering, level, share), "GET", "/x")
        with pytest.raises(ZeroDivisionError):
            await asked(observed(failing, level, share), "GET", "/x")
    written = [one["status"] for one in await lines(capsys)]
    assert (written.count(200), written.count(500)) == (good, failed)


async def test_a_method_that_nobody_knows_makes_no_series_of_its_own(capsys: Capture) -> None:
    for method in ("BREW", "x" * 1_000):
        await asked(observed(answering), method, "/x")
    assert {one["method"] for one in await lines(capsys)} == {"other"}


class Full(StringIO):
    """A file on a disk that is full."""

    def write(self, _text: str) -> int:
        raise OSError(ENOSPC, "No space left on device")


async def test_a_log_that_is_full_stops_no_request(
    store_url: str, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(store_url, log_requests=1) as client:
        monkeypatch.setattr(sys, "stderr", Full())
        assert (await client.get("/health")).status_code == 200
        async with store.writing() as connection:
            await connection.execute(text("DROP TABLE alembic_version"))
        # Of which there is a warning too.
        assert (await client.get("/ready")).status_code == 503
