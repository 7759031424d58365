"""The routes that every resource has: its list, one record by its slug, the history of that, and those beside."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response, params

from app.ledger import repository
from app.ledger.claim_routes import add_claims
from app.ledger.cursor import encode
from app.ledger.examples import SLUGS
from app.ledger.filters import Filter, filters_of
from app.ledger.history import History, history
from app.ledger.listing import DEFAULT_LIMIT, MAX_LIMIT, page, read_question, sortable
from app.ledger.openapi import list_reply, problems, query_parameter
from app.ledger.openapi_writing import CACHED, shown_reply, slug_parameter
from app.ledger.preconditions import shown
from app.ledger.resource import Resource
from app.ledger.shape import Holds
from app.ledger.unchanged import UNCHANGED, tagged, unless_unchanged
from app.ledger.writing import add_writes
from app.shared.database import Database
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.fields import instant
from app.shared.http import JSON, no_parameters
from app.shared.json import dumps
from app.shared.reading import Reads, address

_HISTORY: dict[int | str, dict[str, Any]] = {200: {"model": History}}
_KNOWN_AT = query_parameter(
    "known_at",
    "The record as this store knew it then (RFC 3339).",
    {"type": "string", "format": "date-time", "examples": ["2026-11-23T12:00:00Z"]},
)


def records_router(resource: Resource) -> APIRouter:
    """The list, the single record, its history, its claims, and what writes it."""
    router = APIRouter(prefix=f"/v1/{resource.type}", tags=[resource.type])
    slug_path = Path(description=f"The slug of {resource.singular}.", examples=[SLUGS[resource.type]])
    _add_list(router, resource)
    _add_get(router, resource)
    _add_history(router, resource, slug_path)
    add_claims(router, resource, slug_path)
    add_writes(router, resource, slug_path)
    return router


def _add_list(router: APIRouter, resource: Resource) -> None:
    @router.get(
        "",
        name=f"list_{resource.type}",
        summary=f"List {resource.type}",
        description=f"List {resource.type}, filtered, sorted and a page at a time.",
        responses=list_reply(resource) | UNCHANGED | problems(400, 503),
        openapi_extra={"parameters": [*_filter_parameters(resource), *_paging_parameters(resource)]},
        response_class=Response,
        dependencies=[Depends(unless_unchanged)],
    )
    async def list_records(request: Request, reads: Reads) -> Response:
        found = await page(reads, read_question(resource, request.query_params.multi_items()))
        following = found.next_query and f"/v1/{resource.type}?{found.next_query}"
        total = "" if found.total is None else f',"total":{found.total}'
        body = f'{{"data":[{",".join(found.documents)}],"next":{dumps(following)}{total}}}'
        headers = {"Link": f'<{following}>; rel="next"'} if following else {}
        return tagged(request, Response(body, media_type=JSON, headers=headers), found.revision)


def _add_get(router: APIRouter, resource: Resource) -> None:
    @router.get(
        "/{slug}",  # noqa: FAST003 - read by hand, for its cost
        name=f"get_{resource.type}",
        summary=f"Show {resource.singular}",
        description=f"Show {resource.singular}, as it is known now or was known at an instant.",
        responses=shown_reply(resource) | problems(400, 404, 410, 503),
        openapi_extra={"parameters": [slug_parameter(resource), _KNOWN_AT, CACHED]},
        response_class=Response,
    )
    async def get_record(request: Request) -> Response:
        # The most frequent request of all: that FastAPI should read its two parameters would cost a fourth of it.
        known_at = _known_at(request) if request.scope["query_string"] else None
        slug: str = request.path_params["slug"]
        database: Database = request.app.state.database
        found = await repository.document(database, resource.type, slug, known_at)
        if found is not None:
            return shown(request.scope, found)
        async with database.reading() as reads:
            raise await repository.missing(reads, resource.type, slug, address(request), known_at)


def _add_history(router: APIRouter, resource: Resource, slug_path: params.Path) -> None:
    @router.get(
        "/{slug}/history",
        name=f"history_{resource.type}",
        summary=f"Show the versions of {resource.singular}",
        description=f"Show the versions of {resource.singular}: who recorded each, when and why, and what it changed.",
        responses=_HISTORY | problems(400, 404, 503),
        response_class=Response,
        dependencies=[Depends(no_parameters)],
    )
    async def get_history(request: Request, reads: Reads, slug: Annotated[str, slug_path]) -> Response:
        found = await history(reads, resource.type, slug)
        if not found:
            raise await repository.missing(reads, resource.type, slug, address(request))
        return Response(dumps({"data": found, "next": None}), media_type=JSON)


def _known_at(request: Request) -> datetime | None:
    """The one parameter of a record. Raises BadRequest for what it cannot be, and for every other."""
    given = request.query_params.multi_items()
    if strangers := [name for name, _ in given if name != "known_at"]:
        flaws = [unknown("parameter", name, ["known_at"], name) for name in dict.fromkeys(strangers)]
        raise BadRequest("a parameter cannot be read", *flaws)
    if len(given) > 1:
        raise BadRequest("a parameter is given twice", Flaw("give it once", parameter="known_at"))
    try:
        return instant(given[0][1]) if given else None
    except ValueError as error:
        raise BadRequest("a parameter cannot be read", Flaw(str(error), parameter="known_at")) from None


def _filter_parameters(resource: Resource) -> list[dict[str, Any]]:
    return [
        query_parameter(name, _describe(one), _schema(one), many=True) for name, one in filters_of(resource).items()
    ]


def _describe(one: Filter) -> str:
    about = one.shape.description.rstrip(".") or f"The record's {one.name}"
    return f"{about}. Given twice, either is meant."


def _schema(one: Filter) -> dict[str, Any]:
    match one.shape.holds:
        case Holds.REFERENCE:
            return {"type": "string", "examples": [SLUGS[one.refers_to]]}
        case Holds.PARTIAL_DATE:
            return {"type": "string", "examples": ["2025-03"]}
        case Holds.QUANTITY:
            return {"type": "number", "examples": [11900000000]}
        case _:
            return _scalar(one)


def _scalar(one: Filter) -> dict[str, Any]:
    if one.shape.choices:
        return {"type": "string", "enum": list(one.shape.choices), "examples": [one.shape.choices[0]]}
    if one.shape.python is bool:
        return {"type": "boolean", "examples": [True]}
    if one.shape.python is int:
        return {"type": "integer", "examples": [60]}
    return (
        {"type": "string", "examples": [one.shape.example]}
        if one.shape.python is str
        else {"type": "number", "examples": [0]}
    )


def _paging_parameters(resource: Resource) -> list[dict[str, Any]]:
    fields = ", ".join(sortable(resource))
    limit = {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_LIMIT,
        "default": DEFAULT_LIMIT,
        "examples": [DEFAULT_LIMIT],
    }
    return [
        query_parameter("limit", "How many records a page has at most.", limit),
        query_parameter(
            "cursor",
            "Where the page starts: taken from the next of the page before.",
            {"type": "string", "examples": [encode(read_question(resource, []).identity, [SLUGS[resource.type]])]},
        ),
        query_parameter(
            "sort",
            f"The fields to sort by, the most important first, each with a - before it to sort downwards: {fields}. "
            "What has no value comes last.",
            {"type": "string", "default": "slug", "examples": ["-slug"]},
        ),
        query_parameter(
            "count",
            "Whether to count all records that match.",
            {"type": "boolean", "default": False, "examples": [True]},
        ),
    ]
