"""Home: what the store holds, what changed last, on whom most depend, and what goes round."""

from asyncio import gather
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, cast

from fastapi import APIRouter, Depends, Request, Response

from app.graph.routes.loops import LoopsQuestion, loops
from app.graph.routes.ranking_question import RankingsQuestion
from app.graph.routes.rankings import rankings
from app.ledger.change_stream import Watch
from app.ledger.changes import feed
from app.ledger.revisions import Revisions
from app.projection.titles import named_title, titled_by
from app.shared.database import Database
from app.shared.http import no_parameters
from app.shared.json import dumps, loads_own
from app.shared.partial_date import today
from app.shared.reading import Reads
from app.transfer.resources import BY_TYPE
from app.web.aside import Aside, Told
from app.web.asking import Asking
from app.web.page import page, with_parameters

# Not kept as a whole: what is worked out aside may come later, at the same revision.
router = APIRouter()
_NEWEST: Final = 8
_FEW: Final = [("limit", "8")]
_BY_DEPENDENTS: Final = [("by", "dependents"), *_FEW]
_COUNTED: Final = [("limit", "1"), ("count", "true")]


@router.get("/", dependencies=[Depends(no_parameters)])
async def home(request: Request, reads: Reads) -> Response:
    """Show what the store holds. What has to look through all of it is not waited for."""
    asking, aside = Asking(request, reads), cast("Aside", request.app.state.aside)
    revisions: Revisions = request.app.state.revisions
    # What holds today may not hold tomorrow, though nothing is recorded.
    state = (await revisions.now(), today())
    works = {"ranking": _ranking, "circles": _circles, "counts": _counts}
    told = await gather(*(aside.ask(name, state, partial(_apart, request, work)) for name, work in works.items()))
    shown = dict(zip(works, told, strict=True))
    slugs = [row["company"] for row in _rows(shown["ranking"])]
    slugs += [slug for one in _rows(shown["circles"]) for slug in one["nodes"]]
    changes = await _newest(asking)
    slugs += [slug for change in changes for slug in titled_by(change["record"]["type"], _document(change))]
    known = await asking.names(slugs)
    for change in changes:
        change["title"] = named_title(change["record"]["type"], _document(change), known["names"])
    return await page(request, "home.html", **shown, changes=changes, asked=_ADDRESSES + asking.asked, **known)


async def _apart(request: Request, work: Callable[[Asking], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what it answers
    """Ask over a connection of its own, since the page may be sent before."""
    database: Database = request.app.state.database
    async with database.reading() as reads:
        return await work(Asking(request, reads))


async def _ranking(asking: Asking) -> dict[str, Any]:
    return await asking.ask(rankings, RankingsQuestion, "/v1/rankings", _BY_DEPENDENTS)


async def _circles(asking: Asking) -> dict[str, Any]:
    return await asking.ask(loops, LoopsQuestion, "/v1/loops", _FEW)


async def _counts(asking: Asking) -> dict[str, int]:
    return {kind: (await asking.list(resource, _COUNTED)).total or 0 for kind, resource in BY_TYPE.items()}


_ADDRESSES: Final = [
    with_parameters("/v1/rankings", _BY_DEPENDENTS),
    with_parameters("/v1/loops", _FEW),
    *(with_parameters(f"/v1/{kind}", _COUNTED) for kind in BY_TYPE),
]
"""Where the API answers what is worked out aside."""


def _rows(told: Told) -> list[dict[str, Any]]:
    return told.answer["data"] if told.answer else []


async def _newest(asking: Asking) -> list[dict[str, Any]]:
    """The last changes, the newest first."""
    watch: Watch = asking.request.app.state.watch
    after = max(0, await watch.newest() - _NEWEST)
    asking.asked.append(f"/v1/changes?after={after}")
    changes: list[dict[str, Any]] = loads_own(dumps((await feed(asking.reads, after, _NEWEST)).data))
    return changes[::-1]


def _document(change: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = change["after"] or change["before"]
    return document
