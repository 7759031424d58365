"""The way of every unsafe request: its work in one transaction, which commits before the reply is made."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Annotated, TypeAlias

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.caller import caller_of
from app.ledger.idempotency import Attempt, Reply, attempt_of, hold, in_flight, keep, kept
from app.ledger.transaction import Author, Refused, Transaction, turn
from app.models.ledger import Change
from app.shared.body import read_body
from app.shared.database import Database
from app.shared.errors import Unauthorized, Unprocessable
from app.shared.http import JSON

__all__ = ["Reply", "Why", "Work", "perform"]

Work: TypeAlias = Callable[[Transaction], Awaitable[Reply]]
"""What a request does to the store, and what it is answered with."""


class _Why(BaseModel):
    """Why something is written."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(
        None, description="Why, in a sentence for the history.", min_length=1, max_length=500, examples=["typo in name"]
    )
    change: Change | None = Field(
        None,
        description="Whether what was recorded was wrong (correction), or the world has changed (update).",
        examples=["correction"],
    )


Why = Annotated[_Why, Query()]
"""The query parameters ``reason`` and ``change``, for the signature of a route that writes records."""


async def perform(request: Request, work: Work, why: _Why | None = None, body: bytes | None = None) -> Response:
    """Do the work of an unsafe request and answer it, once for each Idempotency-Key.

    ``work(write)`` runs in one transaction that has the store to itself (`app/ledger/transaction.py`). It returns a
    `Reply`: the status, JSON text and headers. The reply is kept with the work where the request has an
    ``Idempotency-Key``; both commit together, and only then is the response made. When the request comes again, the
    kept reply is given and ``work`` does not run.

    Whatever ``work`` raises takes everything back, and nothing is kept: the request may be tried again. Raise a
    `Problem` (or `Moved`) in it to refuse; a `Refused` of the transaction becomes a 422 with its flaws. So whatever
    depends on the store, also whether the record is there and is of the version that was meant, belongs inside of
    ``work``; reading and validating the body belongs before it.

    ``why`` are the parameters of the route that say it (`Why`). ``body`` is what makes two bodies the same where the
    route has read it itself: its digest. The caller comes from the gate.
    """
    caller = caller_of(request)
    if caller.key_id is None:
        raise Unauthorized("writing needs a key")
    database: Database = request.app.state.database
    attempt = attempt_of(request, database, caller.key_id, await read_body(request) if body is None else body)
    why = why or _Why()
    author = Author(
        actor=caller.name or caller.key_id,
        reason=why.reason,
        change=why.change,
        key_id=caller.key_id,
        request_id=request.scope["state"]["request_id"],
    )
    with in_flight(attempt) if attempt else nullcontext():
        async with database.writing() as connection:
            reply, again = await _once(connection, attempt, author, work)
    return _response(reply, again=again)


async def _once(connection: AsyncConnection, attempt: Attempt | None, author: Author, work: Work) -> tuple[Reply, bool]:
    """The reply, and whether it was kept from before."""
    if attempt:
        await hold(connection, attempt)
        if before := await kept(connection, attempt):
            return before, True
    try:
        async with turn(connection, author) as write:
            reply = await work(write)
    except Refused as refused:
        raise Unprocessable("the record cannot be taken", *(flaw for _, flaw in refused.flaws)) from None
    if attempt:
        await keep(connection, attempt, reply)
    return reply, False


def _response(reply: Reply, *, again: bool) -> Response:
    headers = dict(reply.headers) | ({"Idempotency-Replayed": "true"} if again else {})
    return Response(reply.body, reply.status, headers, media_type=JSON if reply.body else None)
