"""Delivers changes to webhooks, at least once: by ``dealgraph deliver``, and beside the API where it is served."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, TypeVar

import anyio
import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.shared.alongside import alongside
from app.shared.database import Database
from app.shared.settings import Settings
from app.webhooks import queue
from app.webhooks.addresses import read_url
from app.webhooks.message import Message, messages_of
from app.webhooks.queue import Claim, Target
from app.webhooks.sending import Outcome, Sender

Result = TypeVar("Result")

INTERVAL: Final = 2.0
"""Seconds from one look for work to the next."""
_PAUSE: Final = 30.0
"""The same, after a look that failed."""
_TRANSACTIONS: Final = 2
"""How many at once, so that writers of records always find a connection."""

log = structlog.get_logger()


def utc_now() -> datetime:
    """The time, by the clock of this machine."""
    return datetime.now(UTC)


class Deliverer:
    """Works on all webhooks side by side, so that a slow receiver holds up nobody else."""

    def __init__(
        self, database: Database, sender: Sender, *, http: bool = False, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._database, self._sender, self._http, self._now = database, sender, http, now
        self._turns = anyio.Semaphore(_TRANSACTIONS)

    async def once(self) -> None:
        """Send everything that is due, once."""
        async with anyio.create_task_group() as group:
            for webhook_id in await queue.waiting(self._database, self._now()):
                group.start_soon(self._work_on, webhook_id)

    async def run(self) -> None:
        """Send what is due as it comes, for good; what fails is logged and tried again."""
        busy: set[str] = set()

        async def work_on(webhook_id: str) -> None:
            await self._work_on(webhook_id)
            busy.remove(webhook_id)

        async with anyio.create_task_group() as group:
            while True:
                found = await _survived(queue.waiting(self._database, self._now()))
                for webhook_id in set(found or ()) - busy:
                    busy.add(webhook_id)
                    group.start_soon(work_on, webhook_id)
                await anyio.sleep(_PAUSE if found is None else INTERVAL)

    async def _work_on(self, webhook_id: str) -> None:
        await _survived(self._drain(webhook_id))

    async def _drain(self, webhook_id: str) -> None:
        while await self._send_some(webhook_id) or await self._fan_out(webhook_id):
            pass

    async def _fan_out(self, webhook_id: str) -> bool:
        async with self._turns, self._database.writing() as connection:
            return await queue.fan_out(connection, webhook_id, self._now()) > 0

    async def _send_some(self, webhook_id: str) -> bool:
        async with self._turns, self._database.writing() as connection:
            target, claims = await queue.claim(connection, webhook_id, self._now())
            messages = await messages_of(connection, webhook_id, [one.position for one in claims]) if claims else {}
        if target is None:
            return False
        async with anyio.create_task_group() as group:
            for one in claims:
                group.start_soon(self._deliver, target, one, messages[one.position])
        return bool(claims)

    async def _deliver(self, target: Target, one: Claim, message: Message) -> None:
        outcome = await _survived(self._send(target, message)) or Outcome(error="it could not be sent, as the log says")
        told = {"webhook": target.id, "position": one.position, "attempt": one.attempts}
        if not outcome.delivered:
            log.warning("webhook not delivered", **told, status=outcome.status, error=outcome.error)

        async def settle() -> None:
            async with self._turns, self._database.writing() as connection:
                await queue.settle(connection, target, one, outcome, self._now())

        # Where this fails the lease ends, and it is sent again.
        await _survived(settle())

    async def _send(self, target: Target, message: Message) -> Outcome:
        try:
            url = read_url(target.url, http=self._http)
        except ValueError as error:
            return Outcome(error=str(error))
        return await self._sender.post(url, message.headers(self._now(), target.secrets), message.body)


def deliverer_of(database: Database, settings: Settings) -> Deliverer:
    """A deliverer for a store, as the settings have it."""
    return Deliverer(database, Sender(allow_private=settings.webhook_allow_private), http=settings.webhook_http)


@asynccontextmanager
async def delivering(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Deliver while the block runs, where the settings want it; what is being sent when it ends is sent again later."""
    if not settings.deliver_webhooks:
        yield
        return
    async with alongside(deliverer_of(database, settings).run()):
        yield


async def _survived(work: Awaitable[Result]) -> Result | None:
    """Do some work; where it fails, log that and go on."""
    try:
        return await work
    except (SQLAlchemyError, OSError) as error:
        log.warning("deliveries wait for the store", error=str(error).partition("\n")[0])
    except Exception as error:
        log.exception("deliveries failed", exc_info=error)
    return None
