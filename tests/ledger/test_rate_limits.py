"""Rate limits: who is counted as whom, what is counted, and what a client is told."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from app.ledger import rate_limits
from app.ledger.rate_limits import RateLimits, client_of
from app.main import create_app
from app.shared.database import Database
from app.shared.errors import TooManyRequests
from app.shared.settings import Settings
from tests.ledger.keyed import PASSED, asked, bearer, passed
from tests.statements import statements

Gated = Callable[..., AbstractAsyncContextManager[FastAPI]]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        """The seconds since the epoch."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that limits are counted by."""
    clock = Clock()
    monkeypatch.setattr("limits.storage.memory.time", SimpleNamespace(time=clock.time))
    monkeypatch.setattr("app.ledger.rate_limits.time", clock.time)
    return clock


@pytest.fixture
def gated(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Gated:
    """An app with some settings, whose routes answer 204 to all that gets past the gate."""

    @asynccontextmanager
    async def start(**settings: object) -> AsyncIterator[FastAPI]:
        app = create_app(Settings.model_validate({"database_url": store_url, **settings}))
        monkeypatch.setattr(app, "router", passed)
        yield app
        await app.state.database.close()

    return start


async def sent(store: Database, **about: Any) -> list[tuple[bytes, bytes]]:  # noqa: ANN401 - as bearer has them
    """The headers of a request with a new key."""
    return [(b"authorization", (await bearer(store, **about))["Authorization"].encode())]


async def statuses(app: FastAPI, times: int, *about: Any, **more: Any) -> list[int]:  # noqa: ANN401 - as asked has them
    """The statuses of one request that is made several times."""
    return [(await asked(app, *about, **more))[0] for _ in range(times)]


GUESS = [(b"authorization", f"Bearer dg_{'0' * 12}_{'0' * 64}".encode())]
ELSEWHERE = ("198.51.100.7", 1)


async def test_without_a_setting_nothing_is_counted_and_nothing_told(gated: Gated) -> None:
    async with gated() as app:
        for _ in range(50):
            status, told, _ = await asked(app, "GET", "/v1/companies")
            assert (status, [name for name in told if "limit" in name]) == (PASSED, [])


async def test_who_asks_more_often_than_the_limit_is_told_when_to_come_back(gated: Gated, clock: Clock) -> None:
    async with gated(rate_limit="2/minute") as app:
        replies = []
        for _ in range(3):
            replies.append(await asked(app, "GET", "/v1/companies"))
            clock.now += 10
        assert [status for status, _, _ in replies] == [PASSED, PASSED, 429]
        assert [told["ratelimit-policy"] for _, told, _ in replies] == ['"requests";q=2;w=60'] * 3
        states = [told["ratelimit"] for _, told, _ in replies]
        assert states == ['"requests";r=1;t=60', '"requests";r=0;t=50', '"requests";r=0;t=40']
        assert [told.get("retry-after") for _, told, _ in replies] == [None, None, "40"]
        assert replies[2][1]["content-type"] == "application/problem+json"
        assert (
            b'"title":"Too many requests","status":429,"detail":"too many requests: ask again in 40 s"' in replies[2][2]
        )


async def test_after_the_seconds_that_it_was_told_a_client_gets_through(gated: Gated, clock: Clock) -> None:
    async with gated(rate_limit="2/minute") as app:
        await statuses(app, 2, "GET", "/")
        _, told, _ = await asked(app, "GET", "/")
        clock.now += int(told["retry-after"]) + 0.001
        assert await statuses(app, 1, "GET", "/") == [PASSED]


async def test_the_window_moves_so_that_no_border_of_it_lets_twice_as_many_through(gated: Gated, clock: Clock) -> None:
    async with gated(rate_limit="2/minute") as app:
        given = []
        for step in (0, 50, 11, 1, 48, 1):
            clock.now += step
            given += await statuses(app, 1, "GET", "/")
        assert given == [PASSED, PASSED, PASSED, 429, 429, PASSED]


async def test_clients_are_told_apart_by_their_key_and_else_by_their_address(store: Database, gated: Gated) -> None:
    one, other = await sent(store), await sent(store)
    async with gated(rate_limit="2/hour") as app:
        assert await statuses(app, 3, "GET", "/", one) == [PASSED, PASSED, 429]
        assert await statuses(app, 1, "GET", "/", one, client=ELSEWHERE) == [429]
        assert await statuses(app, 3, "GET", "/", other) == [PASSED, PASSED, 429]
        assert await statuses(app, 3, "GET", "/") == [PASSED, PASSED, 429]
        assert await statuses(app, 3, "GET", "/", client=("192.0.2.1", 2)) == [429] * 3
        assert await statuses(app, 3, "GET", "/", client=ELSEWHERE) == [PASSED, PASSED, 429]
        assert await statuses(app, 3, "GET", "/", client=None) == [PASSED, PASSED, 429]


async def test_a_write_counts_as_a_request_and_as_a_write(store: Database, gated: Gated) -> None:
    key = await sent(store, scope="write")
    async with gated(rate_limit="5/hour", rate_limit_writes="2/minute") as app:
        status, told, _ = await asked(app, "POST", "/v1/companies", key)
        assert (status, told["ratelimit-policy"]) == (PASSED, '"requests";q=5;w=3600, "writes";q=2;w=60')
        assert told["ratelimit"].replace("t=3599", "t=3600") == '"requests";r=4;t=3600, "writes";r=1;t=60'
        assert await statuses(app, 2, "DELETE", "/v1/companies/x", key) == [PASSED, 429]
        status, told, _ = await asked(app, "GET", "/v1/companies", key)
        assert (status, told["ratelimit-policy"]) == (PASSED, '"requests";q=5;w=3600')
        assert await statuses(app, 2, "POST", "/v1/match", key) == [PASSED, 429]


async def test_a_limit_of_writes_alone_leaves_reads_alone(store: Database, gated: Gated) -> None:
    key = await sent(store, scope="write")
    async with gated(rate_limit_writes="1/hour") as app:
        assert await statuses(app, 2, "PUT", "/v1/companies/x", key) == [PASSED, 429]
        assert await statuses(app, 20, "GET", "/v1/companies", key) == [PASSED] * 20
        assert "ratelimit" not in (await asked(app, "GET", "/v1/companies"))[1]


async def test_what_is_refused_for_want_of_a_key_or_of_scope_counts_and_tells_what_is_left(
    store: Database, gated: Gated
) -> None:
    reading = await sent(store, scope="read")
    async with gated(rate_limit="2/hour") as app:
        assert await statuses(app, 3, "POST", "/v1/companies") == [401, 401, 429]
        assert await statuses(app, 3, "POST", "/v1/companies", reading) == [403, 403, 429]
        status, told, _ = await asked(app, "POST", "/v1/companies", client=ELSEWHERE)
        assert (status, told["ratelimit"][:14]) == (401, '"requests";r=1')


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("not:an:address", "not:an:address"),
    ],
)
def test_a_client_of_ipv6_is_its_network(address: str, client: str) -> None:
    """One network has 2^64 addresses, each of which would have a limit of its own."""
    assert client_of({"client": (address, 1)}) == client


@pytest.mark.parametrize("setting", ["rate_limit", "rate_limit_writes"])
async def test_guesses_are_counted_by_address_until_no_more_are_looked_at(
    store: Database, gated: Gated, setting: str
) -> None:
    key = await sent(store)
    async with gated(**{setting: "3/hour"}) as app:
        with statements() as said:
            assert await statuses(app, 5, "GET", "/health", GUESS) == [401, 401, 401, 429, 429]
            assert len(said) == 3
            # A right guess would not get through either.
            assert await statuses(app, 1, "GET", "/v1/companies", key) == [429]
        assert len(said) == 3
        # Whoever else is behind the address reads on without a key; the key is good from elsewhere.
        assert await statuses(app, 1, "GET", "/v1/companies") == [PASSED]
        assert await statuses(app, 1, "GET", "/v1/companies", key, client=ELSEWHERE) == [PASSED]


async def test_a_guess_is_told_that_the_key_is_not_valid_and_how_many_are_left(gated: Gated) -> None:
    async with gated(rate_limit_writes="3/hour") as app:
        status, told, _ = await asked(app, "GET", "/v1/companies", GUESS)
    assert status == 401
    assert told["www-authenticate"] == 'Bearer realm="dealgraph", error="invalid_token"'
    assert told["ratelimit"].startswith('"writes";r=2;')


async def test_who_sends_the_id_of_another_key_does_not_use_up_its_limit(store: Database, gated: Gated) -> None:
    key = await sent(store)
    forged = [(b"authorization", key[0][1][:-64] + b"0" * 64)]
    async with gated(rate_limit="2/hour") as app:
        assert await statuses(app, 2, "GET", "/", forged, client=ELSEWHERE) == [401, 401]
        assert await statuses(app, 3, "GET", "/", key) == [PASSED, PASSED, 429]


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_what_machines_ask_over_and_over_is_never_counted(gated: Gated, path: str) -> None:
    async with gated(rate_limit="1/hour", rate_limit_writes="1/hour") as app:
        assert await statuses(app, 5, "GET", path) == [PASSED] * 5
        assert await statuses(app, 2, "GET", "/docs") == [PASSED, 429]
        assert await statuses(app, 1, "POST", path) == [429]


@pytest.mark.parametrize("name", ["rate_limit", "rate_limit_writes"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "many",
        "600",
        "minute",
        "0/minute",
        "-1/minute",
        "1/fortnight",
        "1/0 minutes",
        "9/minute;1/second",
        "9/minute x",
    ],
)
def test_a_rate_that_cannot_be_meant_is_refused_at_start(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=f"(?s){name}.*not a rate"):
        Settings.model_validate({name: value})


@pytest.mark.parametrize(
    ("value", "seconds"), [("600/minute", 60), ("10/5 minutes", 300), ("10 per 5 seconds", 5), ("1000/day", 86_400)]
)
def test_a_rate_is_written_in_words(value: str, seconds: int) -> None:
    assert f"w={seconds}" in RateLimits(value, None).take("x", writing=False)["RateLimit-Policy"]


def test_clients_who_left_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "_MANY_CLIENTS", 10)
    limits = RateLimits("1/minute", None)
    for number in range(10):
        limits.take(f"address {number}", writing=False)
    clock.now += 61
    limits._storage._MemoryStorage__expire_events()  # type: ignore[attr-defined]  # noqa: SLF001 - by itself it comes when it comes
    limits.take("address new", writing=False)
    limits.take("address newer", writing=False)
    assert len(limits._storage.events) <= 3  # noqa: SLF001 - nothing else shows it
    with pytest.raises(TooManyRequests):
        limits.take("address new", writing=False)
