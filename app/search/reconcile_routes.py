"""The routes of the reconciliation protocol, which OpenRefine speaks (``reconciling.py``)."""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field

from app.ledger import repository
from app.ledger.openapi import problems
from app.ledger.validating import validated
from app.search.matching import Asked, candidates
from app.search.reconciling import COMPANY, QueryBatch, asked_of, limit_of, manifest, preview, result
from app.search.suggesting import Suggestion, suggest
from app.shared.asking import described, parameters_of
from app.shared.body import kind_of, read_body, whole_body
from app.shared.database import Database
from app.shared.errors import BadRequest, Flaw, Moved
from app.shared.http import JSON, no_parameters
from app.shared.json import dumps, loads, loads_own
from app.shared.model import Model
from app.shared.reading import Reads
from app.shared.turns import SEARCH, in_turn

FORM: Final = "application/x-www-form-urlencoded"
_SUGGESTED: Final = 20
_MOST_SKIPPED: Final = 30
_EXAMPLE: Final = '{"q0": {"query": "Core Weave"}}'
# The page runs nothing and loads nothing, whatever a record holds, and belongs in the frame of another.
_PAGE_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_RESULTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The manifest, or the results by the names of their queries.", "content": {JSON: {}}}
}
_SUGGESTIONS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Companies that may be meant.", "content": {JSON: {}}}
}
_PREVIEW: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A small page.", "content": {"text/html": {}}},
    308: {"description": "The company has another id: its preview is at the `Location`."},
}
_FORM_BODY: Final = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "properties": {"queries": {"type": "string", "description": "The batch of queries, as JSON."}},
                "required": ["queries"],
            },
            "example": {"queries": _EXAMPLE},
        }
    },
}
router = APIRouter(prefix="/reconcile", tags=["search"])


class ReconcileQuestion(Model):
    """A batch of queries, or the manifest where there is none."""

    model_config = ConfigDict(extra="forbid")

    queries: str | None = Field(
        None,
        min_length=2,
        description="A batch of queries as JSON, by names of your own; the manifest where it is left out.",
        examples=[_EXAMPLE],
    )


class EntityQuestion(Model):
    """What somebody has typed so far into a cell. OpenRefine sends more than the protocol says."""

    model_config = ConfigDict(extra="forbid")

    prefix: str = Field(min_length=1, max_length=500, description="What was typed so far.", examples=["corew"])
    cursor: int = Field(0, ge=0, le=_MOST_SKIPPED, description="How many suggestions to skip.", examples=[0])
    type: list[str] = Field(
        [], description="The types to look among: companies is the only one.", examples=[["companies"]]
    )
    type_strict: str = Field("any", description="How several types are meant together.", examples=["any"])


class PreviewQuestion(Model):
    """Which company to show."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="The slug of a company.", examples=["coreweave"])


@router.get(
    "",
    summary="The reconciliation service",
    responses=_RESULTS | problems(400, 422, 503),
    response_class=Response,
    openapi_extra=described(ReconcileQuestion),
    dependencies=[in_turn(SEARCH)],
)
async def reconcile_by_get(
    request: Request, reads: Reads, question: Annotated[ReconcileQuestion, Depends(parameters_of(ReconcileQuestion))]
) -> Response:
    """Show the manifest of the service for OpenRefine, or answer a batch of queries."""
    if question.queries is None:
        base = str(request.base_url).rstrip("/")
        return _reply(manifest(base, request.app.version))
    return _reply(await _results(reads, question.queries))


@router.post(
    "",
    summary="Reconcile a batch of names",
    responses=_RESULTS | problems(400, 413, 415, 422, 503),
    response_class=Response,
    openapi_extra={"requestBody": _FORM_BODY},
    dependencies=[Depends(no_parameters), Depends(whole_body), in_turn(SEARCH)],
)
async def reconcile_by_post(request: Request, reads: Reads) -> Response:
    """Answer a batch of up to 100 queries, sent as a form, each with the companies that it may mean."""
    kind_of(request, (FORM,))
    try:
        form = parse_qsl((await read_body(request)).decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise BadRequest("the body is not a form that can be read") from None
    if [name for name, _ in form] != ["queries"]:
        flaw = Flaw("give it once", parameter="queries")
        raise BadRequest("the form has to hold queries, once, and nothing else", flaw)
    return _reply(await _results(reads, form[0][1]))


@router.get(
    "/suggest",
    summary="Suggest companies to OpenRefine",
    responses=_SUGGESTIONS | problems(400, 503),
    response_class=Response,
    openapi_extra=described(EntityQuestion),
)
async def suggest_entities(
    request: Request, question: Annotated[EntityQuestion, Depends(parameters_of(EntityQuestion))]
) -> Response:
    """Suggest companies for what was typed into a cell, as the protocol has it."""
    database: Database = request.app.state.database
    found = list[Suggestion]()
    if not question.type or COMPANY["id"] in question.type:
        found, _ = await suggest(database, question.prefix, question.cursor + _SUGGESTED)
    shown = [
        {"id": one.slug, "name": one.name, "description": one.kind.replace("_", " "), "notable": [COMPANY]}
        for one in found[question.cursor :]
    ]
    return _reply({"result": shown})


@router.get(
    "/preview",
    summary="Preview a company",
    responses=_PREVIEW | problems(400, 404, 410, 503),
    response_class=Response,
    openapi_extra=described(PreviewQuestion),
)
async def preview_entity(
    request: Request, reads: Reads, question: Annotated[PreviewQuestion, Depends(parameters_of(PreviewQuestion))]
) -> Response:
    """Show a company as a small page that runs nothing, for the frame in which OpenRefine shows it."""
    found = await repository.document_at(reads, "companies", question.id)
    if found is None:
        why = await repository.missing(reads, "companies", question.id, f"/companies/{question.id}")
        if isinstance(why, Moved):
            raise Moved(f"{request.scope['path']}?{urlencode({'id': why.slug})}", why.slug)
        raise why
    return Response(preview(loads_own(found[0])), media_type="text/html", headers=_PAGE_HEADERS)


async def _results(reads: Reads, text: str) -> dict[str, Any]:
    """The results of a batch. Raises BadRequest for what is not JSON, Unprocessable for what is no batch."""
    try:
        stated = loads(text)
    except ValueError as error:
        raise BadRequest("the queries cannot be read", Flaw(str(error), parameter="queries")) from None
    batch = validated(QueryBatch, stated, "the queries are not a batch that can be answered").root
    asked = {name: it for name, query in batch.items() if (it := asked_of(query))}
    most = max((limit_of(query) for query in batch.values()), default=1)
    found = dict(zip(asked, await candidates(reads, list[Asked](asked.values()), most), strict=True))
    return {name: result(found.get(name, [])[: limit_of(query)]) for name, query in batch.items()}


def _reply(content: dict[str, Any]) -> Response:
    return Response(dumps(content), media_type=JSON)
