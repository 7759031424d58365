"""Cursors: where a page ended, as an opaque text that goes back with the same question only."""

import base64
import hashlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from app.shared.errors import BadRequest, Flaw
from app.shared.json import dumps, loads
from app.shared.types import decimal

_DIGEST = 12


def encode(question: str, keys: list[Any]) -> str:
    """A cursor for what comes after ``keys`` (the values of the sorted fields) in the answer to ``question``."""
    content = dumps([_digest(question), [_plain(key) for key in keys]])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode(question: str, cursor: str, length: int) -> list[Any]:
    """The keys in a cursor. Raises BadRequest for a cursor that is malformed or belongs to another question."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        digest, keys = loads(raw)
        typed = [_typed(key) for key in keys]
    except (ValueError, TypeError, KeyError):
        raise refused("is not one of ours: take it from the next of a page") from None
    if digest != _digest(question) or len(typed) != length:
        raise refused("belongs to another question: filters and sort must stay the same from page to page")
    return typed


def refused(why: str) -> BadRequest:
    """Say why a cursor cannot be used."""
    return BadRequest("the cursor cannot be used", Flaw(f"the cursor {why}", parameter="cursor"))


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:_DIGEST]


def _plain(key: Any) -> Any:  # noqa: ANN401 - what a column holds
    if isinstance(key, date):
        return {"date": key.isoformat()}
    return {"decimal": str(key)} if isinstance(key, Decimal) else key


def _typed(key: Any) -> Any:  # noqa: ANN401 - what a column holds
    if not isinstance(key, dict):
        if key is not None and not isinstance(key, (str, bool, int)):
            raise TypeError
        return key
    ((kind, text),) = key.items()
    readers: dict[str, Callable[[str], Any]] = {"date": date.fromisoformat, "decimal": decimal}
    return readers[kind](text)
