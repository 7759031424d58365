"""The route that shows what happened to a record, a page at a time."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger import repository
from app.ledger.cursor import decode, encode
from app.ledger.history import History, Place, history
from app.ledger.listing import DEFAULT_LIMIT, MAX_LIMIT
from app.ledger.openapi import problems
from app.ledger.resource import Resource
from app.shared.asking import described, parameters_of
from app.shared.http import JSON
from app.shared.json import dumps
from app.shared.model import Model
from app.shared.negotiation import json_only
from app.shared.reading import Reads, address, next_of, same_question


class HistoryQuestion(Model):
    """Which part of a history."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(
        DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many entries a page has at most.", examples=[20]
    )
    cursor: str | None = Field(
        None, description="Where the page starts: taken from the next of the page before.", examples=[""]
    )


_Asked = Annotated[HistoryQuestion, Depends(parameters_of(HistoryQuestion))]
_HISTORY: dict[int | str, dict[str, Any]] = {200: {"model": History}}


def add_history(router: APIRouter, resource: Resource, slug_path: Any) -> None:  # noqa: ANN401 - FastAPI's own type
    """Add the route to a resource's router."""

    @router.get(
        "/{slug}/history",
        name=f"history_{resource.type}",
        summary=f"Show the versions of {resource.singular}",
        description=f"Show the versions of {resource.singular}: who recorded each, when and why, and what it changed.",
        responses=_HISTORY | problems(400, 404, 406, 503),
        response_class=Response,
        dependencies=[Depends(json_only)],
        openapi_extra=described(HistoryQuestion),
    )
    async def get_history(request: Request, reads: Reads, slug: Annotated[str, slug_path], asked: _Asked) -> Response:
        return await _page(request, reads, resource, slug, asked)


async def _page(
    request: Request, reads: AsyncConnection, resource: Resource, slug: str, asked: HistoryQuestion
) -> Response:
    identity, keys = f"history {resource.type} {slug}", len(Place._fields)
    before = Place(*await decode(reads, identity, asked.cursor, keys)) if asked.cursor else None
    found = await history(reads, resource.type, slug, asked.limit, before)
    if not found.entries and not before:
        raise await repository.missing(reads, resource.type, slug, address(request))
    following = None
    if found.last:
        following = same_question(request, cursor=await encode(reads, identity, list(found.last)))
    content = {"data": found.entries, "next": following}
    return Response(dumps(content), media_type=JSON, headers=next_of(following))
