"""The gate in front of every route: who asks, whether they may, and how often (docs/keys.md)."""

import re
from typing import Final, get_args

import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette._utils import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from app.ledger import keys
from app.ledger.caller import NOBODY, Caller
from app.ledger.rate_limits import RateLimits, client_of, headers_of
from app.models.ledger import Scope as KeyScope
from app.shared.database import Database
from app.shared.documentation import PAGES
from app.shared.errors import Forbidden, Problem, Unauthorized, Unavailable
from app.shared.http import show
from app.shared.observing.tracing import PROBES
from app.shared.unavailable import is_unavailable, reason

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_READS_BY_POST: Final = frozenset({"/v1/match", "/reconcile"})
"""Questions that are too long for a URL: they change nothing."""
_ADMINISTRATION: Final = "/v1/webhooks"
_OPEN: Final = PROBES | {*PAGES, "/openapi.json"}
_RANK: Final = {scope: rank for rank, scope in enumerate(get_args(KeyScope))}
_BEARER: Final = re.compile(rb"bearer +([!-~]+)", re.IGNORECASE)
_CHALLENGE: Final = 'Bearer realm="dealgraph"'

log = structlog.get_logger()


def needed(method: str, path: str, *, public_reads: bool) -> KeyScope | None:
    """The scope that a request needs, ``None`` where anyone may ask.

    It is told from the method and the path alone, so that a route which is added is closed until it is opened here.
    """
    # With no slash after it: a router may take for this path what has a newline at its end.
    if path.startswith(_ADMINISTRATION):
        return "admin"
    if not _is_reading(method, path):
        return "write"
    if public_reads or path in _OPEN or path.startswith(("/docs/", "/static/")):
        return None
    return "read"


def install(app: FastAPI, database: Database, limits: RateLimits | None, *, public_reads: bool) -> None:
    """Put the gate in front of an app; what gives each request its id has to be added after it."""
    app.add_middleware(Gate, database=database, public_reads=public_reads, limits=limits)


class Gate:
    """Finds the caller of each request, and lets through what they may do (RFC 6750: a key is a bearer token)."""

    def __init__(self, app: ASGIApp, database: Database, *, public_reads: bool, limits: RateLimits | None) -> None:
        self.app = app
        self.database = database
        self.public_reads = public_reads
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        if scope["type"] != "http":
            # No route of ours is a web socket, and none could be judged by its method.
            await (WebSocketClose() if scope["type"] == "websocket" else self.app)(scope, receive, send)
            return
        # As the router takes it: without the prefix that a server may name.
        path = get_route_path(scope)
        required = needed(scope["method"], path, public_reads=self.public_reads)
        given = _authorization(scope)
        if given is None and required is None and (self.limits is None or path in PROBES):
            await self.app(scope, receive, send)
            return
        try:
            address = client_of(scope)
            caller = NOBODY if given is None else await self._caller(given, address)
            if self.limits:
                writing = not _is_reading(scope["method"], path)
                send = _telling(self.limits.take(caller.key_id or address, writing=writing), send)
            _authorise(caller, required)
        except Problem as refusal:
            await show(Request(scope), refusal)(scope, receive, send)
        else:
            scope["state"]["caller"] = caller
            await self.app(scope, receive, send)

    async def _caller(self, given: bytes, address: str) -> Caller:
        """Whose key it is. Raises Unauthorized, with one sentence for all that can be wrong with a key.

        Failures count against the address, so that guessing is slow, and apart from its requests, so that someone
        who guesses keeps nobody behind the same address from asking without a key.
        """
        guesses = f"guesses from {address}"
        if self.limits:
            self.limits.check(guesses)
        if caller := await self._find(given):
            return caller
        refusal = Unauthorized("the key is not valid")
        refusal.headers = {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'}
        if self.limits:
            refusal.headers |= self.limits.take(guesses, writing=True)
        raise refusal

    async def _find(self, given: bytes) -> Caller | None:
        match = _BEARER.fullmatch(given)
        try:
            return await keys.find(self.database, match[1].decode()) if match else None
        except (SQLAlchemyError, OSError) as error:
            if not is_unavailable(error):
                raise
            log.warning("store unavailable", error=reason(error))
            raise Unavailable("no key can be checked now; ask again in a moment") from error


def _is_reading(method: str, path: str) -> bool:
    return method in _READING or (method == "POST" and path in _READS_BY_POST)


def _authorization(scope: Scope) -> bytes | None:
    """What was sent to say who asks; nothing that could be valid where it was sent twice."""
    given = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            given = value if given is None else b""
    return given


def _authorise(caller: Caller, required: KeyScope | None) -> None:
    """Raise Unauthorized where a key is needed and none was sent, Forbidden where its scope is too small."""
    if required is None or (caller.scope is not None and _RANK[caller.scope] >= _RANK[required]):
        return
    if caller.scope is None:
        need = f"this needs a key of scope {required}: send it as Authorization: Bearer dg_<id>_<secret>"
        refusal: Problem = Unauthorized(need)
        refusal.headers = {"WWW-Authenticate": _CHALLENGE}
    else:
        refusal = Forbidden(f"this needs a key of scope {required}; yours has scope {caller.scope}")
        told = f'{_CHALLENGE}, error="insufficient_scope", scope="{required}"'
        refusal.headers = {"WWW-Authenticate": told}
    raise refusal


def _telling(headers: dict[str, str], send: Send) -> Send:
    """Send replies with some headers more."""
    more = headers_of(headers)

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return send_with_headers
