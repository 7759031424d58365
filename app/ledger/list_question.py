"""What a request asks of a list, and how it wants it shown."""

from functools import lru_cache
from typing import Final

from fastapi import Request
from starlette.datastructures import QueryParams

from app.ledger.listing import Question, read_question
from app.ledger.resource import Resource
from app.ledger.showing import Showing, read_showing
from app.shared.negotiation import accept_of

_SHORT: Final = 500
"""Up to how many characters a question is kept, its query and its Accept together."""
_MANY: Final = 1_000
"""How many are kept, those that were asked last."""


def read_list(resource: Resource, request: Request) -> tuple[Question, Showing]:
    """Read the parameters of a list. Raises BadRequest for what they cannot be, and NotAcceptable.

    The same is read once, as long as it is short: dashboards and scripts ask the same over and over, and to read the
    few parameters of a page was an eighth of its CPU.
    """
    query, accept = request.scope["query_string"], accept_of(request)
    read = _read if len(query) + len(accept) <= _SHORT else _read.__wrapped__
    return read(resource, query, accept)


@lru_cache(maxsize=_MANY)
def _read(resource: Resource, query: bytes, accept: str) -> tuple[Question, Showing]:
    parameters = QueryParams(query).multi_items()
    showing = read_showing(resource, parameters, accept)
    return read_question(resource, parameters), showing
