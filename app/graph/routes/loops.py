"""Circular deals, and mutual dependence."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.graph import picture
from app.graph.analysis.loops import Hop, Loop, LoopFilter, Loops, dependency_loops, value_loops
from app.graph.analysis.search import MAX_STEPS
from app.graph.answered import Answered
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter, Limits
from app.graph.routes.common import PROBLEMS, asked, edge_filter, limits_of, named, why_empty
from app.graph.routes.shown import amount, records
from app.graph.schemas.graph import LoopsShown
from app.graph.schemas.questions import MAX_COMPANIES, ShapedQuestion
from app.graph.shapes import MEDIA_TYPES, ok, respond
from app.graph.store import Found, circle, every_edge, shared_amounts
from app.graph.store.root import find_revision
from app.models.edges import EdgeKind
from app.shared.aside import aside
from app.shared.asking import described, parameters_of
from app.shared.json import dumps
from app.shared.negotiation import negotiated
from app.shared.reading import Reads, same_question

router = APIRouter()
_TITLES = {"value": "Circular deals", "dependency": "Mutual dependence"}


class LoopsQuestion(ShapedQuestion):
    """A question about what comes back to where it started."""

    by: Literal["value", "dependency"] = Field(
        "value", description="What goes round: value (circular deals) or dependence (mutual).", examples=["value"]
    )
    company: list[str] = Field(
        [],
        max_length=MAX_COMPANIES,
        description="Only loops with this company; given twice, either.",
        examples=[["nvidia"]],
    )
    kind: list[EdgeKind] = Field([], description="Only loops with a dependency of this kind.", examples=[["capital"]])
    amount__possibly_gte: Decimal | None = Field(
        None, ge=0, description="Only loops round which at least that much may go.", examples=[1000000000]
    )
    max_length: int = Field(4, ge=2, le=6, description="How many companies a loop has at most.", examples=[4])
    limit: int = Field(50, ge=1, le=1_000, description="How many loops are shown at most.", examples=[50])


@router.get(
    "/loops",
    summary="Circular deals and mutual dependence",
    responses=ok(LoopsShown) | PROBLEMS,
    response_class=Response,
    openapi_extra=described(LoopsQuestion),
)
async def loops(
    request: Request, reads: Reads, question: Annotated[LoopsQuestion, Depends(parameters_of(LoopsQuestion))]
) -> Response:
    """Show circular deals, in which value comes back to whom it came from, or circles of dependence."""
    shape = negotiated(request, question.format, MEDIA_TYPES)
    found = await find_loops(request, reads, question)
    return await respond(request, found, shape, question.width)


async def find_loops(request: Request, reads: Reads, question: LoopsQuestion) -> Answered:
    """Circular deals, or circles of dependence."""
    only, found = await _edges(request, reads, question)
    limits = limits_of(request)
    edges, circles = await aside(_answer, found, question)
    circles = circles.shared(await shared_amounts(reads, circles.records, only))
    truncated = (*_cut(found, limits, question), *circles.truncated)
    unknowns = why_empty(only, circles.loops or truncated, "No such loop is recorded")
    return Answered(
        only.newest,
        lambda: dumps(_shown(circles, truncated, unknowns, edges, only, limits, question)),
        lambda: picture.of_loops(
            _TITLES[question.by],
            circles.loops,
            truncated,
            edges,
            only,
            unknowns=unknowns,
            narrowed=_narrowed(question, only, edges),
            by_value=question.by == "value",
            table_url=same_question(request, format="csv"),
        ),
    )


def _answer(found: Found, question: LoopsQuestion) -> tuple[EdgeSet, Loops]:
    edges = EdgeSet(found)
    wanted = LoopFilter(frozenset(question.company), frozenset(question.kind), question.amount__possibly_gte)
    seek = value_loops if question.by == "value" else dependency_loops
    return edges, seek(edges.full(), question.max_length, limit=question.limit, budget=MAX_STEPS, wanted=wanted)


async def _edges(request: Request, reads: Reads, question: LoopsQuestion) -> tuple[EdgeFilter, Found]:
    """The edges among which the loops are: near the one company that is asked for, else of the whole store."""
    limits = limits_of(request)
    companies = [await named(request, reads, slug, question, "company") for slug in dict.fromkeys(question.company)]
    revision = companies[0].revision if companies else await find_revision(reads, question.known_at)
    # The kind narrows the loops, not the edges that they are made of.
    only = edge_filter(question.model_copy(update={"kind": []})).at(revision)
    if len(companies) != 1:
        return only, await every_edge(reads, only=only, limits=limits)
    way: Literal["value", "depends_on"] = "value" if question.by == "value" else "depends_on"
    return only, await circle(reads, companies[0], way, question.max_length, only=only, limits=limits)


def _cut(found: Found, limits: Limits, question: LoopsQuestion) -> tuple[str, ...]:
    near = len(question.company) == 1
    nodes = ("nodes",) if near and len(found.nodes) > limits.nodes else ()
    return (*nodes, "edges") if found.cut else nodes


def _narrowed(question: LoopsQuestion, only: EdgeFilter, edges: EdgeSet) -> Iterable[str]:
    """What was asked for of the loops besides the day, in words for below their title."""
    if question.company:
        yield f"with {' or '.join(edges.names.get(slug, slug) for slug in question.company)}"
    yield from replace(only, kinds=tuple(question.kind)).narrowed
    if question.amount__possibly_gte is not None:
        yield f"possibly at least {question.amount__possibly_gte:,f} round"


def _shown(  # noqa: PLR0913, PLR0917 - an answer and its question
    circles: Loops,
    truncated: tuple[str, ...],
    unknowns: list[str],
    edges: EdgeSet,
    only: EdgeFilter,
    limits: Limits,
    question: LoopsQuestion,
) -> dict[str, Any]:
    return {
        "data": [_loop(loop, edges) for loop in circles.loops],
        "next": None,
        "by": question.by,
        **asked(only),
        "unknowns": unknowns,
        "truncated": bool(truncated),
        "truncated_by": truncated,
        "limits": {"nodes": limits.nodes, "edges": limits.edges, "loops": question.limit, "steps": MAX_STEPS},
    }


def _loop(loop: Loop, edges: EdgeSet) -> dict[str, Any]:
    bottleneck = loop.bottleneck
    return {
        "nodes": loop.nodes,
        "amount": amount(loop.amount),
        "natures": loop.natures,
        "possible": loop.possible,
        "tentative": loop.tentative,
        "bottleneck": bottleneck and {"from": bottleneck.payer, "to": bottleneck.receiver},
        "unknown": [{"from": hop.payer, "to": hop.receiver} for hop in loop.unknown],
        "hops": [_hop(hop) for hop in loop.hops],
        "edges": edges.all_shown(edge for hop in loop.hops for edge in hop.edges),
    }


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "from": hop.payer,
        "to": hop.receiver,
        "amount": amount(hop.amount),
        "natures": hop.natures,
        "possible": hop.possible,
        "tentative": hop.tentative,
        "records": records(edge.record for edge in hop.edges),
    }
