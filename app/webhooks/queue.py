"""The tables as a queue: what is on its way to whom, and how an attempt ends.

A delivery is claimed by moving its ``due_at`` on, past the time that an attempt can take. Whoever dies in between
leaves it to be claimed again, so it is delivered at least once; no lock and no transaction is held while it is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, Final

from sqlalchemy import delete, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.access import deliveries, webhooks
from app.models.ledger import changes, records, store
from app.shared.database import Database
from app.shared.json import loads_own
from app.webhooks.sending import TOTAL_SECONDS, Outcome

LEASE: Final = timedelta(seconds=4 * TOTAL_SECONDS)
"""How long a claim holds."""
# The schedule that the Standard Webhooks specification 1.0.0 gives as its example: ten attempts over three days.
DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER: Final = 0.25
"""How much longer a delay may be by chance, so that receivers that fell together are not all called together."""
_LONGEST: Final = timedelta(days=1)
_GONE: Final = 410
_FANNED_OUT: Final = 500
_CLAIMED: Final = 10
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook is sent, and what signs it."""

    id: str
    url: str
    secrets: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours until ``until``; ``attempts`` counts the one that begins."""

    id: int
    position: int
    attempts: int
    until: datetime


async def waiting(database: Database, now: datetime) -> list[str]:
    """The ids of the active webhooks that have changes to be looked at, or deliveries that are due."""
    due = select(deliveries.c.id).where(deliveries.c.webhook_id == webhooks.c.id, deliveries.c.due_at <= now).exists()
    behind = webhooks.c.position < select(store.c.position).scalar_subquery()
    async with database.reading() as connection:
        query = select(webhooks.c.id).where(webhooks.c.active, or_(behind, due)).order_by(webhooks.c.id)
        return list(await connection.scalars(query))


async def backlog(database: Database, most: int) -> int:
    """How many deliveries wait to be sent, or sent again; ``most`` where there are as many or more."""
    some = select(deliveries.c.id).where(deliveries.c.due_at.is_not(None)).limit(most).subquery()
    return int(await database.scalar(select(func.count()).select_from(some), {}))


async def fan_out(connection: AsyncConnection, webhook_id: str, now: datetime) -> int:
    """Look at the next changes for a webhook, and make deliveries of those that it wants; returns how many it saw."""
    query = select(webhooks.c.position, webhooks.c.types).where(webhooks.c.id == webhook_id, webhooks.c.active)
    row = (await connection.execute(query.with_for_update(skip_locked=True))).first()
    if row is None:
        return 0
    before: int = row.position
    newest = await connection.scalar(select(store.c.position)) or 0
    last = min(before + _FANNED_OUT, newest)
    if last <= before:
        return 0
    wanted = (
        select(literal(webhook_id), changes.c.position, literal(0), literal(now, deliveries.c.due_at.type))
        .join(records, records.c.id == changes.c.record_id)
        .where(changes.c.position > before, changes.c.position <= last)
        .order_by(changes.c.position)
    )
    if types := loads_own(row.types):
        wanted = wanted.where(records.c.type.in_(types))
    await connection.execute(insert(deliveries).from_select(["webhook_id", "position", "attempts", "due_at"], wanted))
    await connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(position=last))
    return last - before


async def claim(connection: AsyncConnection, webhook_id: str, now: datetime) -> tuple[Target | None, list[Claim]]:
    """Take some deliveries of a webhook that are due, for as long as a lease; none that another is taking."""
    columns = (webhooks.c.url, webhooks.c.secret, webhooks.c.former_secret, webhooks.c.former_secret_until)
    row = (await connection.execute(select(*columns).where(webhooks.c.id == webhook_id, webhooks.c.active))).first()
    if row is None:
        return None, []
    due = (
        select(deliveries.c.id)
        .where(deliveries.c.webhook_id == webhook_id, deliveries.c.due_at <= now)
        .order_by(deliveries.c.due_at, deliveries.c.position)
        .limit(_CLAIMED)
        .with_for_update(skip_locked=True)
    )
    ids = list(await connection.scalars(due))
    until = now + LEASE
    taken = (
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(due_at=until, attempts=deliveries.c.attempts + 1)
        .returning(deliveries.c.id, deliveries.c.position, deliveries.c.attempts)
    )
    rows = await connection.execute(taken) if ids else ()
    claims = [Claim(id_, position, attempts, until) for id_, position, attempts in rows]
    former = [row.former_secret] if row.former_secret_until and row.former_secret_until > now else []
    return Target(webhook_id, row.url, [row.secret, *former]), claims


async def settle(connection: AsyncConnection, target: Target, one: Claim, outcome: Outcome, now: datetime) -> None:
    """Write down how an attempt ended: what was delivered goes, whoever has it; what was not is due later or given up.

    What failed and was claimed anew meanwhile, since its lease had ended, is left to that claim.
    """
    if outcome.delivered:
        await connection.execute(delete(deliveries).where(deliveries.c.id == one.id))
        return
    if outcome.status == _GONE:
        await connection.execute(update(webhooks).where(webhooks.c.id == target.id).values(active=False))
    ours = (deliveries.c.id == one.id) & (deliveries.c.due_at == one.until)
    failed = {"last_status": outcome.status, "last_error": outcome.error, **_next(one.attempts, outcome, now)}
    await connection.execute(update(deliveries).where(ours).values(failed))


def _next(attempts: int, outcome: Outcome, now: datetime) -> dict[str, Any]:
    if attempts > len(DELAYS):
        return {"due_at": None, "given_up_at": now}
    later = DELAYS[attempts - 1] * _random.uniform(1, 1 + JITTER)
    asked = min(timedelta(seconds=outcome.retry_after), _LONGEST)
    return {"due_at": now + max(later, asked)}
