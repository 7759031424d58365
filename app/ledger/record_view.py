"""One record as a client wants it shown: as known at an instant, in part, with others in the place of slugs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request, Response

from app.ledger import repository
from app.ledger.openapi import query_parameter
from app.ledger.resource import Resource
from app.ledger.showing import given_once, texts_of
from app.ledger.unchanged import tagged
from app.ledger.view import VIEW, View, read_view
from app.shared.database import Database
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.fields import instant
from app.shared.http import JSON
from app.shared.reading import address

KNOWN_AT: Final = query_parameter(
    "known_at",
    "The record as this store knew it then (RFC 3339).",
    {"type": "string", "format": "date-time", "examples": ["2026-11-23T12:00:00Z"]},
)
_PARAMETERS: Final = ("known_at", *VIEW)


@dataclass(frozen=True)
class RecordQuestion:
    """When a record is asked for as it was known, None for now, and what of it is shown."""

    known_at: datetime | None
    view: View


WHOLE: Final = RecordQuestion(None, View())


def read_record_question(resource: Resource, request: Request) -> RecordQuestion:
    """Read the parameters of a record. Raises BadRequest for what they cannot be, and for every other."""
    if strangers := [name for name in request.query_params if name not in _PARAMETERS]:
        flaws = [unknown("parameter", name, _PARAMETERS, name) for name in strangers]
        raise BadRequest("a parameter cannot be read", *flaws)
    given = given_once(request.query_params.multi_items(), _PARAMETERS)
    try:
        known_at = instant(given["known_at"]) if "known_at" in given else None
    except ValueError as error:
        raise BadRequest("a parameter cannot be read", Flaw(str(error), parameter="known_at")) from None
    return RecordQuestion(known_at, read_view(resource, given))


async def show_record(request: Request, resource: Resource, slug: str, asked: RecordQuestion) -> Response:
    """A record in part, or with others in it. Its ETag is that of the answer, which no write can be made with.

    Raises what `repository.missing` says of a record that is not there.
    """
    database: Database = request.app.state.database
    async with database.reading() as reads:
        found = await repository.document_at(reads, resource.type, slug, asked.known_at)
        if found is None:
            raise await repository.missing(reads, resource.type, slug, address(request), asked.known_at)
        document, revision = found
        (text,) = await texts_of(reads, asked.view, [document], revision)
    return tagged(request, Response(text, media_type=JSON), revision)
