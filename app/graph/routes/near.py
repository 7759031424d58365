"""What a company depends on, and who depends on it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.graph import picture
from app.graph.analysis.model import Direction
from app.graph.analysis.traversal import Reach, reach
from app.graph.answered import Answered
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter, Limits
from app.graph.routes.common import ABOUT_ONE, Slug, asked, edge_filter, limits_of, no_dependency
from app.graph.schemas.graph import GraphShown
from app.graph.schemas.questions import DepthQuestion, GraphQuestion
from app.graph.shapes import MEDIA_TYPES, ok, respond
from app.graph.store import near
from app.ledger.repository import missing
from app.shared.asking import described, parameters_of
from app.shared.database import Database
from app.shared.json import dumps
from app.shared.negotiation import negotiated
from app.shared.reading import address, same_question

router = APIRouter()
_REPLIES = ok(GraphShown) | ABOUT_ONE


@router.get(
    "/companies/{slug}/dependencies",
    summary="What a company depends on",
    responses=_REPLIES,
    response_class=Response,
    openapi_extra=described(GraphQuestion),
)
async def dependencies(
    request: Request,
    slug: Slug,
    question: Annotated[GraphQuestion, Depends(parameters_of(GraphQuestion))],
) -> Response:
    """Show what a company depends on, directly and through others, with a witness path to each."""
    return await _near(request, slug, question, "depends_on")


@router.get(
    "/companies/{slug}/dependents",
    summary="Who depends on a company",
    responses=_REPLIES,
    response_class=Response,
    openapi_extra=described(GraphQuestion),
)
async def dependents(
    request: Request,
    slug: Slug,
    question: Annotated[GraphQuestion, Depends(parameters_of(GraphQuestion))],
) -> Response:
    """Show who depends on a company, directly and through others, with a witness path from each."""
    return await _near(request, slug, question, "depended_on_by")


async def _near(request: Request, slug: str, question: GraphQuestion, direction: Direction) -> Response:
    shape = negotiated(request, question.format, MEDIA_TYPES)
    found = await find_near(request, slug, question, direction)
    return await respond(request, found.revision, shape, found.as_json, found.as_picture, question.width)


async def find_near(request: Request, slug: str, question: DepthQuestion, direction: Direction) -> Answered:
    """What a company depends on, or who depends on it. Raises what says where it is instead: 308, 404 or 410."""
    limits = limits_of(request)
    only, edges, reached = await reach_from(request, slug, question, direction)
    unknowns = no_dependency(only, reached.edges, edges.nodes[slug].name)
    return Answered(
        only.newest,
        lambda: dumps(_shown(reached, edges, only, limits, unknowns)),
        lambda: picture.of_reach(reached, edges, only, unknowns, same_question(request, format="csv")),
    )


async def reach_from(
    request: Request, slug: str, question: DepthQuestion, direction: Direction
) -> tuple[EdgeFilter, EdgeSet, Reach]:
    """What a company reaches, and the edges among which it does, at the revision that the filter then says.

    Raises what says where the company is instead: 308, 404 or 410.
    """
    limits, depth = limits_of(request), question.depth
    database: Database = request.app.state.database
    found = await near(database, slug, direction, depth, only=edge_filter(question), limits=limits)
    if found is None:
        async with database.reading() as reads:
            raise await missing(reads, "companies", slug, address(request), question.known_at)
    edges = EdgeSet(found.found)
    reached = reach(slug, edges.light, direction, depth, max_nodes=limits.nodes, max_edges=limits.edges)
    cut = dict.fromkeys((*reached.truncated, *(("edges",) if found.found.cut else ())))
    return found.only, edges, replace(reached, truncated=tuple(cut))


def _shown(reached: Reach, edges: EdgeSet, only: EdgeFilter, limits: Limits, unknowns: list[str]) -> dict[str, Any]:
    return {
        "root": reached.root,
        "direction": reached.direction,
        **asked(only),
        "nodes": [
            {
                "slug": node.slug,
                "name": edges.nodes[node.slug].name,
                "kind": edges.nodes[node.slug].kind,
                "depth": node.depth,
                "via": node.via,
            }
            for node in reached.nodes
        ],
        "edges": edges.all_shown(reached.edges),
        "unknowns": unknowns,
        "truncated": bool(reached.truncated),
        "truncated_by": reached.truncated,
        "limits": {"nodes": limits.nodes, "edges": limits.edges},
    }
