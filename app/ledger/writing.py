"""The routes that change records, the same for every resource."""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response, params

from app.ledger import editing, repository
from app.ledger.openapi import problems
from app.ledger.openapi_writing import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    created,
    merge_patch_body,
    record_body,
    replied,
    retracted,
)
from app.ledger.performing import WHY, Reply, Touching, Why, perform
from app.ledger.resource import Resource
from app.ledger.rows import mentions
from app.ledger.schemas import Record
from app.ledger.transaction import Transaction
from app.ledger.validating import record_of
from app.projection.edges import REACHING
from app.shared.body import MERGE_PATCH, no_body, read_json
from app.shared.database import Database
from app.shared.errors import Moved, Unprocessable
from app.shared.forms import SLUG
from app.shared.http import JSON
from app.shared.reading import address

_SLUG: Final = re.compile(SLUG)
_ALWAYS: Final = (400, 401, 403, 409, 413, 422, 429, 503)
_BY_SLUG: Final = (*_ALWAYS, 404, 410, 412)


def add_writes(router: APIRouter, resource: Resource, slug_path: params.Path) -> None:
    """Add the routes that create, replace, change, retract and restore records of a resource."""
    _add_create(router, resource)
    _add_put(router, resource, slug_path)
    _add_patch(router, resource, slug_path)
    _add_retract(router, resource, slug_path)
    _add_restore(router, resource, slug_path)


def _add_create(router: APIRouter, resource: Resource) -> None:
    @router.post(
        "",
        name=f"create_{resource.type}",
        summary=f"Record {resource.singular}",
        description=f"Record {resource.singular}. Its slug is made from it where you give none.",
        status_code=201,
        responses=created(resource) | problems(*_ALWAYS, 415),
        openapi_extra={"parameters": [*WHY, IDEMPOTENCY_KEY], "requestBody": record_body(resource)},
        response_class=Response,
    )
    async def create(request: Request, why: Why) -> Response:
        stated = await read_json(request)
        record = record_of(resource, stated)

        async def work(write: Transaction) -> Reply:
            return await editing.create(write, resource, record, named="slug" in stated)

        return await perform(request, work, why, touching=_touching(resource, record.slug, record))


def _add_put(router: APIRouter, resource: Resource, slug_path: params.Path) -> None:
    @router.put(
        "/{slug}",
        name=f"put_{resource.type}",
        summary=f"Record or replace {resource.singular}",
        description=f"Record {resource.singular} under a slug, or replace the one that is there.",
        responses=replied(resource) | created(resource) | problems(*_ALWAYS, 412, 415, 428),
        openapi_extra={
            "parameters": [*WHY, IF_MATCH, IF_NONE_MATCH, IDEMPOTENCY_KEY],
            "requestBody": record_body(resource),
        },
        response_class=Response,
    )
    async def put(request: Request, slug: Annotated[str, slug_path], why: Why) -> Response:
        stated = await read_json(request)
        if not _SLUG.fullmatch(slug):
            await _send_on(request, resource, slug)
        record = record_of(resource, _under(slug, stated))

        async def work(write: Transaction) -> Reply:
            return await editing.replace(write, request, resource, record)

        return await perform(request, work, why, touching=_touching(resource, record.slug, record))


def _add_patch(router: APIRouter, resource: Resource, slug_path: params.Path) -> None:
    @router.patch(
        "/{slug}",
        name=f"patch_{resource.type}",
        summary=f"Change {resource.singular}",
        description=f"Change fields of {resource.singular} by a merge patch of what is shown (RFC 7396).",
        responses=replied(resource) | problems(*_BY_SLUG, 415, 428),
        openapi_extra={
            "parameters": [*WHY, IF_MATCH, IDEMPOTENCY_KEY],
            "requestBody": merge_patch_body(resource),
        },
        response_class=Response,
    )
    async def patch(request: Request, slug: Annotated[str, slug_path], why: Why) -> Response:
        changes = await read_json(request, (MERGE_PATCH, JSON))
        if not isinstance(changes, dict):
            raise Unprocessable("a merge patch of a record is an object: the fields to change, null for what goes")

        async def work(write: Transaction) -> Reply:
            return await editing.patch(write, request, resource, slug, changes)

        return await perform(request, work, why, touching=_touching(resource, slug))


def _add_retract(router: APIRouter, resource: Resource, slug_path: params.Path) -> None:
    @router.delete(
        "/{slug}",
        name=f"retract_{resource.type}",
        summary=f"Retract {resource.singular}",
        description=f"Take {resource.singular} back. Its versions stay in its history, and it can be restored.",
        status_code=204,
        responses=retracted() | problems(*_BY_SLUG, 428),
        openapi_extra={"parameters": [*WHY, IF_MATCH, IDEMPOTENCY_KEY]},
        response_class=Response,
        dependencies=[Depends(no_body)],
    )
    async def retract(request: Request, slug: Annotated[str, slug_path], why: Why) -> Response:
        async def work(write: Transaction) -> Reply:
            return await editing.retract(write, request, resource, slug)

        return await perform(request, work, why)


def _add_restore(router: APIRouter, resource: Resource, slug_path: params.Path) -> None:
    @router.post(
        "/{slug}/restore",
        name=f"restore_{resource.type}",
        summary=f"Restore {resource.singular}",
        description=f"Bring {resource.singular} that was retracted back, as its last version said it.",
        responses=replied(resource) | problems(*_ALWAYS, 404, 412),
        openapi_extra={"parameters": [*WHY, IDEMPOTENCY_KEY]},
        response_class=Response,
        dependencies=[Depends(no_body)],
    )
    async def restore(request: Request, slug: Annotated[str, slug_path], why: Why) -> Response:
        async def work(write: Transaction) -> Reply:
            return await editing.restore(write, request, resource, slug)

        return await perform(request, work, why)


def _touching(resource: Resource, slug: str, record: Record | None = None) -> Touching | None:
    """What a write of one record touches; None where it may change the edges of others too."""
    if resource.type in REACHING:
        return None
    named = (mention.target for mention in mentions(resource, record)) if record else ()
    return Touching(((resource.type, slug),), tuple(named))


def _under(slug: str, stated: Any) -> Any:  # noqa: ANN401 - whatever was sent
    """What was stated, under the slug of the path."""
    if not isinstance(stated, dict):
        return stated
    editing.refuse_other_slug(stated.get("slug", slug), slug)
    return stated | {"slug": slug}


async def _send_on(request: Request, resource: Resource, slug: str) -> None:
    """Raise Moved where a path is another spelling of a slug."""
    database: Database = request.app.state.database
    async with database.reading() as reads:
        why = await repository.missing(reads, resource.type, slug, address(request))
    if isinstance(why, Moved):
        raise why
