"""The routes that merge a company into another, and take that back."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from app.companies import merging
from app.ledger.openapi import problems
from app.ledger.openapi_writing import IDEMPOTENCY_KEY, IF_MATCH, REPLAYED, json_body
from app.ledger.performing import WHY, Reply, Why, perform
from app.ledger.schemas import Part
from app.ledger.transaction import Transaction
from app.ledger.validating import validated
from app.models.ledger import ResourceType
from app.shared.body import no_body, read_json
from app.shared.model import Model
from app.shared.slug import Slug

_Replies = dict[int | str, dict[str, Any]]
_PROBLEMS: Final = (400, 401, 403, 404, 409, 410, 412, 413, 422, 429, 503)
_SlugPath = Annotated[str, Path(description="The slug of the company that is merged.", examples=["open-ai-inc"])]


class Into(Part):
    """The company that another turned out to be."""

    into: Slug = Field(description="The slug of the company that stays.", examples=["openai"])


class RecordLeft(Model):
    """A record that a merge had changed, as it is left."""

    type: ResourceType = Field(description="Its resource.", examples=["contracts"])
    slug: str = Field(description="Its slug.", examples=["openai-coreweave-compute-2025"])


class RecordWritten(RecordLeft):
    """A record of which a merge, or its undoing, made a version."""

    version: int = Field(description="The version that was made.", examples=[2])


class Merged(Model):
    """What a merge did."""

    merged: str = Field(description="The company that was merged; its address leads to the other now.")
    into: str = Field(description="The company that stays.")
    revision: int = Field(description="The state of the store that it came with.", examples=[57])
    moved: list[RecordWritten] = Field(description="The records that say something else now, the other company too.")


class Unmerged(Model):
    """What was taken back of a merge."""

    unmerged: str = Field(description="The company that is there again.")
    from_: str = Field(alias="from", description="The company that it had been merged into.")
    revision: int = Field(description="The state of the store that it came with.", examples=[58])
    restored: list[RecordWritten] = Field(description="The records that were changed back, both companies too.")
    left: list[RecordLeft] = Field(description="The records that were retracted since, and stay so.")


def add_merges(router: APIRouter) -> None:
    """Add both routes to the router of companies."""
    _add_merge(router)
    _add_unmerge(router)


def _reply(model: type[BaseModel], description: str) -> _Replies:
    return {200: {"model": model, "description": description, "headers": {"Idempotency-Replayed": REPLAYED}}}


def _add_merge(router: APIRouter) -> None:
    @router.post(
        "/{slug}/merge",
        name="merge_companies",
        summary="Merge a company into another",
        responses=_reply(Merged, "They are one company now.") | problems(*_PROBLEMS, 415, 428),
        openapi_extra={
            "parameters": [*WHY, IF_MATCH, IDEMPOTENCY_KEY],
            "requestBody": json_body(Into, {"into": "openai"}),
        },
        response_class=Response,
    )
    async def merge(request: Request, slug: _SlugPath, why: Why) -> Response:
        """Merge a company into another that it turned out to be: all that names it names the other from now on."""
        stated = validated(Into, await read_json(request), "the body does not say what to merge into")

        async def work(write: Transaction) -> Reply:
            return await merging.merge(write, request, slug, stated.into)

        return await perform(request, work, why)


def _add_unmerge(router: APIRouter) -> None:
    @router.post(
        "/{slug}/unmerge",
        name="unmerge_companies",
        summary="Take a merge back",
        responses=_reply(Unmerged, "They are two companies again.") | problems(*_PROBLEMS),
        openapi_extra={"parameters": [*WHY, IDEMPOTENCY_KEY]},
        response_class=Response,
        dependencies=[Depends(no_body)],
    )
    async def unmerge(request: Request, slug: _SlugPath, why: Why) -> Response:
        """Take the merge of a company back: what named it names it again, and later edits stay."""

        async def work(write: Transaction) -> Reply:
            return await merging.unmerge(write, request, slug)

        return await perform(request, work, why)
