"""The routes that every resource has: its list, one record by its slug, the history of that, and those beside."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger import repository
from app.ledger.claim_routes import add_claims
from app.ledger.examples import SLUGS
from app.ledger.facets import count_facets
from app.ledger.history_routes import add_history
from app.ledger.list_question import read_list
from app.ledger.list_shapes import ShownPage, respond
from app.ledger.listing import Page, Question, conditions_of, page, plain_page
from app.ledger.openapi import list_reply, problems
from app.ledger.openapi_lists import filter_parameters, paging_parameters
from app.ledger.openapi_writing import CACHED, KNOWN, shown_reply, slug_parameter
from app.ledger.preconditions import shown
from app.ledger.record_view import KNOWN_AT, WHOLE, read_record_question, show_record
from app.ledger.resource import Resource
from app.ledger.selecting import Tree
from app.ledger.showing import Showing, showing_parameters, texts_of
from app.ledger.summary_routes import add_summary
from app.ledger.unchanged import UNCHANGED, made_of, tagged, unless_unchanged
from app.ledger.view import view_parameters
from app.ledger.writing import add_writes
from app.shared.database import Database
from app.shared.direct import Direct
from app.shared.negotiation import json_only
from app.shared.reading import address


def records_router(resource: Resource) -> APIRouter:
    """The list, the single record, its history, its claims, and what writes it."""
    router = APIRouter(prefix=f"/v1/{resource.type}", tags=[resource.type], route_class=Direct)
    slug_path = Path(description=f"The slug of {resource.singular}.", examples=[SLUGS[resource.type]])
    _add_list(router, resource)
    # Before the records, of which none has this slug.
    add_summary(router, resource, filter_parameters(resource))
    _add_get(router, resource)
    add_history(router, resource, slug_path)
    add_claims(router, resource, slug_path)
    add_writes(router, resource, slug_path)
    return router


def _add_list(router: APIRouter, resource: Resource) -> None:
    @router.get(
        "",
        name=f"list_{resource.type}",
        summary=f"List {resource.type}",
        description=f"List {resource.type}, filtered, sorted and a page at a time.",
        responses=list_reply(resource) | UNCHANGED | problems(400, 406, 503),
        openapi_extra={
            "parameters": [
                *filter_parameters(resource),
                *paging_parameters(resource),
                *showing_parameters(resource),
                KNOWN,
            ]
        },
        response_class=Response,
    )
    async def list_records(request: Request) -> Response:
        # As with one record: a tenth of its cost is what FastAPI would do to give it a connection and a header.
        await unless_unchanged(request, request.headers.get("If-None-Match"))
        question, showing = read_list(resource, request)
        database: Database = request.app.state.database
        if question.is_plain and showing.is_plain and (found := await plain_page(database, question)):
            return tagged(request, await respond(showing.shape, _shown(resource, found)), found.revision)
        async with database.reading() as reads:
            return await _listed(request, reads, question, showing)


async def _listed(request: Request, reads: AsyncConnection, question: Question, showing: Showing) -> Response:
    found, resource = await page(reads, question), question.resource
    matching = await conditions_of(reads, question) if showing.facets else ()
    facets = await count_facets(reads, resource, showing.facets, matching)
    documents = await texts_of(reads, showing.view, found.documents, found.read_at)
    shown_page = _shown(resource, replace(found, documents=documents), showing.view.fields, facets.shown())
    at_once = facets.revisions <= {found.revision}
    return tagged(request, await respond(showing.shape, shown_page), found.revision if at_once else None)


def _shown(resource: Resource, found: Page, fields: Tree | None = None, beside: Mapping[str, Any] = {}) -> ShownPage:
    following = found.next_query and f"/v1/{resource.type}?{found.next_query}"
    return ShownPage(resource, found.documents, fields, following, found.total, beside)


def _add_get(router: APIRouter, resource: Resource) -> None:
    @router.get(
        "/{slug}",  # noqa: FAST003 - read by hand, for its cost
        name=f"get_{resource.type}",
        summary=f"Show {resource.singular}",
        description=f"Show {resource.singular}, as it is known now or was known at an instant.",
        responses=shown_reply(resource) | problems(400, 404, 406, 410, 503),
        openapi_extra={"parameters": [slug_parameter(resource), KNOWN_AT, *view_parameters(resource), CACHED]},
        response_class=Response,
    )
    async def get_record(request: Request) -> Response:
        json_only(request)
        # The most frequent request of all: that FastAPI should read its parameters would cost a fourth of it.
        asked = read_record_question(resource, request) if request.scope["query_string"] else WHOLE
        slug: str = request.path_params["slug"]
        database: Database = request.app.state.database
        if not asked.view.is_whole:
            return await show_record(request, resource, slug, asked)
        found = await repository.document(database, resource.type, slug, asked.known_at)
        if found is not None:
            text, revision = found
            made_of(request.scope, revision)
            return shown(request.scope, text)
        async with database.reading() as reads:
            raise await repository.missing(reads, resource.type, slug, address(request), asked.known_at)
