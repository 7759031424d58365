"""How one company depends on another."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.graph import picture
from app.graph.analysis.paths import Paths, simple_paths
from app.graph.analysis.search import MAX_STEPS
from app.graph.answered import Answered
from app.graph.edge_set import EdgeSet
from app.graph.routes.common import PROBLEMS, asked, edge_filter, limits_of, named, why_empty
from app.graph.schemas.graph import PathsShown
from app.graph.schemas.questions import MAX_DEPTH, EdgeQuestion
from app.graph.shapes import MEDIA_TYPES, ok, respond
from app.graph.store import Found, between
from app.shared.aside import aside
from app.shared.asking import described, parameters_of
from app.shared.errors import BadRequest, Flaw
from app.shared.json import dumps
from app.shared.negotiation import negotiated
from app.shared.reading import Reads, same_question

router = APIRouter()


class PathsQuestion(EdgeQuestion):
    """A question about the ways from one company to another."""

    from_: str = Field(alias="from", description="The slug of the company that depends.", examples=["openai"])
    to: str = Field(description="The slug of the company on which it depends.", examples=["nvidia"])
    max_depth: int = Field(4, ge=1, le=MAX_DEPTH, description="How many hops a path has at most.", examples=[4])
    limit: int = Field(10, ge=1, le=100, description="How many paths are shown at most.", examples=[10])


@router.get(
    "/paths",
    summary="How one company depends on another",
    responses=ok(PathsShown) | PROBLEMS,
    response_class=Response,
    openapi_extra=described(PathsQuestion),
)
async def paths(
    request: Request, reads: Reads, question: Annotated[PathsQuestion, Depends(parameters_of(PathsQuestion))]
) -> Response:
    """Show how one company depends on another, the shortest way first, each hop with its evidence."""
    shape = negotiated(request, question.format, MEDIA_TYPES)
    found = await find_paths(request, reads, question, light=shape == "json")
    return await respond(request, found, shape, question.width)


async def find_paths(request: Request, reads: Reads, question: PathsQuestion, *, light: bool) -> Answered:
    """How one company depends on another; ``light``: only the JSON is wanted, for which less is read."""
    if question.from_ == question.to:
        flaw = Flaw("from and to are the same company; loops has what comes back to a company", parameter="to")
        raise BadRequest("a path needs two companies", flaw)
    source = await named(request, reads, question.from_, question, "from")
    target = await named(request, reads, question.to, question, "to")
    only, limits = edge_filter(question).at(source.revision), limits_of(request)
    found = await between(reads, source, target, question.max_depth, only=only, limits=limits)
    cut = [name for name, is_cut in (("nodes", len(found.nodes) > limits.nodes), ("edges", found.cut)) if is_cut]
    edges, ways = await aside(_answer, found, question, light=light)
    truncated = (*cut, *ways.truncated)
    names = edges.names
    missing = f"No such way from {names[source.slug]} to {names[target.slug]} is recorded"
    unknowns = why_empty(only, ways.paths or truncated, missing)
    return Answered(
        only.newest,
        lambda: dumps(
            {
                "from": source.slug,
                "to": target.slug,
                **asked(only),
                "paths": _shown(ways, edges),
                "unknowns": unknowns,
                "truncated": bool(truncated),
                "truncated_by": truncated,
                "limits": {"nodes": limits.nodes, "edges": limits.edges, "paths": question.limit, "steps": MAX_STEPS},
            }
        ),
        lambda: picture.of_paths(
            (source.slug, target.slug),
            ways.paths,
            truncated,
            edges,
            only,
            unknowns=unknowns,
            table_url=same_question(request, format="csv"),
        ),
    )


def _answer(found: Found, question: PathsQuestion, *, light: bool) -> tuple[EdgeSet, Paths]:
    edges = EdgeSet(found)
    among = edges.light if light else edges.full()
    caps = {"limit": question.limit, "budget": MAX_STEPS}
    return edges, simple_paths(among, question.from_, question.to, question.max_depth, **caps)


def _shown(ways: Paths, edges: EdgeSet) -> list[dict[str, object]]:
    return [
        {"nodes": path.nodes, "edges": edges.all_shown(edge for hop in path.hops for edge in hop)}
        for path in ways.paths
    ]
