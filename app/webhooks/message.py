"""What is sent of a change: the same id and the same bytes at each attempt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.changes import feed
from app.shared.http import JSON
from app.shared.json import dumps
from app.webhooks.signing import signed_headers


@dataclass(frozen=True, slots=True)
class Message:
    """A body and the id by which a receiver knows it again."""

    id: str
    body: bytes

    def headers(self, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
        """The headers of an attempt ``at`` an instant."""
        signed = signed_headers(self.id, at, self.body, secrets)
        return {"Content-Type": JSON, "User-Agent": f"Dealgraph/{version('dealgraph')}", **signed}


async def message_of(connection: AsyncConnection, webhook_id: str, position: int) -> Message:
    """The message to a webhook of the change at a position, with that change as the feed shows it."""
    (change,) = (await feed(connection, position - 1, 1)).data
    kind = f"{change['record']['type']}.{change['action']}"
    body = dumps({"type": kind, "timestamp": change["recorded_at"], "data": change})
    return Message(f"msg_{webhook_id}_{position}", body.encode())
