"""How the dependencies of a company changed between two dates."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from app.graph.analysis.diff import EdgeChange, diff
from app.graph.analysis.model import Amount, RecordRef
from app.graph.analysis.traversal import Reach, reach
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter
from app.graph.routes.common import Slug, answers, edge_filter, limits_of, reply, root_of
from app.graph.routes.shown import amount, record
from app.graph.schemas.graph import DiffShown
from app.graph.schemas.questions import DepthQuestion
from app.graph.store import near
from app.shared.errors import BadRequest, Flaw
from app.shared.partial_date import day
from app.shared.reading import Reads

router = APIRouter()


class DiffQuestion(DepthQuestion):
    """A question about what changed."""

    from_: str = Field(
        alias="from", description="The earlier day, or instant for by=known_at.", examples=["2024-12-31"]
    )
    to: str = Field(description="The later day, or instant for by=known_at.", examples=["2025-03-12"])
    by: Literal["as_of", "known_at"] = Field(
        "as_of", description="On which clock: the world's, or what this store knew.", examples=["as_of"]
    )


@router.get("/companies/{slug}/dependencies/diff", responses=answers(DiffShown), response_class=Response)
async def dependencies_diff(
    request: Request, reads: Reads, slug: Slug, question: Annotated[DiffQuestion, Query()]
) -> Response:
    """Show which dependencies a company gained, lost or saw change between two dates, and through which record."""
    old_only, old, old_reach = await _at(request, reads, slug, question, "from", question.from_)
    new_only, new, new_reach = await _at(request, reads, slug, question, "to", question.to)
    if (old_only.as_of, old_only.revision) > (new_only.as_of, new_only.revision):
        raise BadRequest("the dates are the wrong way round", Flaw("from is later than to", parameter="from"))
    given = diff(*([edges.complete(edge) for edge in at.edges] for edges, at in ((old, old_reach), (new, new_reach))))
    cut = sorted({*old_reach.truncated, *new_reach.truncated})
    limits = limits_of(request)
    return reply(
        {
            "root": slug,
            "by": question.by,
            "from": {"as_of": old_only.as_of, "known_at": old_only.known_at, "revision": old_only.revision},
            "to": {"as_of": new_only.as_of, "known_at": new_only.known_at, "revision": new_only.revision},
            "gained": new.all_shown(given.gained),
            "lost": old.all_shown(given.lost),
            "changed": [_change(change, new) for change in given.changed],
            "truncated": bool(cut),
            "truncated_by": cut,
            "limits": {"nodes": limits.nodes, "edges": limits.edges},
        }
    )


async def _at(  # noqa: PLR0913, PLR0917 - one side of a question
    request: Request, reads: Reads, slug: str, question: DiffQuestion, parameter: str, text: str
) -> tuple[EdgeFilter, EdgeSet, Reach]:
    """The dependencies on one of the two dates."""
    clock: dict[str, Any] = {question.by: _moment(question.by, parameter, text)}
    asked = question.model_copy(update=clock)
    root = await root_of(request, reads, slug, asked)
    only, limits = edge_filter(asked, root.revision), limits_of(request)
    found = await near(reads, root.id, "depends_on", question.depth, only=only, limits=limits)
    edges = EdgeSet(found, only.as_of)
    caps = {"max_nodes": limits.nodes, "max_edges": limits.edges}
    return only, edges, reach(slug, edges.light, "depends_on", question.depth, **caps)


def _moment(by: str, parameter: str, text: str) -> date | datetime:
    try:
        return day(text) if by == "as_of" else TypeAdapter(AwareDatetime).validate_python(text).astimezone(UTC)
    except ValidationError:
        wanted = "an instant with its zone, such as 2025-03-12T00:00:00Z"
        flaw = Flaw(f"{text[:40]!r} is not {wanted}", parameter=parameter)
    except ValueError as error:
        flaw = Flaw(str(error), parameter=parameter)
    raise BadRequest(f"{parameter} cannot be read", flaw) from None


def _change(change: EdgeChange, edges: EdgeSet) -> dict[str, Any]:
    return {
        "edge": edges.shown(change.new),
        "fields": [{"field": one.field, "old": _plain(one.old), "new": _plain(one.new)} for one in change.fields],
        "record": record(change.record),
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a field of an edge holds
    if isinstance(value, Amount):
        return amount(value)
    return record(value) if isinstance(value, RecordRef) else value
