"""How concentrated a company's suppliers, customers and investors are."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.graph.analysis.derived import Derived
from app.graph.analysis.exposure import Concentration, Exposure, Group, exposure
from app.graph.analysis.model import Observation, RecordRef
from app.graph.edge_set import EdgeSet, amount_of
from app.graph.question import EdgeFilter
from app.graph.render import bars
from app.graph.routes.common import ABOUT_ONE, Slug, asked, edge_filter, limits_of, no_dependency, root_of
from app.graph.routes.shown import amount, left_out, record, records
from app.graph.schemas.figures import ExposureShown
from app.graph.schemas.questions import DrawnQuestion, TimeQuestion
from app.graph.shapes import DRAWN_TYPES, ok, respond_as
from app.graph.store import Found, of_same_records
from app.graph.store.facts import metrics_of
from app.graph.tables import EXPOSURE
from app.shared.aside import aside
from app.shared.asking import described, parameters_of
from app.shared.negotiation import negotiated
from app.shared.partial_date import PartialDate
from app.shared.reading import Reads, same_question

router = APIRouter()


class ExposureQuestion(TimeQuestion, DrawnQuestion):
    """A question about what a company hangs on."""


@router.get(
    "/companies/{slug}/exposure",
    summary="How concentrated its suppliers, customers and investors are",
    responses=ok(ExposureShown, DRAWN_TYPES) | ABOUT_ONE,
    response_class=Response,
    openapi_extra=described(ExposureQuestion),
)
async def company_exposure(
    request: Request,
    reads: Reads,
    slug: Slug,
    question: Annotated[ExposureQuestion, Depends(parameters_of(ExposureQuestion))],
) -> Response:
    """Show how much of a company hangs on each supplier, customer and investor, with bounds and what is derived."""
    shape = negotiated(request, question.format, DRAWN_TYPES)
    root = await root_of(request, reads, slug, question)
    only, limits = edge_filter(question).at(root.revision), limits_of(request)
    found = await of_same_records(reads, root, only=only, limits=limits)
    metrics = await metrics_of(reads, root, only, limits.edges)
    cut = ("edges",) if found.cut or metrics.cut else ()
    given = await aside(_answer, slug, found, metrics.documents, only)
    empty = no_dependency(only, given.groups or given.derived, found.nodes[root.id].name)
    content = {
        "company": slug,
        **asked(only),
        "groups": [_group(group) for group in given.groups],
        "derived": [_derived(figure) for figure in given.derived],
        "unknowns": [*empty, *given.unknowns],
        "truncated": bool(cut),
        "truncated_by": cut,
        "limits": {"edges": limits.edges},
    }
    names = {node.slug: node.name for node in found.nodes.values()}
    numbers = same_question(request, format="json")
    draw = partial(bars.exposure, content, names, narrowed=only.narrowed, link=numbers, width=question.width)
    write = partial(EXPOSURE.write, content)
    return await respond_as(shape, request, only.newest, content, csv=write, svg=draw)


def _answer(slug: str, found: Found, metrics: list[dict[str, Any]], only: EdgeFilter) -> Exposure:
    observations = [_observation(metric) for metric in metrics if _began(metric["period"], only)]
    return exposure(slug, EdgeSet(found).full(), observations, partial=found.cut)


def _began(period: str | None, only: EdgeFilter) -> bool:
    return period is None or PartialDate.parse(period).earliest <= only.as_of


def _observation(metric: dict[str, Any]) -> Observation:
    value = amount_of(metric["value"])
    if value is None:
        raise ValueError(f"the metric {metric['slug']} has no value")
    ref = RecordRef("metrics", metric["slug"])
    return Observation(metric["company"], metric["counterparty"], metric["name"], metric["period"] or "", value, ref)


def _group(group: Group) -> dict[str, Any]:
    return {
        "by": group.by,
        "kind": group.kind,
        "companies": group.companies,
        "stated_shares": [
            {
                "company": one.company,
                "share": amount(one.share),
                "record": record(one.record),
                "stage": one.stage or None,
                "period": one.period,
                "possible": one.possible,
            }
            for one in group.stated
        ],
        "concentrations": [_concentration(one) for one in group.concentrations],
        "left_out": left_out(group.left_out),
    }


def _concentration(one: Concentration) -> dict[str, Any]:
    return {
        "basis": one.basis,
        "tentative": one.tentative,
        "unit": one.unit,
        "nature": one.nature,
        "period": one.period,
        "total": amount(one.total),
        "parties": [
            {
                "company": party.company,
                "amount": amount(party.amount),
                "share": amount(party.share),
                "records": records(party.records),
            }
            for party in one.parties
        ],
        "remainder": amount(one.remainder),
        "hhi": amount(one.hhi),
        "left_out": left_out(one.left_out),
    }


def _derived(figure: Derived) -> dict[str, Any]:
    return {
        "name": figure.name,
        "company": figure.company,
        "counterparty": figure.counterparty,
        "period": figure.period,
        "value": amount(figure.value),
        "formula": figure.formula,
        "inputs": [
            {"name": one.name, "period": one.period, "value": amount(one.value), "record": record(one.record)}
            for one in figure.inputs
        ],
        "note": figure.note,
    }
