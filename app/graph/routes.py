"""Questions about the graph: what a company depends on, and who depends on it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.graph.analysis.model import Direction
from app.graph.answer import GraphAnswer, answer, shown
from app.graph.picture import picture_of
from app.graph.question import EdgeFilter, Limits
from app.graph.render.picture import Picture
from app.graph.schemas import EdgeQuestion, GraphQuestion, GraphShown
from app.graph.shapes import MEDIA_TYPES, respond, shape_for
from app.graph.store import Root, find_root, neighbourhood
from app.ledger.openapi import problems
from app.ledger.repository import missing
from app.shared.reading import Reads, address, same_question
from app.shared.settings import Settings

router = APIRouter(tags=["graph"])

Slug = Annotated[str, Path(description="The slug of a company.", examples=["openai"])]
_SHAPES: dict[str, dict[str, str]] = {
    media_type: {} for media_type in MEDIA_TYPES.values() if media_type != MEDIA_TYPES["json"]
}
_OK: dict[int | str, dict[str, Any]] = {200: {"model": GraphShown, "content": _SHAPES}}
_REPLIES = _OK | problems(400, 404, 406, 410, 503)


@router.get("/companies/{slug}/dependencies", responses=_REPLIES, response_class=Response)
async def dependencies(
    request: Request, reads: Reads, slug: Slug, question: Annotated[GraphQuestion, Query()]
) -> Response:
    """Show what a company depends on, directly and through others, with a witness path to each."""
    return await _near(request, reads, slug, question, "depends_on")


@router.get("/companies/{slug}/dependents", responses=_REPLIES, response_class=Response)
async def dependents(
    request: Request, reads: Reads, slug: Slug, question: Annotated[GraphQuestion, Query()]
) -> Response:
    """Show who depends on a company, directly and through others, with a witness path from each."""
    return await _near(request, reads, slug, question, "depended_on_by")


async def _near(request: Request, reads: Reads, slug: str, question: GraphQuestion, direction: Direction) -> Response:
    shape = shape_for(request, question.format)
    root = await root_of(request, reads, slug, question)
    only, limits = edge_filter(question, root), _limits(request)
    found = await neighbourhood(reads, root.id, direction, question.depth, only=only, limits=limits)
    given = answer(slug, direction, question.depth, found, only=only, known_at=question.known_at, limits=limits)
    return await respond(shape, lambda: shown(given), lambda: _picture(request, given), width=None)


async def root_of(request: Request, reads: Reads, slug: str, question: EdgeQuestion) -> Root:
    """The company that a question is about. Raises what says where it is instead: 308, 404 or 410."""
    root = await find_root(reads, slug, question.known_at)
    if root is None:
        raise await missing(reads, "companies", slug, address(request))
    return root


def edge_filter(question: EdgeQuestion, root: Root) -> EdgeFilter:
    """Which edges a question is about, at the revision that was the newest when it came in."""
    return EdgeFilter(
        as_of=question.as_of or datetime.now(UTC).date(),
        revision=root.revision,
        kinds=tuple(question.kind),
        stages=tuple(question.stage),
        evidence=tuple(question.evidence),
        published_by=question.published_by,
        past=root.revision != root.newest,
    )


def _picture(request: Request, given: GraphAnswer) -> Picture:
    return picture_of(given, same_question(request, format="csv"))


def _limits(request: Request) -> Limits:
    settings: Settings = request.app.state.settings
    return Limits(settings.max_nodes, settings.max_edges)
