"""What is sent of a change: the same id and the same bytes at each attempt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.changes import changes_at
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


async def messages_of(connection: AsyncConnection, webhook_id: str, positions: Sequence[int]) -> dict[int, Message]:
    """The messages to a webhook of some changes, by position, each as the feed shows it. One statement."""
    shown = await changes_at(connection, positions)
    return {change["position"]: _message(webhook_id, change) for change in shown}


def _message(webhook_id: str, change: dict[str, Any]) -> Message:
    kind = f"{change['record']['type']}.{change['action']}"
    body = dumps({"type": kind, "timestamp": change["recorded_at"], "data": change})
    return Message(f"msg_{webhook_id}_{change['position']}", body.encode())
