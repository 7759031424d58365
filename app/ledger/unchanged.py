"""Answers that have not changed: an ETag of the store's revision, and 304 for whom has the answer already.

No answer changes while the revision does not, so a client that polls costs one read of one number, and what was sent
can be sent again (`app.ledger.kept`). The ETag is weak: compression may change the bytes that are sent (RFC 9110,
8.8.1).
"""

from hashlib import blake2b
from typing import Annotated, Any, Final

from fastapi import Header, Request, Response
from starlette.types import Scope

from app.ledger.preconditions import read_tags
from app.ledger.revisions import Revisions
from app.shared.errors import NotModified
from app.shared.partial_date import today
from app.shared.reading import address
from app.shared.settings import Settings

# What is kept has to be asked for again before it is used; the shape of an answer depends on Accept.
_CACHING: Final = {"Cache-Control": "no-cache", "Vary": "Accept"}
_MADE_OF: Final = "dealgraph.revision"
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "What you have is still the answer."}}
"""The reply that such a route may give, for OpenAPI."""
_Known = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="The ETag of the answer that you have: 304 while nothing was recorded since.",
        examples=['W/"57-2f1d0b526d0c4cbb"'],
    ),
]


async def unless_unchanged(request: Request, known: _Known = None) -> None:
    """Raise NotModified where the client has the answer already, before it is worked out: a dependency of routes."""
    if known is None:
        return
    tags = read_tags(request, "If-None-Match")
    # A * asks whether there is an answer at all, which only making it tells.
    if tags and not tags.any:
        revisions: Revisions = request.app.state.revisions
        revision = await revisions.now()
        tag = _etag(request, revision)
        if tags.match_weakly(tag):
            made_of(request.scope, revision)
            raise NotModified(_headers(tag))


def tagged(request: Request, answer: Response, revision: int | None) -> Response:
    """An answer with its ETag, where all of it was read at one revision of the store (None where it was not)."""
    if revision is None:
        answer.headers.update(_CACHING)
        return answer
    made_of(request.scope, revision)
    tag = _etag(request, revision)
    tags = read_tags(request, "If-None-Match")
    if tags and tags.match_weakly(tag):
        raise NotModified(_headers(tag))
    answer.headers.update(_headers(tag))
    return answer


def made_of(scope: Scope, revision: int) -> None:
    """Say of the answer to a request that it is made of the question, the day and the store at a revision alone.

    So it may be sent to whoever asks the same while the store is at this revision. It is said on the scope of the
    request itself: a page asks others of its own, and is not made of the last of their answers.
    """
    scope[_MADE_OF] = revision


def revision_of(scope: Scope) -> int | None:
    """The revision that the answer to a request is made of, where it said so."""
    revision: int | None = scope.get(_MADE_OF)
    return revision


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": f"W/{tag}", **_CACHING}


def _etag(request: Request, revision: int) -> str:
    """The ETag without its ``W/``: the revision, and a digest of all else that an answer depends on.

    The address is part of it, so that an ETag which belongs to another question matches none.
    """
    settings: Settings = request.app.state.settings
    day = "" if "as_of" in request.query_params else today().isoformat()
    accept = ",".join(request.headers.getlist("accept"))
    parts = (request.app.version, settings.max_nodes, settings.max_edges, day, accept, address(request))
    digest = blake2b("\n".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f'"{revision}-{digest}"'
