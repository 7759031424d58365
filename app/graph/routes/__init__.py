"""The routes of the graph, in the order in which its documentation reads; before them come those of `near`."""

from fastapi import APIRouter, Depends

from app.graph.routes import compare, diff, exposure, impact, loops, paths, rankings, timeline
from app.ledger.unchanged import UNCHANGED, unless_unchanged
from app.shared.turns import GRAPH, in_turn

router = APIRouter(tags=["graph"], dependencies=[Depends(unless_unchanged)], responses=UNCHANGED)
for part in (diff, exposure, impact, paths, loops, compare, rankings, timeline):
    # The timeline is a page of facts, in no need of a turn.
    router.include_router(part.router, dependencies=[] if part is timeline else [in_turn(GRAPH)])
