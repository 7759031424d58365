"""How the dependencies of a company changed between two dates."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.graph.analysis.diff import EdgeChange, FieldChange, diff
from app.graph.analysis.model import JSON_FIELDS, Amount, Edge, RecordRef
from app.graph.analysis.traversal import Reach
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter, Revision
from app.graph.routes.common import ABOUT_ONE, Slug, asked, limits_of, no_dependency
from app.graph.routes.near import reach_from
from app.graph.routes.shown import amount, record
from app.graph.schemas.graph import DiffShown
from app.graph.schemas.questions import DepthQuestion, TableQuestion
from app.graph.shapes import TABLE_TYPES, ok, respond_as
from app.graph.tables import DIFF
from app.shared.asking import described, parameters_of
from app.shared.errors import BadRequest, Flaw
from app.shared.fields import instant
from app.shared.json import fragment
from app.shared.negotiation import negotiated
from app.shared.partial_date import day

router = APIRouter()


class DiffQuestion(DepthQuestion, TableQuestion):
    """A question about what changed."""

    from_: str = Field(
        alias="from", description="The earlier day, or instant for by=known_at.", examples=["2024-12-31"]
    )
    to: str = Field(description="The later day, or instant for by=known_at.", examples=["2025-03-12"])
    by: Literal["as_of", "known_at"] = Field(
        "as_of", description="On which clock: the world's, or what this store knew.", examples=["as_of"]
    )


@router.get(
    "/companies/{slug}/dependencies/diff",
    summary="What changed between two dates",
    responses=ok(DiffShown, TABLE_TYPES) | ABOUT_ONE,
    response_class=Response,
    openapi_extra=described(DiffQuestion),
)
async def dependencies_diff(
    request: Request, slug: Slug, question: Annotated[DiffQuestion, Depends(parameters_of(DiffQuestion))]
) -> Response:
    """Show which dependencies a company gained, lost or saw change between two dates, and through which record."""
    shape, (start, end) = negotiated(request, question.format, TABLE_TYPES), _span(question)
    old = await _at(request, slug, question, start)
    # Two days are compared at one revision, whatever is recorded meanwhile; two instants have revisions of their own.
    same = Revision(old.only.newest, old.only.revision) if question.by == "as_of" else None
    new = await _at(request, slug, question, end, same)
    given = diff(old.full(), new.full())
    cut = sorted({*old.reach.truncated, *new.reach.truncated})
    limits = limits_of(request)
    content = {
        "root": slug,
        "by": question.by,
        "from": asked(old.only),
        "to": asked(new.only),
        "gained": new.edges.all_shown(edge for edge in given.gained if old.would_show(edge)),
        "lost": old.edges.all_shown(edge for edge in given.lost if new.would_show(edge)),
        "changed": [_change(change, new.edges) for change in given.changed],
        "unknowns": list(dict.fromkeys([*old.unknowns(), *new.unknowns()])),
        "truncated": bool(cut),
        "truncated_by": cut,
        "limits": {"nodes": limits.nodes, "edges": limits.edges},
    }
    revision = old.only.newest if old.only.newest == new.only.newest else None
    return await respond_as(shape, request, revision, content, csv=partial(DIFF.write, content))


@dataclass(frozen=True, slots=True)
class _Side:
    """The dependencies of a company on one of the two dates."""

    only: EdgeFilter
    edges: EdgeSet
    reach: Reach
    companies: frozenset[str]

    def full(self) -> list[Edge]:
        return [self.edges.evidenced(edge) for edge in self.reach.edges]

    def would_show(self, edge: Edge) -> bool:
        """Whether an edge that this side does not have is not merely cut off."""
        cut = self.reach.truncated
        return not cut or ("edges" not in cut and {edge.dependent, edge.on} <= self.companies)

    def unknowns(self) -> list[str]:
        return no_dependency(self.only, self.reach.edges, self.edges.nodes[self.reach.root].name)


async def _at(
    request: Request, slug: str, question: DiffQuestion, moment: date | datetime, at: Revision | None = None
) -> _Side:
    then = question.model_copy(update={question.by: moment})
    only, edges, reached = await reach_from(request, slug, then, "depends_on", at)
    return _Side(only, edges, reached, frozenset(node.slug for node in reached.nodes))


def _span(question: DiffQuestion) -> tuple[date | datetime, date | datetime]:
    """The two dates on the clock that is asked for. Raises BadRequest for what is no such date, or no span."""
    if getattr(question, question.by) is not None:
        raise BadRequest("a date too many", Flaw(f"with by={question.by}, from and to say it", parameter=question.by))
    start, end = (_moment(question.by, name, text) for name, text in (("from", question.from_), ("to", question.to)))
    if start > end:
        raise BadRequest("the dates are the wrong way round", Flaw("from is later than to", parameter="from"))
    return start, end


def _moment(by: str, parameter: str, text: str) -> date | datetime:
    try:
        return day(text) if by == "as_of" else instant(text)
    except ValueError as error:
        raise BadRequest(f"{parameter} cannot be read", Flaw(str(error), parameter=parameter)) from None


def _change(change: EdgeChange, edges: EdgeSet) -> dict[str, Any]:
    return {
        "edge": edges.shown(change.new),
        "fields": [_field(one) for one in change.fields],
        "record": record(change.record),
    }


def _field(change: FieldChange) -> dict[str, Any]:
    return {"field": change.field, "old": _shown(change.field, change.old), "new": _shown(change.field, change.new)}


def _shown(field: str, value: Any) -> Any:  # noqa: ANN401 - what a field of an edge holds
    if isinstance(value, Amount):
        return amount(value)
    if isinstance(value, RecordRef):
        return record(value)
    return fragment(value) if field in JSON_FIELDS else value
