"""Keys: who may read, write or administer. A key is shown once; of its secret only the digest is kept."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.caller import Caller
from app.models.access import keys
from app.models.ledger import Scope
from app.shared.database import Database

_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_LONGEST_NAME: Final = 100
_WRITTEN: Final = re.compile(rf"dg_([0-9a-f]{{{2 * _ID_BYTES}}})_([0-9a-f]{{{2 * _SECRET_BYTES}}})")
_BY_ID: Final = select(keys.c.name, keys.c.scope, keys.c.digest).where(
    keys.c.id == bindparam("its"), keys.c.revoked_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it may be shown to anyone: neither its secret nor the digest of it."""

    id: str
    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None


class KeyRefused(ValueError):  # noqa: N818 - a key is refused
    """A key that cannot be made, rotated or revoked; the message says why in one sentence."""


async def create(database: Database, name: str, scope: Scope) -> str:
    """Make a key, and return it as ``dg_<id>_<secret>``: 48 bits to find it by, 256 random ones to prove it, in hex.

    Raises KeyRefused for a name that does not read well in a line.
    """
    name = name.strip()
    if not name.isprintable() or not 1 <= len(name) <= _LONGEST_NAME:
        raise KeyRefused(f"the name of a key is a line of 1 to {_LONGEST_NAME} printable characters")
    async with database.writing() as connection:
        return await _make(connection, name, scope)


async def listed(database: Database) -> list[Key]:
    """Every key, also those that were revoked, the oldest first."""
    columns = (keys.c.id, keys.c.name, keys.c.scope, keys.c.created_at, keys.c.revoked_at)
    async with database.primary.connect() as connection:
        rows = await connection.execute(select(*columns).order_by(keys.c.created_at, keys.c.id))
        return [Key(*row) for row in rows]


async def rotate(database: Database, key_id: str) -> str:
    """Replace a key by a new one of the same name and scope, and return that. The old one ends at the same instant.

    Raises KeyRefused where there is no such key, or where it was revoked already.
    """
    async with database.writing() as connection:
        ending = update(keys).where(keys.c.id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=_now())
        ended = (await connection.execute(ending.returning(keys.c.name, keys.c.scope))).one_or_none()
        if ended is None:
            await _require(connection, key_id)
            raise KeyRefused(f"the key {key_id} is revoked: create a new one")
        return await _make(connection, ended.name, ended.scope)


async def revoke(database: Database, key_id: str) -> None:
    """End a key: the next request that carries it is refused, on every replica. To revoke it again changes nothing.

    Raises KeyRefused where there is no such key.
    """
    async with database.writing() as connection:
        await _require(connection, key_id)
        ending = update(keys).where(keys.c.id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=_now())
        await connection.execute(ending)


async def find(database: Database, written: str) -> Caller | None:
    """Who a key belongs to, as the primary knows it now.

    ``None`` where the key is malformed, unknown, not the one that was made, or revoked: a stranger is not told which.
    """
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    key_id, secret = match.groups()
    row = await database.lookup(_BY_ID, {"its": key_id}, newest=True, together=True)
    if row is None or not hmac.compare_digest(row[2], _digest(secret)):
        return None
    name, scope, _ = row
    return Caller(key_id, name, scope)


async def _make(connection: AsyncConnection, name: str, scope: Scope) -> str:
    key_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_hex(_SECRET_BYTES)
    row = {"id": key_id, "name": name, "scope": scope, "digest": _digest(secret), "created_at": _now()}
    await connection.execute(insert(keys), row)
    return f"dg_{key_id}_{secret}"


async def _require(connection: AsyncConnection, key_id: str) -> None:
    if await connection.scalar(select(keys.c.id).where(keys.c.id == key_id)) is None:
        raise KeyRefused(f"there is no key {key_id!r}: dealgraph keys list shows those that there are")


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
