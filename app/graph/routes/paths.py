"""How one company depends on another."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from app.graph import picture
from app.graph.analysis.paths import Paths, simple_paths
from app.graph.analysis.search import MAX_STEPS
from app.graph.edge_set import EdgeSet
from app.graph.routes.common import PROBLEMS, asked, edge_filter, limits_of, named, search
from app.graph.schemas.graph import PathsShown
from app.graph.schemas.questions import MAX_DEPTH, EdgeQuestion
from app.graph.shapes import ok, respond, shape_for
from app.graph.store import between
from app.shared.errors import BadRequest, Flaw
from app.shared.json import dumps
from app.shared.reading import Reads, same_question

router = APIRouter()


class PathsQuestion(EdgeQuestion):
    """A question about the ways from one company to another."""

    from_: str = Field(alias="from", description="The slug of the company that depends.", examples=["openai"])
    to: str = Field(description="The slug of the company on which it depends.", examples=["nvidia"])
    max_depth: int = Field(4, ge=1, le=MAX_DEPTH, description="How many hops a path has at most.", examples=[4])
    limit: int = Field(10, ge=1, le=100, description="How many paths are shown at most.", examples=[10])


@router.get("/paths", responses=ok(PathsShown) | PROBLEMS, response_class=Response)
async def paths(request: Request, reads: Reads, question: Annotated[PathsQuestion, Query()]) -> Response:
    """Show how one company depends on another, the shortest way first, each hop with its evidence."""
    shape = shape_for(request, question.format)
    if question.from_ == question.to:
        flaw = Flaw("from and to are the same company; loops has what comes back to a company", parameter="to")
        raise BadRequest("a path needs two companies", flaw)
    source = await named(reads, question.from_, question, "from")
    target = await named(reads, question.to, question, "to")
    only, limits = edge_filter(question, source.revision), limits_of(request)
    found = await between(reads, source.id, target.id, question.max_depth, only=only, limits=limits)
    edges = EdgeSet(found, only.as_of)
    cut = _cut(len(found.nodes), limits.nodes, "nodes") + _cut(len(found.edges), limits.edges, "edges")
    ways = await search(
        request,
        simple_paths,
        edges.full() if shape != "json" else edges.light,
        source.slug,
        target.slug,
        question.max_depth,
        limit=question.limit,
        budget=MAX_STEPS,
    )
    truncated = (*cut, *ways.truncated)
    return await respond(
        shape,
        lambda: dumps(
            {
                "from": source.slug,
                "to": target.slug,
                **asked(only),
                "paths": _shown(ways, edges),
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
            table_url=same_question(request, format="csv"),
        ),
        question.width,
    )


def _cut(count: int, limit: int, name: str) -> tuple[str, ...]:
    return (name,) if count > limit else ()


def _shown(ways: Paths, edges: EdgeSet) -> list[dict[str, object]]:
    return [
        {"nodes": path.nodes, "edges": edges.all_shown(edge for hop in path.hops for edge in hop)}
        for path in ways.paths
    ]
