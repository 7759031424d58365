"""The routes of the graph, in the order in which its documentation reads."""

from fastapi import APIRouter, Depends

from app.graph.routes import compare, diff, exposure, impact, loops, near, paths, rankings, timeline
from app.ledger.unchanged import UNCHANGED, unless_unchanged

router = APIRouter(tags=["graph"], dependencies=[Depends(unless_unchanged)], responses=UNCHANGED)
for part in (near, diff, exposure, impact, paths, loops, compare, rankings, timeline):
    router.include_router(part.router)
