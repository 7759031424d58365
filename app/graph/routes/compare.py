"""What companies share, and what only one has."""

from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.graph.analysis.compare import Neighbour, Neighbours, compare
from app.graph.edge_set import EdgeSet
from app.graph.routes.common import PROBLEMS, asked, edge_filter, limits_of, named, no_dependency
from app.graph.schemas.graph import CompareShown
from app.graph.schemas.questions import EdgeChoice, TableQuestion
from app.graph.shapes import TABLE_TYPES, ok, respond_as
from app.graph.store import touching
from app.graph.tables import COMPARE
from app.shared.asking import described, parameters_of
from app.shared.errors import BadRequest, Flaw
from app.shared.negotiation import negotiated
from app.shared.reading import Reads

router = APIRouter()
_FEWEST: Final = 2
_MOST: Final = 10


class CompareQuestion(EdgeChoice, TableQuestion):
    """A question about companies side by side."""

    company: list[str] = Field(
        [], description=f"The companies: give it {_FEWEST} to {_MOST} times.", examples=[["openai", "microsoft"]]
    )


@router.get(
    "/compare",
    summary="What companies share",
    responses=ok(CompareShown, TABLE_TYPES) | PROBLEMS,
    response_class=Response,
    openapi_extra=described(CompareQuestion),
)
async def comparison(
    request: Request, reads: Reads, question: Annotated[CompareQuestion, Depends(parameters_of(CompareQuestion))]
) -> Response:
    """Show which direct dependencies and dependents companies share, and which only one of them has."""
    shape, slugs = negotiated(request, question.format, TABLE_TYPES), sorted(set(question.company))
    if not _FEWEST <= len(slugs) <= _MOST:
        flaw = Flaw(f"give company {_FEWEST} to {_MOST} times, each another one", parameter="company")
        raise BadRequest("that many companies cannot be compared", flaw)
    roots = [await named(request, reads, slug, question, "company") for slug in slugs]
    only, limits = edge_filter(question).at(roots[0].revision), limits_of(request)
    found = await touching(reads, roots, only=only, limits=limits)
    edges = EdgeSet(found)
    given = compare(edges.light, slugs)
    cut = ("edges",) if found.cut else ()
    content = {
        "companies": given.companies,
        **asked(only),
        "dependencies": _neighbours(given.dependencies, edges),
        "dependents": _neighbours(given.dependents, edges),
        "unknowns": no_dependency(only, found.edges, "any of them"),
        "truncated": bool(cut),
        "truncated_by": cut,
        "limits": {"edges": limits.edges},
    }
    return await respond_as(shape, request, only.newest, content, csv=partial(COMPARE.write, content))


def _neighbours(side: Neighbours, edges: EdgeSet) -> dict[str, Any]:
    lists = {"shared": side.shared, "partly": side.partly, "only": side.only}
    return {name: [_neighbour(one, edges) for one in ones] for name, ones in lists.items()}


def _neighbour(one: Neighbour, edges: EdgeSet) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "company": one.slug,
        "name": edges.nodes[one.slug].name,
        "of": one.of,
        "edges": edges.all_shown(one.edges),
    }
