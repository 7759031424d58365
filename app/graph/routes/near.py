"""What a company depends on, and who depends on it."""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.graph import picture
from app.graph.analysis.model import Direction
from app.graph.analysis.traversal import Reach, reach
from app.graph.answered import Answered
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter, Limits, Revision
from app.graph.routes.common import ABOUT_ONE, SLUG, asked, edge_filter, limits_of, no_dependency
from app.graph.schemas.graph import GraphShown
from app.graph.schemas.questions import DepthQuestion, GraphQuestion
from app.graph.shapes import MEDIA_TYPES, ok, respond
from app.graph.store import Found, near
from app.ledger.openapi_writing import KNOWN
from app.ledger.repository import missing
from app.ledger.unchanged import UNCHANGED, unless_unchanged
from app.shared.aside import aside
from app.shared.asking import described, parameters_of
from app.shared.database import Database
from app.shared.direct import Direct
from app.shared.json import dumps
from app.shared.negotiation import negotiated
from app.shared.reading import address, same_question
from app.shared.turns import NEAR, turn

router = APIRouter(prefix="/v1", tags=["graph"], responses=UNCHANGED, route_class=Direct)
_SMALL: Final = 300
"""Dependencies with which an answer takes 2 ms."""
_REPLIES = ok(GraphShown) | ABOUT_ONE
_PARAMETERS = {"parameters": [SLUG, *described(GraphQuestion)["parameters"], KNOWN]}
_read_question = parameters_of(GraphQuestion)


# What is asked most of the graph: that FastAPI should read their parameters and headers would cost 0.2 ms.
@router.get(
    "/companies/{slug}/dependencies",  # noqa: FAST003 - read by hand
    summary="What a company depends on",
    responses=_REPLIES,
    response_class=Response,
    openapi_extra=_PARAMETERS,
)
async def dependencies(request: Request) -> Response:
    """Show what a company depends on, directly and through others, with a witness path to each."""
    return await _near(request, "depends_on")


@router.get(
    "/companies/{slug}/dependents",  # noqa: FAST003 - the same
    summary="Who depends on a company",
    responses=_REPLIES,
    response_class=Response,
    openapi_extra=_PARAMETERS,
)
async def dependents(request: Request) -> Response:
    """Show who depends on a company, directly and through others, with a witness path from each."""
    return await _near(request, "depended_on_by")


async def _near(request: Request, direction: Direction) -> Response:
    await unless_unchanged(request, request.headers.get("If-None-Match"))
    question = await _read_question(request)
    shape = negotiated(request, question.format, MEDIA_TYPES)
    found = await find_near(request, request.path_params["slug"], question, direction)
    return await respond(request, found, shape, question.width)


async def find_near(request: Request, slug: str, question: DepthQuestion, direction: Direction) -> Answered:
    """What a company depends on, or who depends on it. Raises what says where it is instead: 308, 404 or 410."""
    limits = limits_of(request)
    only, edges, reached = await reach_from(request, slug, question, direction)
    unknowns = no_dependency(only, reached.edges, edges.nodes[slug].name)
    return Answered(
        only.newest,
        lambda: dumps(_shown(reached, edges, only, limits, unknowns)),
        lambda: picture.of_reach(reached, edges, only, unknowns, same_question(request, format="csv")),
        small=len(reached.edges) <= _SMALL,
    )


async def reach_from(
    request: Request, slug: str, question: DepthQuestion, direction: Direction, at: Revision | None = None
) -> tuple[EdgeFilter, EdgeSet, Reach]:
    """What a company reaches, and the edges among which it does, at the revision that the filter then says.

    ``at``: the revision that it shall be, where another part of the answer was read at it.

    Raises what says where the company is instead: 308, 404 or 410.
    """
    limits, depth = limits_of(request), question.depth
    database: Database = request.app.state.database
    only = edge_filter(question).at(at) if at else edge_filter(question)
    async with turn(request, NEAR):
        found = await near(database, slug, direction, depth, only=only, limits=limits)
    if found is None:
        async with database.reading() as reads:
            raise await missing(reads, "companies", slug, address(request), question.known_at)
    work = partial(_reached, found.found, slug, direction, depth, limits)
    edges, reached = work() if len(found.found.edges) <= _SMALL else await aside(work)
    cut = dict.fromkeys((*reached.truncated, *(("edges",) if found.found.cut else ())))
    return found.only, edges, replace(reached, truncated=tuple(cut))


def _reached(found: Found, slug: str, direction: Direction, depth: int, limits: Limits) -> tuple[EdgeSet, Reach]:
    edges = EdgeSet(found)
    return edges, reach(slug, edges.light, direction, depth, max_nodes=limits.nodes, max_edges=limits.edges)


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
