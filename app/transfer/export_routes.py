"""The route that reads the store out."""

from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from app.ledger.openapi import problems
from app.ledger.unchanged import UNCHANGED, tagged, unless_unchanged
from app.shared.asking import described, parameters_of
from app.shared.negotiation import negotiated
from app.shared.turns import CHUNKS, EXPORTS, in_turn, turn
from app.transfer.export_formats import MEDIA_TYPES, SUFFIXES, written_as
from app.transfer.exporting import ExportQuestion, export_of, read_filters

REVISION: Final = "Dealgraph-Revision"
"""The header that names the revision which an export shows."""
_OWN: Final = frozenset(ExportQuestion.model_fields)
_read: Final = parameters_of(ExportQuestion)
_EXPORTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The records, in an order that imports back.",
        "headers": {
            REVISION: {
                "description": "The revision of the store that all of it shows.",
                "schema": {"type": "integer"},
                "example": 57,
            }
        },
        "content": {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES.values()},
    }
}

router = APIRouter(prefix="/v1/export", tags=["transfer"])


@router.get(
    "",
    summary="Read the store out",
    description="Stream all records as they were at one revision. With resource, every filter of that resource's list "
    "narrows them too, under the same name and with the same meaning, as in "
    "/v1/export?resource=contracts&kind=compute&value__gte=1000000000.",
    responses=_EXPORTED | UNCHANGED | problems(400, 406, 501, 503),
    openapi_extra=described(ExportQuestion),
    response_class=Response,
    dependencies=[Depends(unless_unchanged), in_turn(EXPORTS, sent=True)],
)
async def export(request: Request) -> Response:
    """Read the parameters, and begin to answer once the first records are there."""
    pairs = request.query_params.multi_items()
    own = urlencode([pair for pair in pairs if pair[0] in _OWN]).encode()
    asked = await _read(Request({**request.scope, "query_string": own}))
    filters = read_filters(asked, [pair for pair in pairs if pair[0] not in _OWN])
    shape = negotiated(request, asked.format, MEDIA_TYPES)
    wanted = await export_of(request.app.state.database, asked.model_copy(update={"format": shape}), filters)
    pieces = _in_turn(request, written_as(shape, request.app.state.database, wanted))
    # What fails before there is anything to send is still answered as it should be.
    first = await anext(pieces, b"")
    name = f"dealgraph-{wanted.revision}.{SUFFIXES[shape]}"
    headers = {REVISION: str(wanted.revision), "Content-Disposition": f'attachment; filename="{name}"'}
    answer = StreamingResponse(_all(first, pieces), media_type=MEDIA_TYPES[shape], headers=headers)
    return tagged(request, answer, wanted.revision)


async def _in_turn(request: Request, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece is made in its turn, and none is had while a client reads: one that is slow keeps nobody waiting."""
    while True:
        async with turn(request, CHUNKS):
            piece = await anext(pieces, None)
        if piece is None:
            return
        yield piece


async def _all(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece
