"""Answers that are sent again as they were sent before, in front of all else (docs/decisions/kept-answers.md).

An answer that is made of the question and the store alone is right as long as the store's revision is the same. Which
ones are is said where they are made (`app.ledger.unchanged.made_of`); nothing is known of routes here.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.ledger.preconditions import parse_tags
from app.ledger.rate_limits import RateLimits, client_of, headers_of
from app.ledger.replica import names_an_instant
from app.ledger.revisions import Revisions
from app.ledger.shelf import Answer, Headers, Moment, Question, Shelf
from app.ledger.unchanged import revision_of
from app.shared.errors import TooManyRequests
from app.shared.front import Fronted, Reply
from app.shared.middleware import REQUEST_ID, guarded, identify
from app.shared.observing.requests import Observer
from app.shared.observing.routes import template
from app.shared.observing.statements import Asker
from app.shared.observing.tracing import is_tracing
from app.shared.partial_date import today
from app.shared.settings import Settings

_METHODS: Final = ("GET", "HEAD")
_VARYING: Final = frozenset({b"accept", b"accept-encoding", b"host"})
"""The headers that an answer may depend on: what ``Vary`` of ours names, and the address that pages show."""
_APART: Final = frozenset({b"authorization", b"content-length", b"transfer-encoding"})
"""What makes a request another matter: a key, or content."""
_KNOWN: Final = b"if-none-match"
_OF_ONE: Final = frozenset({REQUEST_ID, b"ratelimit", b"ratelimit-policy"})
"""The headers of a reply that are of one request alone."""
_OF_304: Final = frozenset({b"etag", b"cache-control", b"vary"})
"""What a 304 repeats of the answer that it stands for (RFC 9110, 15.4.5)."""
_OK: Final = 200
_NOT_MODIFIED: Final = 304


def install(
    app: Fronted, revisions: Revisions, observer: Observer, limits: RateLimits | None, settings: Settings
) -> None:
    """Put what is kept in front of an app, where there is room for it; it has to be added last."""
    if not settings.kept_bytes:
        return
    shelf = Shelf(settings.kept_bytes)
    observer.metrics.gauge("dealgraph_kept_answers", "Answers that are kept.", shelf.__len__)
    observer.metrics.gauge("dealgraph_kept_answers_bytes", "About how much memory they take.", lambda: shelf.taken)
    layer = partial(
        KeptAnswers,
        revisions=revisions,
        shelf=shelf,
        observer=observer,
        limits=limits,
        has_replica=app.state.database.has_replica,
    )
    if is_tracing():
        # FastAPI makes the span of a request.
        app.add_middleware(layer)
    else:
        front = layer(app.behind)
        app.front, app.soon = front, front.soon


class KeptAnswers:
    """Sends what was sent before, while the store is at the same revision and the day is the same.

    Its place is in front of all layers, since each costs a microsecond or two: so it does what they would for a request
    with no key, which is to give it an id, to count it against its limit, and to tell of it. Nothing is read for a
    question to which no answer is kept.
    """

    def __init__(  # noqa: PLR0913 - what it does in the place of others
        self,
        app: ASGIApp,
        revisions: Revisions,
        shelf: Shelf,
        observer: Observer,
        limits: RateLimits | None = None,
        *,
        has_replica: bool = False,
    ) -> None:
        self.app = app
        self._revisions = revisions
        self._shelf = shelf
        self._observer = observer
        self._limits = limits
        self._has_replica = has_replica

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        question, known = _question(scope)
        if question is None or self._is_for_store(scope):
            await self.app(scope, receive, send)
        elif question not in self._shelf or not await self._answered(question, known, scope, send):
            await self._ask(question, scope, receive, send)

    def soon(self, scope: Scope, told: Callable[[Reply | None], None]) -> bool:
        """Have a request answered with no task of its own; whether there is an answer that may do.

        ``told`` is called in a later turn of the loop, with None where the request is to go the ordinary way. For a
        server that can: a task, its messages and the checks of them take a quarter of the time of such a reply.
        """
        question, known = _question(scope)
        if question is None or question not in self._shelf or self._is_for_store(scope):
            return False
        started = perf_counter()

        def reply(revision: int | Exception) -> None:
            moment = Moment(today(), revision) if isinstance(revision, int) else None
            told(moment and self._reply(question, known, scope, moment, (started, Asker())))

        self._revisions.tell(reply)
        return True

    async def _answered(self, question: Question, known: bytes | None, scope: Scope, send: Send) -> bool:
        """Answer a question by what is kept; whether that could be done."""
        begun = perf_counter(), self._observer.asker()
        moment = await self._now()
        reply = moment and self._reply(question, known, scope, moment, begun)
        if not reply:
            return False
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.content})
        return True

    def _reply(
        self, question: Question, known: bytes | None, scope: Scope, moment: Moment, begun: tuple[float, Asker]
    ) -> Reply | None:
        """What is kept for a question at a moment, told of as a reply; None where it has to be made."""
        answer = self._shelf.get(question, moment)
        status = answer and _status(answer, known)
        if not answer or not status:
            return None
        try:
            counted = headers_of(self._limits.take(client_of(scope), writing=False)) if self._limits else ()
        except TooManyRequests:
            # The gate tells it.
            return None
        headers = answer.headers if status == _OK else answer.of_304
        content = answer.content if status == _OK and scope["method"] == "GET" else b""
        headers = [*headers, (REQUEST_ID, identify(scope).encode()), *counted]
        started, asker = begun
        self._observer.tell(scope, answer.route, status, perf_counter() - started, asker)
        return Reply(status, headers, content or b"")

    def _is_for_store(self, scope: Scope) -> bool:
        """Whether a question is one that a replica cannot tell yet, which the store answers: at another revision."""
        return self._has_replica and names_an_instant(scope["query_string"])

    async def _ask(self, question: Question, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a question answered, and keep the answer where it says of which revision it is."""
        if scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        day = today()
        copy = _Copy(send, self._shelf.largest)
        await self.app(scope, receive, copy)
        revision = revision_of(scope)
        if revision is not None and day == today() and (answer := copy.answer(scope)):
            self._shelf.put(question, Moment(day, revision), answer)

    async def _now(self) -> Moment | None:
        """The moment, None where the store cannot tell it: who asks is answered in the ordinary way then."""
        try:
            return Moment(today(), await self._revisions.now())
        except (SQLAlchemyError, OSError):
            return None


class _Copy:
    """Sends a reply on, and copies it while its content is no larger than ``limit`` bytes."""

    def __init__(self, send: Send, limit: int) -> None:
        self._send = send
        self._limit = limit
        self._status = 0
        self._headers: Headers = []
        self._parts: list[bytes] = []
        self._ended = False

    async def __call__(self, message: Message) -> None:
        """Send one message of a reply (ASGI)."""
        if message["type"] == "http.response.start":
            # Whoever sends it on may add to it.
            self._status, self._headers = message["status"], [*message["headers"]]
        elif message["type"] == "http.response.body" and self._limit >= 0:
            self._parts.append(message.get("body", b""))
            self._limit -= len(self._parts[-1])
            self._ended = not message.get("more_body", False)
            if self._limit < 0:
                self._parts.clear()
        await self._send(message)

    def answer(self, scope: Scope) -> Answer | None:
        """What may be kept of the reply: a good one that ended, or that it has not changed."""
        small = self._ended and self._limit >= 0
        if not small or self._status not in (_OK, _NOT_MODIFIED) or not _varies_as_known(self._headers):
            return None
        content = b"".join(self._parts) if self._status == _OK else None
        headers = [header for header in self._headers if header[0] not in _OF_ONE]
        of_304 = guarded(header for header in headers if header[0] in _OF_304)
        return Answer(headers, of_304, content, template(scope))


def _question(scope: Scope) -> tuple[Question | None, bytes | None]:
    """What a request asks, and the ETags of what the client has; no question where its answer is not to be kept."""
    if scope["type"] != "http" or scope["method"] not in _METHODS:
        return None, None
    said: list[Any] = [scope["path"], scope["query_string"], scope.get("scheme")]
    known = None
    for header in scope["headers"]:
        name = header[0]
        if name in _VARYING:
            said.append(header)
        elif name == _KNOWN:
            known = header[1] if known is None else known + b"," + header[1]
        elif name in _APART:
            return None, None
    return tuple(said), known


def _status(answer: Answer, known: bytes | None) -> int | None:
    """What a kept answer is sent with: 200, or 304 where the client has it; None where it does not do."""
    whole = _OK if answer.content is not None else None
    if known is None:
        return whole
    tag = next((value for name, value in answer.headers if name == b"etag"), None)
    if tag is None:
        return None
    if known == tag:
        return _NOT_MODIFIED
    tags = parse_tags(known.decode("latin-1"))
    if tags is None or tags.any:
        return None
    return _NOT_MODIFIED if tags.match_weakly(tag.decode("latin-1").removeprefix("W/")) else whole


def _varies_as_known(headers: Headers) -> bool:
    named = b",".join(value for name, value in headers if name == b"vary").lower().split(b",")
    return {name.strip() for name in named} - {b""} <= _VARYING
