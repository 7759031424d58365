"""Reads on a streaming replica, which lags behind the store: how far, and what it cannot be asked yet.

A replica shows the store as it was at one of its revisions, so an answer from it is whole, only older. A question about
an instant is the exception: until the replica has all that was recorded by then, its answer would be another than the
one that the store gives from then on. Such a question goes to the store itself.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from fastapi import FastAPI
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Receive, Scope, Send

from app.ledger.repository import revision_by
from app.models.ledger import revisions, store
from app.shared.database import Database
from app.shared.fields import instant
from app.shared.unavailable import is_unavailable

_NEWEST: Final = select(store.c.revision, revisions.c.recorded_at).outerjoin(
    revisions, revisions.c.revision == store.c.revision
)
_LACKING: Final = select(store.c.revision, revisions.c.recorded_at).outerjoin(
    revisions, revisions.c.revision == bindparam("has") + 1
)
_BY: Final = select(revision_by(bindparam("instant")).scalar_subquery())
_INSTANTS: Final = frozenset({"known_at", "from", "to"})


class Lag(NamedTuple):
    """How many revisions a replica lacks, and for how many seconds it has lacked the first of them."""

    revisions: int
    seconds: float


async def lag(database: Database) -> Lag:
    """How far reads are behind the store."""
    async with database.reader.connect() as connection:
        has = (await connection.execute(_NEWEST)).one().revision
    async with database.primary.connect() as connection:
        newest, since = (await connection.execute(_LACKING, {"has": has})).one()
    if newest <= has:
        return Lag(0, 0.0)
    return Lag(newest - has, max((datetime.now(UTC) - since).total_seconds(), 0.0))


def install(app: FastAPI, database: Database) -> None:
    """Ask the store itself what its replica cannot tell yet, where reads go to one."""
    if database.has_replica:
        app.add_middleware(InTime, database=database)


class InTime:
    """Sends questions about an instant, or a revision, that the replica has not reached to the store itself."""

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self.app = app
        self.database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        if scope["type"] != "http" or not scope["query_string"] or await self._reached(scope["query_string"]):
            await self.app(scope, receive, send)
            return
        with self.database.from_primary():
            await self.app(scope, receive, send)

    async def _reached(self, query: bytes) -> bool:
        """Whether the replica has all that a question is about; no where that cannot be found out."""
        asked, numbers = _past(query)
        if asked is None and not numbers:
            return True
        try:
            return await self._has(asked, max(numbers, default=0))
        except (SQLAlchemyError, OSError) as error:
            if not is_unavailable(error):
                raise
            return False

    async def _has(self, asked: datetime | None, number: int) -> bool:
        async with self.database.reader.connect() as connection:
            revision, recorded_at = (await connection.execute(_NEWEST)).one()
        # Several revisions may be of one instant, so that only a later one says that there are no more of it.
        if asked is None or (recorded_at is not None and asked < recorded_at):
            return bool(number <= revision)
        async with self.database.primary.connect() as connection:
            wanted = await connection.scalar(_BY, {"instant": asked}) or 0
        return bool(max(wanted, number) <= revision)


def names_an_instant(query: bytes) -> bool:
    """Whether a question is about an instant or a revision, which a replica may not have reached."""
    asked, numbers = _past(query) if query else (None, [])
    return asked is not None or bool(numbers)


def _past(query: bytes) -> tuple[datetime | None, list[int]]:
    """The last of the instants that a question is about, and the revisions."""
    pairs = parse_qsl(query.decode("latin-1"))
    return max(_instants(pairs), default=None), list(_revisions(pairs))


def _instants(pairs: list[tuple[str, str]]) -> Iterator[datetime]:
    """The instants among the parameters; a route refuses what is none."""
    for name, text in pairs:
        if name in _INSTANTS:
            with suppress(ValueError):
                yield instant(text)


def _revisions(pairs: list[tuple[str, str]]) -> Iterator[int]:
    for name, text in pairs:
        if name == "revision" and text.isdecimal():
            yield int(text[:20])
