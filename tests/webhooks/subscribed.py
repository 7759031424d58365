"""Webhooks in a store, a clock that is moved by hand, and a deliverer that goes by it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.access import deliveries, webhooks
from app.models.ledger import store as newest
from app.shared.database import Database
from app.webhooks import repository
from app.webhooks.deliver import Deliverer
from app.webhooks.schemas import NewWebhook
from app.webhooks.sending import Sender

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="  # noqa: S105 - made up for these tests


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by


async def subscribe(store: Database, url: str, *types: str, secret: str = SECRET) -> str:
    """The id of a new webhook, which is told of what changes from now on."""
    async with store.writing() as connection:
        wanted = NewWebhook.model_validate({"url": url, "types": types})
        made = await repository.create(connection, wanted, secret, position=await _position(connection), key_id=None)
    return str(made["id"])


async def _position(connection: AsyncConnection) -> int:
    return await connection.scalar(select(newest.c.position)) or 0


def deliverer(store: Database, clock: Clock | None = None, sender: Sender | None = None) -> Deliverer:
    """A deliverer that may reach this machine."""
    return Deliverer(store, sender or Sender(allow_private=True), http=True, now=clock or Clock())


async def on_their_way(store: Database) -> list[Any]:
    """What is not delivered, in the order of the changes."""
    async with store.reading() as connection:
        return list(await connection.execute(select(deliveries).order_by(deliveries.c.position)))


async def webhook(store: Database) -> Any:  # noqa: ANN401 - a row
    """The one webhook of a store."""
    async with store.reading() as connection:
        return (await connection.execute(select(webhooks))).one()
