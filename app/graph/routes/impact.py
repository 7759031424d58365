"""What if a company stopped."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.graph.analysis.impact import Affected, Impact, Loss, impact
from app.graph.edge_set import EdgeSet
from app.graph.question import Limits
from app.graph.routes.common import ABOUT_ONE, Slug, asked, edge_filter, limits_of, no_dependency, root_of
from app.graph.routes.shown import amount, item, left_out
from app.graph.schemas.figures import ImpactShown
from app.graph.schemas.questions import MAX_DEPTH, ImpactQuestion
from app.graph.shapes import TABLE_TYPES, ok, respond_as
from app.graph.store import Found, downstream
from app.graph.tables import IMPACT
from app.shared.aside import aside
from app.shared.asking import described, parameters_of
from app.shared.negotiation import negotiated
from app.shared.reading import Reads

router = APIRouter()


@router.get(
    "/companies/{slug}/impact",
    summary="What if a company stopped",
    responses=ok(ImpactShown, TABLE_TYPES) | ABOUT_ONE,
    response_class=Response,
    openapi_extra=described(ImpactQuestion),
)
async def company_impact(
    request: Request,
    reads: Reads,
    slug: Slug,
    question: Annotated[ImpactQuestion, Depends(parameters_of(ImpactQuestion))],
) -> Response:
    """Show who would lose what if a company stopped, through which path, and whether it was the only source."""
    shape = negotiated(request, question.format, TABLE_TYPES)
    root = await root_of(request, reads, slug, question)
    only, limits = edge_filter(question).at(root.revision), limits_of(request)
    # What falls further away than is listed is no alternative to what is listed.
    found = await downstream(reads, root, MAX_DEPTH, only=only, limits=limits)
    edges, given = await aside(_answer, slug, question.depth, found, limits)
    cut = (*given.truncated, *(("edges",) if found.cut else ()))
    content = {
        "company": slug,
        "depth": given.depth,
        **asked(only),
        "affected": [_affected(one, edges) for one in given.affected],
        "unknowns": [*no_dependency(only, found.edges, edges.nodes[slug].name), *given.unknowns],
        "truncated": bool(cut),
        "truncated_by": cut,
        "limits": {"nodes": limits.nodes, "edges": limits.edges},
    }
    return await respond_as(shape, request, only.newest, content, csv=partial(IMPACT.write, content))


def _answer(slug: str, depth: int, found: Found, limits: Limits) -> tuple[EdgeSet, Impact]:
    edges = EdgeSet(found)
    full, names = edges.full(), edges.names
    return edges, impact(slug, full, depth, max_nodes=limits.nodes, names=names, within=MAX_DEPTH, partial=found.cut)


def _affected(one: Affected, edges: EdgeSet) -> dict[str, Any]:
    return {
        "company": one.slug,
        "name": edges.nodes[one.slug].name,
        "depth": one.depth,
        "via": one.via,
        "hops": edges.all_shown(one.hops),
        "losses": [_loss(loss, edges) for loss in one.losses],
    }


def _loss(loss: Loss, edges: EdgeSet) -> dict[str, Any]:
    return {
        "kind": loss.kind,
        "source": loss.source,
        "only_source": loss.only_source,
        "alternatives": loss.alternatives,
        "also_affected": loss.also_affected,
        "unchecked": loss.unchecked,
        "planned": loss.planned,
        "shares": [amount(share) for share in loss.shares],
        "amounts": [
            {
                "amount": amount(one.amount),
                "nature": one.measure.nature,
                "tentative": one.measure.tentative,
                "counted": [item(counted) for counted in one.counted],
                "left_out": left_out(one.left_out),
            }
            for one in loss.amounts
        ],
        "unknowns": loss.unknowns,
        "edges": edges.all_shown(loss.edges),
    }
