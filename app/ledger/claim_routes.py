"""The route that shows the claims about a record: what each source says of each field, side by side."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger import repository
from app.ledger.claims import Claim, FieldClaims, claims_of
from app.ledger.openapi import problems
from app.ledger.repository import revision_by
from app.ledger.resource import Resource
from app.ledger.settling import published_then
from app.models.sources import Confidence, Evidence
from app.projection.publication import published_by
from app.shared.asking import described, parameters_of
from app.shared.fields import Instant
from app.shared.http import JSON
from app.shared.json import dumps, loads_own
from app.shared.model import Model
from app.shared.negotiation import json_only
from app.shared.partial_date import PartialDate
from app.shared.reading import Reads, address


class ClaimShown(Model):
    """What a citation asserts of a field."""

    value: Any = Field(description="The value, as the field would show it.", examples=["2025-03-10"])
    source: str = Field(description="The source that says so.", examples=["wired-italy-2025-03-12"])
    locator: str | None = Field(description="Where in the source.", examples=["paragraph 4"])
    claim: str = Field(description="What the source says, in one sentence of our own.")
    evidence: Evidence = Field(description="What the claim rests on.")
    confidence: Confidence = Field(description="How far we trust the claim.")
    published_on: str | None = Field(description="When the source was published.", examples=["2025-03-12"])
    attributed_to: str | None = Field(description="The source that the source passes on.")


class FieldClaimsShown(Model):
    """The claims about one field."""

    field: str = Field(description="The field of the record.", examples=["announced_on"])
    disputed: bool = Field(description="Whether the claims differ.")
    preferred: ClaimShown = Field(description="The claim whose value the record shows.")
    why: str = Field(description="Why it is preferred, in one sentence.")
    claims: list[ClaimShown] = Field(description="All claims, in the order of the record's citations.")


class ClaimsShown(Model):
    """The claims about a record, a field at a time."""

    data: list[FieldClaimsShown] = Field(description="The fields that citations assert, in the order of the record.")
    next: str | None = Field(description="Always null: claims come whole.")


class ClaimsQuestion(Model):
    """A question about claims."""

    model_config = ConfigDict(extra="forbid")

    known_at: Instant | None = Field(
        None, description="As this store knew them then (RFC 3339).", examples=["2026-11-23T12:00:00Z"]
    )


_Asked = Annotated[ClaimsQuestion, Depends(parameters_of(ClaimsQuestion))]
_REPLY: dict[int | str, dict[str, Any]] = {200: {"model": ClaimsShown}}
_ANY: TypeAdapter[Any] = TypeAdapter(Any)


def add_claims(router: APIRouter, resource: Resource, slug_path: Any) -> None:  # noqa: ANN401 - FastAPI's own type
    """Add the route to a resource's router."""

    @router.get(
        "/{slug}/claims",
        name=f"claims_{resource.type}",
        summary=f"Show the claims about {resource.singular}",
        description=f"Show what sources assert of each field of {resource.singular}, and whose word counts.",
        responses=_REPLY | problems(400, 404, 406, 410, 503),
        response_class=Response,
        dependencies=[Depends(json_only)],
        openapi_extra=described(ClaimsQuestion),
    )
    async def get_claims(request: Request, reads: Reads, slug: Annotated[str, slug_path], question: _Asked) -> Response:
        found = await repository.document_at(reads, resource.type, slug, question.known_at)
        if found is None:
            raise await repository.missing(reads, resource.type, slug, address(request), question.known_at)
        data = await claims_about(reads, resource, loads_own(found[0]), question.known_at)
        return Response(dumps({"data": data, "next": None}), media_type=JSON)


async def claims_about(
    connection: AsyncConnection, resource: Resource, document: dict[str, Any], known_at: datetime | None = None
) -> list[dict[str, Any]]:
    """The claims about a record, a field at a time, from the document that it shows."""
    record = resource.schema.model_validate(document)
    published = await _published(connection, {one.source for one in record.citations}, known_at)
    return [_field(one) for one in claims_of(record, published)]


async def _published(
    connection: AsyncConnection, slugs: Iterable[str], known_at: datetime | None
) -> dict[str, PartialDate]:
    if known_at is None:
        return await published_by(connection, slugs)
    return await published_then(connection, slugs, revision_by(known_at).scalar_subquery())


def _field(one: FieldClaims) -> dict[str, Any]:
    return {
        "field": one.field,
        "disputed": one.disputed,
        "preferred": _claim(one.preferred),
        "why": one.why,
        "claims": [_claim(claim) for claim in one.claims],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    cited = claim.citation
    return {
        "value": _ANY.dump_python(claim.value),
        "source": cited.source,
        "locator": cited.locator,
        "claim": cited.claim,
        "evidence": cited.evidence,
        "confidence": cited.confidence,
        "published_on": claim.published_on and claim.published_on.text,
        "attributed_to": cited.attributed_to,
    }
