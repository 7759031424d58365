"""The way of every unsafe request: its work in one transaction, which commits before the reply is made."""

from contextlib import nullcontext
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from pydantic import BeforeValidator, ConfigDict, Field

from app.ledger.caller import caller_of
from app.ledger.idempotency import Reply, attempt_of, in_flight
from app.ledger.line import Line, Task, Touching, Work
from app.ledger.transaction import Author
from app.models.ledger import Change
from app.shared.asking import described, parameters_of
from app.shared.body import read_body
from app.shared.database import Database
from app.shared.errors import Unauthorized
from app.shared.http import JSON
from app.shared.json import normal
from app.shared.model import Model

__all__ = ["WHY", "Reply", "Touching", "Why", "Work", "perform"]


class Reasoned(Model):
    """Why something is written."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, BeforeValidator(normal)] | None = Field(
        None, description="Why, in a sentence for the history.", min_length=1, max_length=500, examples=["typo in name"]
    )
    change: Change | None = Field(
        None,
        description="Whether what was recorded was wrong (correction), or the world has changed (update).",
        examples=["correction"],
    )


Why = Annotated[Reasoned, Depends(parameters_of(Reasoned))]
"""The query parameters ``reason`` and ``change``, for the signature of a route that writes records."""
WHY: Final = described(Reasoned)["parameters"]
"""The same, for its description."""


async def perform(
    request: Request,
    work: Work,
    why: Reasoned | None = None,
    *,
    body: bytes | None = None,
    touching: Touching | None = None,
) -> Response:
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
    route has read it itself: its digest. The caller comes from the gate. A work that says what it is ``touching`` may
    share its transaction with others (`app/ledger/line.py`): it must do all it does through the transaction.
    """
    caller = caller_of(request)
    if caller.key_id is None:
        raise Unauthorized("writing needs a key")
    database: Database = request.app.state.database
    attempt = attempt_of(request, database, caller.key_id, await read_body(request) if body is None else body)
    why = why or Reasoned()
    author = Author(
        actor=caller.name or caller.key_id,
        reason=why.reason,
        change=why.change,
        key_id=caller.key_id,
        request_id=request.scope["state"]["request_id"],
    )
    task = Task(attempt, author, work, touching)
    line: Line = request.app.state.line
    with in_flight(attempt) if attempt else nullcontext():
        reply = await line.reply(task)
    return _response(reply, again=task.replayed)


def _response(reply: Reply, *, again: bool) -> Response:
    headers = dict(reply.headers) | ({"Idempotency-Replayed": "true"} if again else {})
    return Response(reply.body, reply.status, headers, media_type=JSON if reply.body else None)
