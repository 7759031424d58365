"""How webhooks are kept. Managing them makes no revision: they are no records."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.access import deliveries, webhooks
from app.shared.errors import Conflict, Flaw, NotFound, Unprocessable
from app.shared.json import dumps, loads_own
from app.webhooks.schemas import DeliveriesQuestion, NewWebhook

MOST: Final = 100
"""How many webhooks a store has at most, so that their list comes whole and a change goes to so many."""
FORMER_SIGNS: Final = timedelta(hours=24)
"""How long the secret before a rotation signs beside the new one."""
# The secrets are not among them: only who signs reads those (queue.py).
_SHOWN: Final = ("id", "url", "types", "description", "active", "created_at", "position", "former_secret_until")
_COLUMNS: Final = [webhooks.c[name] for name in _SHOWN]
_DELIVERY: Final = ("position", "attempts", "due_at", "given_up_at", "last_status", "last_error")
_STATES: Final = {"due": deliveries.c.due_at.is_not(None), "given_up": deliveries.c.given_up_at.is_not(None)}
Shown = dict[str, Any]


async def create(
    connection: AsyncConnection, wanted: NewWebhook, secret: str, *, position: int, key_id: str | None
) -> Shown:
    """Make a webhook that is told of what changes after ``position``. Raises Conflict where there are too many."""
    count = await connection.scalar(select(func.count()).select_from(webhooks))
    if count is not None and count >= MOST:
        raise Conflict(f"there are {MOST} webhooks, which is the most: delete one that is not needed")
    row = {
        "id": f"wh_{token_hex(8)}",
        "url": wanted.url,
        "types": dumps(wanted.types),
        "description": wanted.description,
        "secret": secret,
        "position": position,
        "active": True,
        "created_at": datetime.now(UTC),
        "key_id": key_id,
    }
    made = await connection.execute(insert(webhooks).returning(*_COLUMNS), row)
    return _shown(made.one())


async def everyone(connection: AsyncConnection) -> list[Shown]:
    """All webhooks, the oldest first."""
    rows = await connection.execute(select(*_COLUMNS).order_by(webhooks.c.created_at, webhooks.c.id))
    return [_shown(row) for row in rows]


async def find(connection: AsyncConnection, webhook_id: str) -> Shown:
    """One webhook. Raises NotFound."""
    row = (await connection.execute(select(*_COLUMNS).where(webhooks.c.id == webhook_id))).first()
    if row is None:
        raise _no_such(webhook_id)
    return _shown(row)


async def change(connection: AsyncConnection, webhook_id: str, values: Mapping[str, Any]) -> Shown:
    """Change columns of a webhook. Raises NotFound."""
    if not values:
        return await find(connection, webhook_id)
    row = {name: dumps(value) if name == "types" else value for name, value in values.items()}
    changed = update(webhooks).where(webhooks.c.id == webhook_id).values(row).returning(*_COLUMNS)
    found = (await connection.execute(changed)).first()
    if found is None:
        raise _no_such(webhook_id)
    return _shown(found)


async def remove(connection: AsyncConnection, webhook_id: str) -> None:
    """Delete a webhook and what is on its way to it. Raises NotFound."""
    gone = await connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))
    if not gone.rowcount:
        raise _no_such(webhook_id)


async def rotate(connection: AsyncConnection, webhook_id: str, secret: str) -> Shown:
    """Take a new secret; the one before it signs for a while too. Raises NotFound."""
    until = datetime.now(UTC) + FORMER_SIGNS
    values = {"secret": secret, "former_secret": webhooks.c.secret, "former_secret_until": until}
    return await change(connection, webhook_id, values)


async def undelivered(connection: AsyncConnection, webhook_id: str, wanted: DeliveriesQuestion) -> list[Shown]:
    """Deliveries in the order of their changes, one more than a page where there are more. Raises NotFound."""
    await find(connection, webhook_id)
    query = (
        select(*(deliveries.c[name] for name in _DELIVERY))
        .where(deliveries.c.webhook_id == webhook_id, deliveries.c.position > wanted.after)
        .order_by(deliveries.c.position)
        .limit(wanted.limit + 1)
    )
    if wanted.state:
        query = query.where(_STATES[wanted.state])
    return [dict(zip(_DELIVERY, row, strict=True)) for row in await connection.execute(query)]


async def redeliver(connection: AsyncConnection, webhook_id: str, positions: Sequence[int] | None) -> int:
    """Make deliveries that were given up due again, with all their attempts; returns how many.

    Raises NotFound, and Unprocessable for a position that was not given up.
    """
    await find(connection, webhook_id)
    given_up = (deliveries.c.webhook_id == webhook_id) & deliveries.c.given_up_at.is_not(None)
    if positions is not None:
        await _refuse_others(connection, webhook_id, positions)
        given_up &= deliveries.c.position.in_(positions)
    again = update(deliveries).where(given_up).values(due_at=datetime.now(UTC), given_up_at=None, attempts=0)
    return (await connection.execute(again)).rowcount


async def _refuse_others(connection: AsyncConnection, webhook_id: str, positions: Sequence[int]) -> None:
    known = select(deliveries.c.position).where(
        deliveries.c.webhook_id == webhook_id,
        deliveries.c.given_up_at.is_not(None),
        deliveries.c.position.in_(positions),
    )
    found = set(await connection.scalars(known))
    flaws = [
        Flaw(f"the change {position} is not among those given up", pointer=f"/positions/{place}")
        for place, position in enumerate(positions)
        if position not in found
    ]
    if flaws:
        raise Unprocessable("not every position was given up", *flaws)


def _shown(row: Sequence[Any]) -> Shown:
    shown = dict(zip(_SHOWN, row, strict=True))
    until = shown["former_secret_until"]
    passed = until is not None and until <= datetime.now(UTC)
    return shown | {"types": loads_own(shown["types"]), "former_secret_until": None if passed else until}


def _no_such(webhook_id: str) -> NotFound:
    return NotFound(f"there is no webhook {webhook_id[:80]!r}")
