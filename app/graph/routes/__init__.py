"""The routes of the graph, in the order in which its documentation reads."""

from fastapi import APIRouter, Depends

from app.graph.routes import compare, diff, exposure, impact, loops, near, paths, rankings, timeline
from app.ledger.unchanged import UNCHANGED, unless_unchanged
from app.shared.turns import GRAPH, in_turn

router = APIRouter(tags=["graph"], dependencies=[Depends(unless_unchanged)], responses=UNCHANGED)
for part in (near, diff, exposure, impact, paths, loops, compare, rankings, timeline):
    # What is near is one statement, and small most of the time: where it is large, it takes its turn then.
    router.include_router(part.router, dependencies=[] if part in {near, timeline} else [in_turn(GRAPH)])
