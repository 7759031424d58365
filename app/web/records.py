"""The pages of records: the list of each resource, one record with its claims and its history, fleets and sources."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.graph.routes.ranking_question import RankingsQuestion
from app.graph.routes.rankings import rankings
from app.ledger.claim_routes import claims_about
from app.ledger.expanding import places, references_of
from app.ledger.history import history
from app.ledger.listing import DEFAULT_LIMIT
from app.ledger.resource import Resource
from app.projection.titles import named_title
from app.shared.json import dumps, loads_own
from app.shared.reading import Reads
from app.transfer.resources import BY_TYPE, IN_ORDER
from app.web.asking import Asking
from app.web.kept import KeptPage
from app.web.page import CLOCKS, page
from app.web.shown import list_address

router = APIRouter(route_class=KeptPage)
_SUPPORTED: Final = [("limit", "50"), ("count", "true")]


def _add_list(resource: Resource) -> None:
    """Add the page that lists a resource."""

    @router.get(list_address(resource.type))
    async def list_page(request: Request, reads: Reads) -> Response:
        asking = Asking(request, reads)
        given = asking.parameters()
        counted = [] if any(name == "count" for name, _ in given) else [("count", "true")]
        listed = await asking.list(resource, [*given, *counted])
        more = await _fleets(asking) if resource.type == "fleets" else {}
        slugs = [*companies_of(resource, listed.records), *more.pop("slugs", ())]
        known = await asking.names(slugs, listed.records)
        template = "fleets.html" if resource.type == "fleets" else "list.html"
        shown = {"resource": resource, "listed": listed, "asked": asking.asked}
        return await page(request, template, **shown, **more, **known)


def _add_record(resource: Resource) -> None:
    """Add the page of one record, at the address of its API."""

    # Companies have pages of their own: this one is about what is recorded of them.
    @router.get(f"/{resource.type}/{{slug}}{'/about' if resource.type == 'companies' else ''}")
    async def record_page(request: Request, reads: Reads, slug: str) -> Response:
        asking = Asking(request, reads)
        asking.takes(*(CLOCKS if resource.type == "companies" else ("known_at",)))
        document = await asking.record(resource, slug)
        claims = loads_own(dumps(await claims_about(reads, resource, document)))
        told = await history(reads, resource.type, slug, DEFAULT_LIMIT)
        versions = loads_own(dumps(told.entries))
        supports = await _supported(asking, slug) if resource.type == "sources" else {}
        slugs = companies_of(resource, [document, *(_stated(entry) for entry in versions)])
        slugs += [one for kind, found in supports.items() for one in companies_of(BY_TYPE[kind], found.records)]
        others = [claim["source"] for one in claims for claim in one["claims"]] + document.get("reports_on", [])
        cited = [document, {"citations": [{"source": other, "attributed_to": None} for other in others]}]
        known = await asking.names(slugs, cited)
        return await page(
            request,
            "company_about.html" if resource.type == "companies" else "record.html",
            resource=resource,
            title=named_title(resource.type, document, known["names"]),
            document=document,
            company=document,
            claims=[one for one in claims if len(one["claims"]) > 1],
            versions=versions,
            has_older=told.last is not None,
            supports=supports,
            asked=[
                asking.asked[0],
                *(f"/v1/{resource.type}/{slug}/{part}" for part in ("claims", "history")),
                *asking.asked[1:],
            ],
            **known,
        )


def companies_of(resource: Resource, documents: Iterable[Mapping[str, Any]]) -> list[str]:
    """The companies that records of a resource name, by their slugs."""
    paths = [path for path, named in references_of(resource).items() if named == "companies"]
    found = list(documents)
    return [slug for path in paths for *_, slug in places(found, path.split("."))]


def _stated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a version changed, as a record of these fields."""
    return {change["field"]: change["new"] for change in entry["changes"]}


async def _supported(asking: Asking, slug: str) -> dict[str, Any]:
    """What cites a source, by resource."""
    found = {one.type: await asking.list(one, [("source", slug), *_SUPPORTED]) for one in IN_ORDER}
    return {kind: listed for kind, listed in found.items() if listed.records}


async def _fleets(asking: Asking) -> dict[str, Any]:
    """Who has and who makes the most accelerators, with the bounds of what was said."""
    by = {name: await _ranked(asking, name) for name in ("gpus", "hardware")}
    return {"rankings": by, "slugs": [row["company"] for ranking in by.values() for row in ranking["data"]]}


async def _ranked(asking: Asking, by: str) -> dict[str, Any]:
    return await asking.ask(rankings, RankingsQuestion, "/v1/rankings", [("by", by)])


for one in BY_TYPE.values():
    _add_list(one)
    _add_record(one)
