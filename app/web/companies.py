"""The pages of a company: what it depends on, who depends on it, exposure, impact, timeline, records, about."""

from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.graph.analysis.model import Direction
from app.graph.render.palette import KINDS
from app.graph.routes.exposure import ExposureQuestion, company_exposure
from app.graph.routes.impact import company_impact
from app.graph.routes.near import find_near
from app.graph.routes.timeline import TimelineQuestion, timeline
from app.graph.schemas.questions import DepthQuestion, ImpactQuestion
from app.graph.store.timeline import days_of
from app.shared.partial_date import today
from app.shared.reading import Reads
from app.shared.turns import GRAPH, in_turn
from app.transfer.resources import BY_TYPE
from app.web.asking import Asking
from app.web.kept import KeptPage
from app.web.page import CLOCKS, page

router = APIRouter(prefix="/companies/{slug}", route_class=KeptPage, dependencies=[in_turn(GRAPH)])
_ROWS: Final = 60
"""How many dependencies the table of a page has at most; the rest are a link away."""
_STOPS: Final = 200
_OF_A_COMPANY: Final = ("contracts", "investments", "fleets", "metrics", "events")


@router.get("")
@router.get("/dependencies")
async def dependencies_page(request: Request, reads: Reads, slug: str) -> Response:
    """Show what a company depends on, as a picture and as a table."""
    return await _near(request, reads, slug, "depends_on")


@router.get("/dependents")
async def dependents_page(request: Request, reads: Reads, slug: str) -> Response:
    """Show who depends on a company."""
    return await _near(request, reads, slug, "depended_on_by")


@router.get("/exposure")
async def exposure_page(request: Request, reads: Reads, slug: str) -> Response:
    """Show how concentrated a company's suppliers, customers and investors are."""
    asking = Asking(request, reads)
    company = await asking.record(BY_TYPE["companies"], slug)
    path = f"/v1/companies/{slug}/exposure"
    answer = await asking.ask(company_exposure, ExposureQuestion, path, asking.parameters(), slug=slug)
    known = await asking.names([*_companies_in(answer), company["parent"]])
    return await page(request, "exposure.html", company=company, answer=answer, asked=asking.asked[1:], **known)


@router.get("/impact")
async def impact_page(request: Request, reads: Reads, slug: str) -> Response:
    """Show who would lose what if a company stopped."""
    asking = Asking(request, reads)
    company = await asking.record(BY_TYPE["companies"], slug)
    path = f"/v1/companies/{slug}/impact"
    answer = await asking.ask(company_impact, ImpactQuestion, path, asking.parameters(), slug=slug)
    known = await asking.names([*_companies_in(answer), company["parent"]], answer)
    return await page(request, "impact.html", company=company, answer=answer, asked=asking.asked[1:], **known)


@router.get("/timeline")
async def company_timeline_page(request: Request, reads: Reads, slug: str) -> Response:
    """Show the dated facts of a company in order."""
    asking = Asking(request, reads)
    company = await asking.record(BY_TYPE["companies"], slug)
    parameters = [("company", slug), *asking.parameters("as_of", "known_at", "published_by")]
    answer = await asking.ask(timeline, TimelineQuestion, "/v1/timeline", parameters)
    known = await asking.names([company["parent"]], answer)
    return await page(request, "company_timeline.html", company=company, answer=answer, asked=asking.asked[1:], **known)


@router.get("/records")
async def records_page(request: Request, reads: Reads, slug: str) -> Response:
    """Show the contracts, investments, fleets, metrics and events that name a company."""
    asking = Asking(request, reads)
    asking.takes(*CLOCKS)
    company = await asking.record(BY_TYPE["companies"], slug)
    about = [("company", slug), ("limit", "100"), ("count", "true")]
    lists = {kind: await asking.list(BY_TYPE[kind], about) for kind in _OF_A_COMPANY}
    listed = _companies_in([found.records for found in lists.values()])
    known = await asking.names([*listed, company["parent"]])
    return await page(request, "records.html", company=company, lists=lists, asked=asking.asked[1:], **known)


async def _near(request: Request, reads: Reads, slug: str, direction: Direction) -> Response:
    asking = Asking(request, reads)
    company = await asking.record(BY_TYPE["companies"], slug)
    asking.asked.clear()
    name = "dependencies" if direction == "depends_on" else "dependents"
    inner, question = await asking.read(DepthQuestion, f"/v1/companies/{slug}/{name}", asking.parameters())
    answer, draw = await asking.drawn(find_near(inner, slug, question, direction))
    rows = _nearest(answer)
    known = await asking.names([company["parent"]], rows)
    known["names"] = {**known["names"], **{node["slug"]: node["name"] for node in answer["nodes"]}}
    return await page(
        request,
        "company.html",
        draw,
        company=company,
        answer=answer,
        rows=rows,
        direction=direction,
        days=await _days(asking, slug, answer["as_of"]),
        kinds=list(KINDS),
        asked=asking.asked[:1],
        **known,
    )


def _nearest(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The dependencies for the table, those next to the company first."""
    depths = {node["slug"]: node["depth"] for node in answer["nodes"]}
    near = "from" if answer["direction"] == "depends_on" else "to"
    return sorted(answer["edges"], key=lambda edge: depths[edge[near]])[:_ROWS]


async def _days(asking: Asking, slug: str, as_of: str) -> dict[str, Any]:
    """The days on which something of a company begins or ends, for the slider, and those next to the one shown."""
    now = today()
    found = sorted({*await days_of(asking.reads, slug, _STOPS), now})
    shown = date.fromisoformat(as_of)
    return {
        "stops": [day.isoformat() for day in found],
        "before": next((day.isoformat() for day in reversed(found) if day < shown), None),
        "after": next((day.isoformat() for day in found if day > shown), None),
        "today": now.isoformat(),
    }


_COMPANY_FIELDS: Final = frozenset(
    {"company", "counterparty", "investee", "operator", "vendor", "source", "from", "to", "parent"}
)
_COMPANY_LISTS: Final = frozenset(
    {"companies", "investors", "users", "via", "alternatives", "also_affected", "planned", "nodes"}
)


def _companies_in(found: object) -> set[str]:
    """The companies that an answer names anywhere, but in its citations."""
    if isinstance(found, list):
        return {slug for one in found for slug in _companies_in(one)}
    if not isinstance(found, dict):
        return set()
    named = set[str]()
    for field, value in found.items():
        if field in _COMPANY_FIELDS and isinstance(value, str):
            named.add(value)
        elif field in _COMPANY_LISTS and isinstance(value, list):
            named |= {slug for slug in value if isinstance(slug, str)}
            named |= _companies_in(value)
        elif field != "citations":
            named |= _companies_in(value)
    return named
