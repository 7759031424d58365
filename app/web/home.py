"""Home: what the store holds, what changed last, on whom most depend, and what goes round."""

from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from app.graph.routes.loops import LoopsQuestion, loops
from app.graph.routes.rankings import RankingsQuestion, rankings
from app.ledger.change_stream import Watch
from app.ledger.changes import feed
from app.projection.titles import title_of
from app.shared.http import no_parameters
from app.shared.json import dumps, loads_own
from app.shared.reading import Reads
from app.transfer.resources import BY_TYPE
from app.web.asking import Asking
from app.web.kept import KeptPage
from app.web.page import page

router = APIRouter(route_class=KeptPage)
_NEWEST: Final = 8
_FEW: Final = [("limit", "8")]


@router.get("/", dependencies=[Depends(no_parameters)])
async def home(request: Request, reads: Reads) -> Response:
    """Show what the store holds."""
    asking = Asking(request, reads)
    ranking = await asking.ask(rankings, RankingsQuestion, "/v1/rankings", [("by", "dependents"), *_FEW])
    circles = await asking.ask(loops, LoopsQuestion, "/v1/loops", _FEW)
    counts = {kind: await _count(asking, kind) for kind in BY_TYPE}
    changes = await _newest(asking)
    slugs = [row["company"] for row in ranking["data"]] + [slug for one in circles["data"] for slug in one["nodes"]]
    return await page(
        request,
        "home.html",
        ranking=ranking,
        circles=circles,
        counts=counts,
        changes=changes,
        asked=asking.asked,
        **await asking.names(slugs, revision=ranking["revision"]),
    )


async def _count(asking: Asking, kind: str) -> int:
    return (await asking.list(BY_TYPE[kind], [("limit", "1"), ("count", "true")])).total or 0


async def _newest(asking: Asking) -> list[dict[str, Any]]:
    """The last changes, the newest first, each with what its record is called."""
    watch: Watch = asking.request.app.state.watch
    after = max(0, await watch.newest() - _NEWEST)
    asking.asked.append(f"/v1/changes?after={after}")
    changes = loads_own(dumps((await feed(asking.reads, after, _NEWEST)).data))
    return [change | {"title": _title(change)} for change in reversed(changes)]


def _title(change: dict[str, Any]) -> str:
    return title_of(change["record"]["type"], change["after"] or change["before"])
