"""What the routes of the graph share: the company asked about, the edges that count, the limits."""

from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Path, Request

from app.companies.repository import COMPANIES
from app.graph.question import EdgeFilter, Limits
from app.graph.schemas.questions import TimeQuestion
from app.graph.store import Root, find_root
from app.ledger.openapi import problems
from app.ledger.openapi_writing import slug_parameter
from app.ledger.repository import merged_into, missing
from app.shared.errors import BadRequest, Flaw, Moved, NotFound
from app.shared.fields import rfc3339
from app.shared.partial_date import today
from app.shared.reading import Reads, address
from app.shared.settings import Settings

Slug = Annotated[str, Path(description="The slug of a company.", examples=["openai"])]
SLUG: Final = slug_parameter(COMPANIES)
"""The same, for OpenAPI, of a route that reads it by hand."""
PROBLEMS: Final = problems(400, 406, 503)
ABOUT_ONE: Final = PROBLEMS | problems(404, 410)
"""How questions about the company in the path are refused."""


async def root_of(request: Request, reads: Reads, slug: str, question: TimeQuestion) -> Root:
    """The company in the path. Raises what says where it is instead: 308, 404 or 410."""
    root = await find_root(reads, slug, question.known_at)
    if root is None:
        raise await missing(reads, "companies", slug, address(request), question.known_at)
    return root


async def named(request: Request, reads: Reads, slug: str, question: TimeQuestion, parameter: str) -> Root:
    """The company that a query parameter names.

    Raises Moved (308) to the same question about the company that it was merged into, and BadRequest, with the nearest
    slugs, where there is none.
    """
    root = await find_root(reads, slug, question.known_at)
    if root is not None:
        return root
    if into := await merged_into(reads, slug, question.known_at):
        raise Moved(_instead(request, (parameter, slug), (parameter, into)), into)
    why = await missing(reads, "companies", slug, f"/companies/{slug}", question.known_at)
    suggestion = why.slug if isinstance(why, Moved) else _first_suggestion(why)
    flaw = Flaw(f"there is no {slug[:120]!r} in companies", parameter=parameter, suggestion=suggestion)
    raise BadRequest(f"{parameter} names no company", flaw)


def _instead(request: Request, one: tuple[str, str], other: tuple[str, str]) -> str:
    """Where the same is asked with another parameter: without its path, which may be that of a page of the explorer."""
    return f"?{urlencode([other if pair == one else pair for pair in request.query_params.multi_items()])}"


def edge_filter(question: TimeQuestion) -> EdgeFilter:
    """Which edges a question is about, but for the revision of the store, which the whole answer shares.

    Raises BadRequest where it leaves out all that it asks for.
    """
    _check_choices(question)
    return EdgeFilter(
        as_of=question.as_of or today(),
        kinds=tuple(getattr(question, "kind", ())),
        stages=tuple(getattr(question, "stage", ())),
        evidence=tuple(getattr(question, "evidence", ())),
        not_kinds=tuple(getattr(question, "kind_not", ())),
        not_stages=tuple(getattr(question, "stage_not", ())),
        not_evidence=tuple(getattr(question, "evidence_not", ())),
        published_by=question.published_by,
        known_at=question.known_at,
    )


def _check_choices(question: TimeQuestion) -> None:
    for name in ("kind", "stage", "evidence"):
        asked_for, left_out = getattr(question, name, ()), getattr(question, f"{name}_not", ())
        if asked_for and set(asked_for) <= set(left_out):
            flaw = Flaw(f"{name}__not leaves out all that {name} asks for", parameter=name)
            raise BadRequest("the parameters contradict each other", flaw)


def limits_of(request: Request) -> Limits:
    """The limits that the settings give to an answer."""
    settings: Settings = request.app.state.settings
    return Limits(settings.max_nodes, settings.max_edges)


def asked(only: EdgeFilter) -> dict[str, Any]:
    """What every answer says of its question: the two clocks and the state of the store."""
    return {"as_of": only.as_of, "known_at": only.known_at, "revision": only.revision}


def why_empty(only: EdgeFilter, found: object, missing: str) -> list[str]:
    """Why an answer is empty, where it is: nothing was known yet, or what is ``missing`` ("No loop is recorded")."""
    if only.known_at and not only.revision:
        return [f"Nothing had been recorded by {rfc3339(only.known_at)}."]
    # What was known last year is as true now as then: the answer says apart when it was known.
    narrowed = ", ".join(replace(only, known_at=None).narrowed)
    said = f"{missing} as of {only.as_of.isoformat()}"
    return [] if found else [f"{said} ({narrowed})." if narrowed else f"{said}."]


def no_dependency(only: EdgeFilter, found: object, about: str) -> list[str]:
    """Why an answer about the dependencies of a company is empty, where it is."""
    return why_empty(only, found, f"No dependency is recorded for {about}")


def _first_suggestion(why: Exception) -> str | None:
    return next((flaw.suggestion for flaw in why.flaws), None) if isinstance(why, NotFound) else None
