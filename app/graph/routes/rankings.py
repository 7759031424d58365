"""Companies in order of a figure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, Field

from app.graph.analysis.intervals import add, bounds_of, interval
from app.graph.analysis.model import Amount, Edge, RecordRef
from app.graph.analysis.parties import SUPPLY_KINDS
from app.graph.analysis.rankings import Count, Ranking, Row, rank, rank_counts
from app.graph.analysis.single_points import Need, single_points
from app.graph.analysis.tally import Item
from app.graph.edge_set import EdgeSet, amount_of
from app.graph.question import EdgeFilter, Limits
from app.graph.render import bars
from app.graph.render.chart import MAX_ROWS
from app.graph.routes.common import PROBLEMS, asked, edge_filter, limits_of, names_of, why_empty
from app.graph.routes.shown import amount, left_out
from app.graph.schemas.figures import RankingsShown
from app.graph.schemas.questions import DrawnQuestion, EdgeChoice
from app.graph.shapes import DRAWN_TYPES, ok, respond_as
from app.graph.store import Found, every_edge
from app.graph.store.counts import dependents_of_all
from app.graph.store.facts import fleets_of_all
from app.graph.store.root import find_revision
from app.graph.tables import RANKING
from app.projection.lifetime import ENDING_STAGES
from app.projection.observations import fleets_observed
from app.projection.rules import StatedRecord
from app.shared.aside import aside
from app.shared.asking import described, parameters_of
from app.shared.errors import BadRequest, Flaw
from app.shared.negotiation import negotiated
from app.shared.quantity import known_unit
from app.shared.reading import Reads, same_question
from app.shared.wording import CURRENCIES

router = APIRouter()
Needs = Mapping[str, Sequence[Need]]
By = Literal["dependents", "contract_value", "investment", "gpus", "sites", "power", "hardware", "sole_source"]

# Whose edges a figure is made of, so that the limit is spent on them.
_KINDS: Final[dict[str, tuple[str, ...]]] = {"contract_value": SUPPLY_KINDS, "investment": ("capital",)}
# What a ranking would not look at: counts have no unit, and fleets are no dependencies.
_OF_EDGES: Final = ("kind", "stage", "evidence", "kind_not", "stage_not", "evidence_not")
_MEANINGLESS: Final[dict[str, tuple[str, ...]]] = {
    "dependents": ("unit",),
    "sole_source": ("unit",),
    "gpus": _OF_EDGES,
    "sites": _OF_EDGES,
    "power": _OF_EDGES,
    "hardware": _OF_EDGES,
}
_CHIPS: Final = ("gpu", "accelerator", "chip", "h100_equivalent")
# What is counted of fleets, and in which units: the first if no other is asked for.
_OF_FLEETS: Final[dict[str, tuple[str, ...]]] = {
    "gpus": _CHIPS,
    "sites": ("site",),
    "power": ("MW", "GW"),
    "hardware": _CHIPS,
}


class RankingsQuestion(EdgeChoice, DrawnQuestion):
    """A question about who has the most of something."""

    by: By = Field("dependents", description="What to rank by.", examples=["contract_value"])
    unit: Annotated[str, AfterValidator(known_unit)] | None = Field(
        None,
        description="The unit to rank in, one of what is ranked: a currency (the commonest by default), MW or GW for "
        "power, gpu, accelerator, chip or h100_equivalent for hardware and gpus.",
        examples=["USD"],
    )
    limit: int = Field(50, ge=1, le=1_000, description="How many companies are shown at most.", examples=[10])


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
    _check(question)
    shape = negotiated(request, question.format, DRAWN_TYPES)
    wanted = edge_filter(question).at(await find_revision(reads, question.known_at))
    only, limits = replace(wanted, kinds=wanted.kinds or _KINDS.get(question.by, ())), limits_of(request)
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
    if question.by in _OF_FLEETS:
        unit = question.unit or _OF_FLEETS[question.by][0]
        fleets, cut = await fleets_of_all(reads, only, limits.edges)
        items = await aside(_fleet_items, fleets, question.by, unit, only.as_of)
        return rank(question.by, items, unit=unit, partial=cut), {}, ["records"] if cut else []
    found = await every_edge(reads, only=only, limits=limits)
    ranking, needs = await aside(_of_edges, question, found)
    return ranking, needs, ["records"] if found.cut else []


def _check(question: RankingsQuestion) -> None:
    """Raise BadRequest for parameters that mean nothing to a ranking."""
    flaws = [
        Flaw(f"means nothing with by={question.by}: leave it out", parameter=name.replace("_not", "__not"))
        for name in _MEANINGLESS.get(question.by, ())
        if getattr(question, name)
    ]
    flaws += [*_kinds_apart(question), *([] if flaws else _unit_apart(question))]
    if flaws:
        raise BadRequest("the ranking cannot be narrowed so", *flaws)


def _kinds_apart(question: RankingsQuestion) -> Iterator[Flaw]:
    """What is wrong with kinds that a ranking has nothing of, for which it would look as if nothing was recorded."""
    kinds = _KINDS.get(question.by, ())
    ranked = f"by={question.by} ranks {', '.join(kinds)}"
    if kinds and (others := [kind for kind in question.kind if kind not in kinds]):
        meant = kinds[0] if len(kinds) == 1 else None
        yield Flaw(f"{ranked}, and nothing of {' or '.join(others)}", parameter="kind", suggestion=meant)
    if kinds and set(kinds) <= set(question.kind_not):
        yield Flaw(f"{ranked}, and this leaves out all of it", parameter="kind__not")


def _unit_apart(question: RankingsQuestion) -> Iterator[Flaw]:
    """What is wrong with a unit in which nothing of the ranking can be stated."""
    units = _OF_FLEETS.get(question.by)
    if question.unit and question.unit not in (units or CURRENCIES):
        fitting = " or ".join(units) if units else "an ISO 4217 currency code such as USD"
        detail = f"by={question.by} cannot be ranked in {question.unit}: write {fitting}"
        yield Flaw(detail, parameter="unit", suggestion=units[0] if units else None)


def _of_edges(question: RankingsQuestion, found: Found) -> tuple[Ranking, Needs]:
    edges = EdgeSet(found).full()
    if question.by == "sole_source":
        points = single_points(edges)
        counts = {one.slug: Count(*_bounds(one.needs), *_bounds(one.planned)) for one in points}
        needs = {one.slug: one.needs for one in points}
        return rank_counts(question.by, counts, unit="need", partial=found.cut), needs
    items = _contract_items(edges) if question.by == "contract_value" else _investment_items(edges)
    return rank(question.by, items, unit=question.unit, nature="money", partial=found.cut), {}


def _bounds(needs: Sequence[Need]) -> tuple[int, int]:
    return sum(not need.possible for need in needs), len(needs)


def _contract_items(edges: Iterable[Edge]) -> Mapping[str, list[Item]]:
    """What each supplier's contracts are worth; one that states no value counts as undisclosed."""
    supplied = [edge for edge in edges if edge.record.type == "contracts" and edge.kind in SUPPLY_KINDS]
    suppliers: defaultdict[RecordRef, set[str]] = defaultdict(set)
    for edge in supplied:
        suppliers[edge.record].add(edge.on)
    return _by_company(
        Item(
            edge.on,
            edge.record,
            edge.amount,
            edge.stage,
            "money",
            shared_by=tuple(sorted(suppliers[edge.record])) if len(suppliers[edge.record]) > 1 else (),
            partial=edge.possible,
        )
        for edge in supplied
    )


def _investment_items(edges: Iterable[Edge]) -> Mapping[str, list[Item]]:
    """What each company has received as capital."""
    return _by_company(
        Item(edge.dependent, edge.record, edge.amount, edge.stage, edge.nature, edge.part_of, partial=edge.possible)
        for edge in edges
        if edge.kind == "capital"
    )


def _fleet_items(fleets: Iterable[StatedRecord], by: str, unit: str, day: date) -> Mapping[str, list[Item]]:
    """What each operator has or each vendor supplied, by the observations that hold on a day, or may."""
    running = [(fleet, lifetime) for fleet, lifetime in fleets_observed(fleets) if lifetime.may_hold(day)]
    return _by_company(
        Item(
            company,
            RecordRef("fleets", fleet.slug),
            stated,
            fleet.document["stage"],
            partial=not lifetime.holds(day),
        )
        for fleet, lifetime in running
        if fleet.document["stage"] not in ENDING_STAGES
        for company, stated in _stated(fleet.document, by, unit)
    )


def _stated(fleet: Mapping[str, Any], by: str, unit: str) -> list[tuple[str, Amount | None]]:
    """What a fleet says of its operator, or of each vendor of its hardware."""
    if by != "hardware":
        field = "accelerators" if by == "gpus" else by
        return [(fleet["operator"], amount_of(fleet[field]))]
    quantities: defaultdict[str, list[Amount | None]] = defaultdict(list)
    for one in fleet["hardware"]:
        quantities[one["vendor"]].append(amount_of(one["quantity"]))
    return [(vendor, _together(amounts, unit)) for vendor, amounts in quantities.items()]


def _together(amounts: Sequence[Amount | None], unit: str) -> Amount | None:
    """What several products come to in a unit: open where one of them is not known in it."""
    fitting = [one if one and one.unit == unit else None for one in amounts]
    if len(amounts) == 1 or not any(fitting):
        return amounts[0]
    return interval(add(map(bounds_of, fitting)), unit)


def _by_company(items: Iterable[Item]) -> Mapping[str, list[Item]]:
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for one in items:
        found[one.company].append(one)
    return found


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
