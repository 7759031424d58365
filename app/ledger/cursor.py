"""Cursors: where a page ended, as an opaque text that goes back with the same question to the same store only.

A cursor is signed (HMAC, RFC 2104, with SHA-256) with a secret that the store keeps, so that all replicas of the app
take each other's. It is not encrypted: what it says stood in the page.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.ledger import store
from app.shared.database import Database
from app.shared.errors import BadRequest, Flaw
from app.shared.json import dumps, loads_own
from app.shared.types import decimal

_DIGEST: Final = 12
_SIGNATURE: Final = 16
_SECRET: Final = select(store.c.secret)
_kept: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()


async def encode(connection: AsyncConnection, question: str, keys: list[Any]) -> str:
    """A cursor for what comes after ``keys`` (the values of the sorted fields) in the answer to ``question``."""
    return sealed(await _secret(connection), question, keys)


async def encode_for(database: Database, question: str, keys: list[Any]) -> str:
    """The same for who holds no connection: one is taken where the secret is not known yet."""
    secret = _kept.get(database.reader.sync_engine)
    if secret is None:
        async with database.reading() as connection:
            secret = await _secret(connection)
    return sealed(secret, question, keys)


async def decode(connection: AsyncConnection, question: str, cursor: str, length: int) -> list[Any]:
    """The keys in a cursor. Raises BadRequest for one that this store did not give, or for another question."""
    content = opened(await _secret(connection), cursor)
    if content is None:
        # The store may have been restored from another since its secret was read.
        content = opened(await _secret(connection, anew=True), cursor)
    if content is None:
        raise refused("is not one that this store gave: take it from the next of a page, as it is")
    return keys_in(content, question, length)


def sealed(secret: bytes, question: str, keys: list[Any]) -> str:
    """A cursor that is signed with a secret."""
    content = dumps([_digest(question), [_plain(key) for key in keys]]).encode()
    return base64.urlsafe_b64encode(_signature(secret, content) + content).decode().rstrip("=")


def opened(secret: bytes, cursor: str) -> bytes | None:
    """What a cursor says, None where it was not signed with this secret."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    signature, content = raw[:_SIGNATURE], raw[_SIGNATURE:]
    return content if hmac.compare_digest(signature, _signature(secret, content)) else None


def keys_in(content: bytes, question: str, length: int) -> list[Any]:
    """The keys that a cursor of ours names. Raises BadRequest for one that belongs to another question."""
    digest, keys = loads_own(content.decode())
    if digest != _digest(question) or len(keys) != length:
        raise refused("belongs to another question: filters and sort must stay the same from page to page")
    return [_typed(key) for key in keys]


def refused(why: str) -> BadRequest:
    """Say why a cursor cannot be used."""
    return BadRequest("the cursor cannot be used", Flaw(f"the cursor {why}", parameter="cursor"))


async def _secret(connection: AsyncConnection, *, anew: bool = False) -> bytes:
    """The secret of a store, read once for each of its engines."""
    engine = connection.engine.sync_engine
    if anew or engine not in _kept:
        _kept[engine] = bytes.fromhex((await connection.execute(_SECRET)).scalar_one())
    return _kept[engine]


def _signature(secret: bytes, content: bytes) -> bytes:
    return hmac.digest(secret, content, "sha256")[:_SIGNATURE]


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:_DIGEST]


def _plain(key: Any) -> Any:  # noqa: ANN401 - what a column holds
    if isinstance(key, date):
        return {"date": key.isoformat()}
    return {"decimal": str(key)} if isinstance(key, Decimal) else key


def _typed(key: Any) -> Any:  # noqa: ANN401 - what was written by `_plain`
    if not isinstance(key, dict):
        return key
    ((kind, text),) = key.items()
    readers: dict[str, Callable[[str], Any]] = {"date": date.fromisoformat, "decimal": decimal}
    return readers[kind](text)
