"""The shapes of a list: JSON in its envelope, CSV, and NDJSON. A page of each names the next one in its Link header."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fastapi import Response

from app.ledger.openapi import query_parameter
from app.ledger.resource import Resource
from app.ledger.selecting import Tree
from app.ledger.tabular import chosen_columns, columns_of, flat
from app.shared.aside import aside
from app.shared.csv_cells import written
from app.shared.errors import BadRequest, unknown
from app.shared.http import JSON
from app.shared.json import dumps, loads_own
from app.shared.reading import next_of

Shape = Literal["json", "csv", "ndjson"]
CSV: Final = "text/csv"
NDJSON: Final = "application/x-ndjson"
MEDIA_TYPES: Final[Mapping[Shape, str]] = {"json": JSON, "csv": CSV, "ndjson": NDJSON}


@dataclass(frozen=True)
class ShownPage:
    """A page, ready to be written.

    ``documents``: its records as JSON texts, of which ``fields`` were chosen; ``following``: the address of the next
    page; ``beside``: what else stands in the envelope.
    """

    resource: Resource
    documents: Sequence[str]
    fields: Tree | None
    following: str | None
    total: int | None
    beside: Mapping[str, Any]


def read_shape(text: str | None) -> Shape | None:
    """The shape that ``?format=`` names, if any. Raises BadRequest for one that a list does not have."""
    shape = next((shape for shape in MEDIA_TYPES if shape == text), None)
    if text is not None and shape is None:
        raise BadRequest("there is no such shape of a list", unknown("format", text, MEDIA_TYPES, "format"))
    return shape


async def respond(shape: Shape, shown: ShownPage) -> Response:
    """A page in a shape. A thread writes CSV and NDJSON of up to 1,000 records, so that others need not wait."""
    headers = next_of(shown.following)
    if shown.total is not None:
        headers["X-Total-Count"] = str(shown.total)
    if shape == "json":
        return Response(_as_json(shown), media_type=JSON, headers=headers)
    content = await aside(_WRITERS[shape], shown)
    return Response(content, media_type=MEDIA_TYPES[shape], headers=headers)


def _as_json(shown: ShownPage) -> str:
    total = {} if shown.total is None else {"total": shown.total}
    beside = {"next": shown.following, **total, **shown.beside}
    return f'{{"data":[{",".join(shown.documents)}],{dumps(beside)[1:]}'


def _as_ndjson(shown: ShownPage) -> str:
    # With its type a line can be imported as it is.
    start = f'{{"type":"{shown.resource.type}",'
    return "".join(f"{start}{document[1:]}\n" for document in shown.documents)


def _as_csv(shown: ShownPage) -> str:
    columns = columns_of(shown.resource) if shown.fields is None else chosen_columns(shown.resource, shown.fields)
    return written([columns, *(flat(columns, loads_own(document)) for document in shown.documents)])


_WRITERS: Final[dict[str, Callable[[ShownPage], str]]] = {"ndjson": _as_ndjson, "csv": _as_csv}


def shape_parameter(description: str = "The shape of the answer; it wins over Accept.") -> dict[str, Any]:
    """``format``, for OpenAPI."""
    return query_parameter("format", description, {"type": "string", "enum": list(MEDIA_TYPES), "examples": ["csv"]})
