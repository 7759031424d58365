"""Pages of questions across companies: search, paths, loops, compare, timeline and rankings."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.graph.routes.compare import CompareQuestion, comparison
from app.graph.routes.loops import LoopsQuestion, find_loops
from app.graph.routes.paths import PathsQuestion, find_paths
from app.graph.routes.ranking_question import RankingsQuestion
from app.graph.routes.rankings import rankings
from app.graph.routes.timeline import TimelineQuestion, timeline
from app.search.routes import search_records
from app.search.schemas import SearchQuestion
from app.shared.reading import Reads
from app.shared.turns import GRAPH, in_turn
from app.web.asking import Asking
from app.web.kept import KeptPage
from app.web.page import page

router = APIRouter(route_class=KeptPage, dependencies=[in_turn(GRAPH)])


@router.get("/search")
async def search_page(request: Request, reads: Reads) -> Response:
    """Show what was found for some words."""
    asking, found = Asking(request, reads), None
    if parameters := asking.parameters():
        found = await asking.ask(search_records, SearchQuestion, "/v1/search", parameters)
    return await page(request, "search.html", found=found, asked=asking.asked)


@router.get("/paths")
async def paths_page(request: Request, reads: Reads) -> Response:
    """Show how one company depends on another."""
    asking, answer, draw, known = Asking(request, reads), None, None, dict[str, Any]()
    if asking.parameters("as_of", "known_at"):
        inner, question = await asking.read(PathsQuestion, "/v1/paths", asking.parameters())
        answer, draw = await asking.drawn(find_paths(inner, reads, question, light=False))
        slugs = [slug for path in answer["paths"] for slug in path["nodes"]]
        known = await asking.names([*slugs, answer["from"], answer["to"]], answer)
    return await page(request, "paths.html", draw, answer=answer, asked=asking.asked, **known)


@router.get("/loops")
async def loops_page(request: Request, reads: Reads) -> Response:
    """Show circular deals and mutual dependence."""
    asking = Asking(request, reads)
    inner, question = await asking.read(LoopsQuestion, "/v1/loops", asking.parameters())
    answer, draw = await asking.drawn(find_loops(inner, reads, question))
    slugs = [slug for loop in answer["data"] for slug in loop["nodes"]]
    known = await asking.names([*slugs, *question.company], answer)
    return await page(request, "loops.html", draw, answer=answer, asked=asking.asked, **known)


@router.get("/compare")
async def compare_page(request: Request, reads: Reads) -> Response:
    """Show what companies share, and what only one of them has."""
    asking, answer, known = Asking(request, reads), None, dict[str, Any]()
    if asking.parameters("as_of", "known_at"):
        answer = await asking.ask(comparison, CompareQuestion, "/v1/compare", asking.parameters())
        known = await asking.names(answer["companies"], answer)
    return await page(request, "compare.html", answer=answer, asked=asking.asked, **known)


@router.get("/timeline")
async def timeline_page(request: Request, reads: Reads) -> Response:
    """Show dated facts in order."""
    asking = Asking(request, reads)
    answer = await asking.ask(timeline, TimelineQuestion, "/v1/timeline", asking.parameters())
    known = await asking.names(request.query_params.getlist("company"), answer)
    return await page(request, "timeline.html", answer=answer, asked=asking.asked, **known)


@router.get("/rankings")
async def rankings_page(request: Request, reads: Reads) -> Response:
    """Show companies in order of a figure."""
    asking = Asking(request, reads)
    answer = await asking.ask(rankings, RankingsQuestion, "/v1/rankings", asking.parameters())
    known = await asking.names(row["company"] for row in answer["data"])
    return await page(request, "rankings.html", answer=answer, asked=asking.asked, **known)
