"""The route that imports a file: it is kept aside while it arrives, then loaded in one transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, Final, cast

from fastapi import APIRouter, Depends, Request, Response

from app.ledger.openapi import problems
from app.ledger.openapi_writing import IDEMPOTENCY_KEY, REPLAYED
from app.ledger.performing import Reply, perform
from app.ledger.transaction import Transaction
from app.shared.asking import described, parameters_of
from app.shared.body import kind_of, pieces
from app.shared.errors import Unprocessable
from app.shared.http import JSON
from app.shared.json import dumps
from app.shared.turns import IMPORTS, UPLOADS, turn
from app.transfer.load import explained, read_in, stop_where_flawed
from app.transfer.putting import Options, RolledBack, put_all
from app.transfer.readers import CSV, NDJSON, READERS, YAML
from app.transfer.refusals import ImportRefused
from app.transfer.rows import MAX_LINE, too_long
from app.transfer.schemas import LINE, MAPPING, ROWS, ImportQuestion, ImportReport
from app.transfer.spool import Spool

_IN_MEMORY: Final = 1_048_576
_DESCRIBED: Final = {
    NDJSON: ("A record in each line, with its type.", LINE),
    CSV: ("Records of one resource, as its list gives them as CSV.", ROWS),
    YAML: ("A mapping from resource to a list of records.", MAPPING),
}
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        kind: {"schema": {"type": "string", "description": words}, "example": example}
        for kind, (words, example) in _DESCRIBED.items()
    },
}
_DONE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": ImportReport,
        "description": "All of it is recorded, or would be.",
        "headers": {"Idempotency-Replayed": REPLAYED},
    }
}

router = APIRouter(prefix="/v1/imports", tags=["transfer"])


@router.post(
    "",
    summary="Import a file",
    description="Record everything in a file, or nothing: every line that cannot be taken is named with its reason.",
    responses=_DONE | problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
    openapi_extra={
        "parameters": [*described(ImportQuestion)["parameters"], IDEMPOTENCY_KEY],
        "requestBody": _BODY,
    },
    response_class=Response,
)
async def import_file(
    request: Request, asked: Annotated[ImportQuestion, Depends(parameters_of(ImportQuestion))]
) -> Response:
    """Read the file aside, then load it in the transaction of the request."""
    kind = kind_of(request, list(READERS))
    options = Options(dry_run=asked.dry_run, create_missing=asked.create_missing)
    with Spool() as spool:
        # What has arrived fills the disk, so that only so many may.
        arrived = _arrived(request, by_line=kind != YAML)
        async with turn(request, UPLOADS), arrived as (file, digest), turn(request, IMPORTS):
            await read_in(spool, READERS[kind](file, asked.resource))

        async def work(write: Transaction) -> Reply:
            return Reply(200, dumps((await put_all(write, spool, options)).shown()))

        try:
            async with explained(request.app.state.database, spool, options):
                stop_where_flawed(spool)
                return await perform(request, work, asked, body=digest)
        except RolledBack as back:
            return Response(dumps(back.report.shown()), media_type=JSON)
        except ImportRefused as refused:
            raise _problem(refused) from None


@asynccontextmanager
async def _arrived(request: Request, *, by_line: bool) -> AsyncIterator[tuple[BinaryIO, bytes]]:
    """The body as a file, once all of it is there, and its SHA-256; what is larger than memory should hold is on disk.

    Raises Unprocessable (422) as soon as a line is longer than is read of one.
    """
    digest, line, since = sha256(), 1, 0
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        async for piece in pieces(request, request.app.state.settings.max_import_bytes):
            digest.update(piece)
            file.write(piece)
            ended = piece.rfind(b"\n")
            line += piece.count(b"\n")
            since = len(piece) - ended - 1 if ended >= 0 else since + len(piece)
            if by_line and since > MAX_LINE:
                raise Unprocessable("nothing was imported", too_long(line))
        file.seek(0)
        yield cast("BinaryIO", file), digest.digest()


def _problem(refused: ImportRefused) -> Unprocessable:
    told, total = len(refused.refusals), refused.total
    detail = f"nothing was imported: {total} thing{'s are' if total > 1 else ' is'} wrong"
    if total > told:
        detail += f", of which the first {told} are listed"
    return Unprocessable(detail, *(refusal.flaw for refusal in refused.refusals), total=total)
