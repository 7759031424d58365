"""What a company depends on, and who depends on it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.graph import picture
from app.graph.analysis.model import Direction
from app.graph.analysis.traversal import Reach, reach
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter, Limits
from app.graph.routes.common import PROBLEMS, Slug, asked, edge_filter, limits_of, no_dependency, root_of
from app.graph.schemas.graph import GraphShown
from app.graph.schemas.questions import GraphQuestion
from app.graph.shapes import ok, respond, shape_for
from app.graph.store import Root, near
from app.shared.json import dumps
from app.shared.reading import Reads, same_question

router = APIRouter()
_REPLIES = ok(GraphShown) | PROBLEMS


@router.get(
    "/companies/{slug}/dependencies", summary="What a company depends on", responses=_REPLIES, response_class=Response
)
async def dependencies(
    request: Request, reads: Reads, slug: Slug, question: Annotated[GraphQuestion, Query()]
) -> Response:
    """Show what a company depends on, directly and through others, with a witness path to each."""
    return await _near(request, reads, slug, question, "depends_on")


@router.get(
    "/companies/{slug}/dependents", summary="Who depends on a company", responses=_REPLIES, response_class=Response
)
async def dependents(
    request: Request, reads: Reads, slug: Slug, question: Annotated[GraphQuestion, Query()]
) -> Response:
    """Show who depends on a company, directly and through others, with a witness path from each."""
    return await _near(request, reads, slug, question, "depended_on_by")


async def _near(request: Request, reads: Reads, slug: str, question: GraphQuestion, direction: Direction) -> Response:
    shape = shape_for(request, question.format)
    root = await root_of(request, reads, slug, question)
    only, limits = edge_filter(question, root.revision), limits_of(request)
    edges, reached = await reach_from(reads, root, direction, question.depth, only=only, limits=limits)
    unknowns = no_dependency(only, reached.edges, edges.nodes[slug].name)
    return await respond(
        request,
        only.newest,
        shape,
        lambda: dumps(_shown(reached, edges, only, limits, unknowns)),
        lambda: picture.of_reach(reached, edges, only, unknowns, same_question(request, format="csv")),
        question.width,
    )


async def reach_from(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    reads: Reads, root: Root, direction: Direction, depth: int, *, only: EdgeFilter, limits: Limits
) -> tuple[EdgeSet, Reach]:
    """What a company reaches, and the edges among which it does."""
    found = await near(reads, root, direction, depth, only=only, limits=limits)
    edges = EdgeSet(found, only.as_of)
    reached = reach(root.slug, edges.light, direction, depth, max_nodes=limits.nodes, max_edges=limits.edges)
    cut = dict.fromkeys((*reached.truncated, *(("edges",) if found.cut else ())))
    return edges, replace(reached, truncated=tuple(cut))


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
