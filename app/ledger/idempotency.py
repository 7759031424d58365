"""Idempotency-Key: a request that is sent again is answered again, and its work is done once.

The reply is kept in the transaction of the work, so both are there or neither is, whatever dies in between. It follows
draft-ietf-httpapi-idempotency-key-header-07, and Stripe's practice where the draft leaves it open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from fastapi import Request
from sqlalchemy import bindparam, delete, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.access import replies
from app.shared.among import any_of
from app.shared.database import Database
from app.shared.errors import BadRequest, Conflict, Unprocessable
from app.shared.json import dumps, loads_own

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)
MAX_LENGTH: Final = 255
_CONDITIONS: Final = ("If-Match", "If-None-Match", "Content-Type")
_CLEARED_AT_ONCE: Final = 100
_KEPT: Final = select(replies).where(any_of(replies.c.idempotency_key, "keys"))
_HOLD: Final = text("SELECT number, pg_try_advisory_xact_lock(number) FROM unnest(CAST(:numbers AS bigint[])) number")
_EXPIRED: Final = (
    select(replies.c.key_id, replies.c.idempotency_key)
    .where(replies.c.answered_at <= bindparam("before"))
    .order_by(replies.c.answered_at)
    .limit(bindparam("most"))
)
_CLEAR: Final = delete(replies).where(
    replies.c.answered_at <= bindparam("before"),
    tuple_(replies.c.key_id, replies.c.idempotency_key).in_(_EXPIRED) | any_of(replies.c.idempotency_key, "keys"),
)
_in_flight: set["Attempt"] = set()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request is answered with: a status, JSON text (empty for no content) and headers of its own."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that carries an idempotency key, which counts for one API key of one store."""

    store: str
    key_id: str
    key: str
    fingerprint: str


def attempt_of(request: Request, database: Database, key_id: str, body: bytes) -> Attempt | None:
    """The attempt that a request is, None where it has no idempotency key. Raises BadRequest for one that is none."""
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    key = given[0].strip()
    if len(given) > 1 or not 1 <= len(key) <= MAX_LENGTH or not key.isprintable():
        raise BadRequest(f"{HEADER} is one line of 1 to {MAX_LENGTH} characters")
    return Attempt(database.address, key_id, key, _fingerprint(request, body))


@contextmanager
def in_flight(attempt: Attempt) -> Iterator[None]:
    """Hold an idempotency key while its request is worked on in this process. Raises Conflict (409) while it is."""
    held = Attempt(attempt.store, attempt.key_id, attempt.key, "")
    if held in _in_flight:
        raise _still_working()
    _in_flight.add(held)
    try:
        yield
    finally:
        _in_flight.remove(held)


async def hold(connection: AsyncConnection, attempts: Sequence[Attempt]) -> dict[Attempt, Conflict]:
    """Hold idempotency keys across processes until the transaction ends; a Conflict (409) for each that another holds.

    On PostgreSQL they are advisory locks, which go away with the transaction, also when the process dies. On SQLite a
    transaction that writes is alone in the store: a second process has waited for it, and finds its reply.
    """
    if connection.dialect.name != "postgresql" or not attempts:
        return {}
    numbers = {_number(attempt): attempt for attempt in attempts}
    held: dict[int, bool] = dict((await connection.execute(_HOLD, {"numbers": list(numbers)})).all())
    return {attempt: _still_working() for number, attempt in numbers.items() if not held[number]}


async def kept(connection: AsyncConnection, attempts: Sequence[Attempt]) -> dict[Attempt, Reply | Unprocessable]:
    """The replies that were given to attempts before, without those that are first ones.

    An Unprocessable (422) where the key came with another request.
    """
    if not attempts:
        return {}
    of = {(attempt.key_id, attempt.key): attempt for attempt in attempts}
    rows = await connection.execute(_KEPT, {"keys": [attempt.key for attempt in attempts]})
    since, found = datetime.now(UTC) - KEPT_FOR, dict[Attempt, Reply | Unprocessable]()
    for row in rows:
        attempt = of.get((row.key_id, row.idempotency_key))
        if attempt and row.answered_at > since:
            found[attempt] = _reply_of(row, attempt)
    return found


async def keep(connection: AsyncConnection, given: Sequence[tuple[Attempt, Reply]]) -> None:
    """Keep replies for as long as `KEPT_FOR`, and delete some of those that were kept for longer."""
    if not given:
        return
    now = datetime.now(UTC)
    # Old ones of the same keys may be among those that are cleared, or not.
    old = {
        "before": now - KEPT_FOR,
        "most": _CLEARED_AT_ONCE,
        "keys": [attempt.key for attempt, _ in given],
    }
    await connection.execute(_CLEAR, old)
    rows = [
        {
            "key_id": attempt.key_id,
            "idempotency_key": attempt.key,
            "fingerprint": attempt.fingerprint,
            "status": reply.status,
            "headers": dumps(reply.headers),
            "body": reply.body,
            "answered_at": now,
        }
        for attempt, reply in given
    ]
    await connection.execute(insert(replies), rows)


def _number(attempt: Attempt) -> int:
    """The advisory lock of a key."""
    return int.from_bytes(sha256(f"{attempt.key_id} {attempt.key}".encode()).digest()[:8], signed=True)


def _reply_of(row: Any, attempt: Attempt) -> Reply | Unprocessable:  # noqa: ANN401 - a row
    if row.fingerprint != attempt.fingerprint:
        return Unprocessable(f"this {HEADER} came with another request: take a new one for each request")
    return Reply(row.status, row.body, tuple((name, value) for name, value in loads_own(row.headers)))


def _fingerprint(request: Request, body: bytes) -> str:
    """What makes two requests the same: method, path, query, conditions, body."""
    conditions = [",".join(request.headers.getlist(name)) for name in _CONDITIONS]
    # By repr, since a path may hold a lone surrogate, which no encoding takes.
    asked = repr((request.method, request.scope["path"], request.scope["query_string"], conditions))
    return sha256(asked.encode() + b"\n" + body).hexdigest()


def _still_working() -> Conflict:
    problem = Conflict(f"a request with this {HEADER} is being worked on: ask again in a moment")
    problem.headers = {"Retry-After": "1"}
    return problem
