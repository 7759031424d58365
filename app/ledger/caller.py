"""Who asks: the key that a request carries, as the gate in front of the routes found it."""

from dataclasses import dataclass

from fastapi import Request

from app.models.ledger import Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """A key by its id, name and scope; all of them None for a request without one."""

    key_id: str | None = None
    name: str | None = None
    scope: Scope | None = None


NOBODY = Caller()


def caller_of(request: Request) -> Caller:
    """The caller of a request."""
    found: Caller = request.scope["state"].get("caller", NOBODY)
    return found
