"""What Schemathesis cannot guess: the loader of its hooks imports this (SCHEMATHESIS_HOOKS)."""

from itertools import count
from typing import Any

import schemathesis

from app.ledger.openapi_writing import IDEMPOTENCY_KEY, IF_MATCH

_numbers = count()


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:  # noqa: ANN401 - Schemathesis' own
    """Let writes reach the store: the example of a key is used up by one request, and that of a version is old."""
    headers = case.headers or {}
    if headers.get("Idempotency-Key") == IDEMPOTENCY_KEY["example"]:
        headers["Idempotency-Key"] = f"fuzz-{next(_numbers)}"
    if headers.get("If-Match") == IF_MATCH["example"]:
        headers["If-Match"] = "*"


@schemathesis.serializer("application/x-ndjson", "text/csv")
def lines(_context: Any, value: Any) -> bytes:  # noqa: ANN401 - the same
    """A file to import, which is described as text."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else repr(value).encode("utf-8", "replace")
