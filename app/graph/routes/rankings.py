"""Companies in order of a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.graph.analysis.rankings import Count, Ranking, Row, rank, rank_counts
from app.graph.analysis.single_points import Need, single_points
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter, Limits
from app.graph.ranked import contract_items, fleet_items, investment_items
from app.graph.render import bars
from app.graph.render.chart import MAX_ROWS
from app.graph.routes.common import PROBLEMS, asked, edge_filter, limits_of, why_empty
from app.graph.routes.ranking_question import KINDS, UNITS_OF_FLEETS, RankingsQuestion, check
from app.graph.routes.shown import amount, left_out
from app.graph.schemas.figures import RankingsShown
from app.graph.shapes import DRAWN_TYPES, ok, respond_as
from app.graph.store import Found, every_edge
from app.graph.store.counts import dependents_of_all
from app.graph.store.facts import fleets_of_all
from app.graph.store.root import find_revision
from app.graph.tables import RANKING
from app.ledger.expanding import names_of
from app.shared.aside import aside
from app.shared.asking import described, parameters_of
from app.shared.negotiation import negotiated
from app.shared.reading import Reads, same_question

router = APIRouter()
Needs = Mapping[str, Sequence[Need]]


@router.get(
    "/rankings",
    summary="Who has the most",
    responses=ok(RankingsShown, DRAWN_TYPES) | PROBLEMS,
    response_class=Response,
    openapi_extra=described(RankingsQuestion),
)
async def rankings(
    request: Request, reads: Reads, question: Annotated[RankingsQuestion, Depends(parameters_of(RankingsQuestion))]
) -> Response:
    """Rank companies by a figure with its bounds: the order is by what is certain, and the possible ranks are said."""
    check(question)
    shape = negotiated(request, question.format, DRAWN_TYPES)
    wanted = edge_filter(question).at(await find_revision(reads, question.known_at))
    only, limits = replace(wanted, kinds=wanted.kinds or KINDS.get(question.by, ())), limits_of(request)
    ranking, needs, cut = await _ranking(reads, question, only, limits)
    rows = ranking.rows[: question.limit]
    truncated = list(dict.fromkeys([*cut, *(["companies"] if len(ranking.rows) > question.limit else [])]))
    content = {
        "by": question.by,
        "unit": ranking.unit or None,
        **asked(only),
        "data": [_row(row, needs) for row in rows],
        "unknowns": why_empty(wanted, rows, "Nothing is recorded that could be ranked"),
        "next": None,
        "truncated": bool(truncated),
        "truncated_by": truncated,
        "limits": {"records": limits.edges, "companies": question.limit},
    }
    drawn = rows[:MAX_ROWS] if shape == "svg" else []
    names = await names_of(reads, (row.figure.company for row in drawn), only.revision)
    numbers = same_question(request, format="json")
    draw = partial(bars.ranking, content, names, narrowed=wanted.narrowed, link=numbers, width=question.width)
    write = partial(RANKING.write, content)
    return await respond_as(shape, request, only.newest, content, csv=write, svg=draw)


async def _ranking(
    reads: Reads, question: RankingsQuestion, only: EdgeFilter, limits: Limits
) -> tuple[Ranking, Needs, list[str]]:
    if question.by == "dependents":
        counts, cut = await dependents_of_all(reads, only)
        return rank_counts(question.by, counts), {}, ["companies"] if cut else []
    if question.by in UNITS_OF_FLEETS:
        unit = question.unit or UNITS_OF_FLEETS[question.by][0]
        fleets, cut = await fleets_of_all(reads, only, limits.edges)
        items = await aside(fleet_items, fleets, question.by, unit, only.as_of)
        return rank(question.by, items, unit=unit, partial=cut), {}, ["records"] if cut else []
    found = await every_edge(reads, only=only, limits=limits)
    ranking, needs = await aside(_of_edges, question, found)
    return ranking, needs, ["records"] if found.cut else []


def _of_edges(question: RankingsQuestion, found: Found) -> tuple[Ranking, Needs]:
    edges = EdgeSet(found).full()
    if question.by == "sole_source":
        points = single_points(edges)
        counts = {one.slug: Count(*_bounds(one.needs), *_bounds(one.planned)) for one in points}
        needs = {one.slug: one.needs for one in points}
        return rank_counts(question.by, counts, unit="need", partial=found.cut), needs
    items = contract_items(edges) if question.by == "contract_value" else investment_items(edges)
    return rank(question.by, items, unit=question.unit, nature="money", partial=found.cut), {}


def _bounds(needs: Sequence[Need]) -> tuple[int, int]:
    return sum(not need.possible for need in needs), len(needs)


def _row(row: Row, needs: Needs) -> dict[str, Any]:
    figure = row.figure
    return {
        "company": figure.company,
        "value": amount(figure.value),
        "count": figure.count,
        "best_rank": row.best_rank,
        "worst_rank": row.worst_rank,
        "tentative": amount(figure.tentative),
        "left_out": left_out(figure.left_out),
        "needs": [need._asdict() for need in needs.get(figure.company, ())],
    }
