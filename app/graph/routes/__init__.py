"""The routes of the graph, in the order in which its documentation reads."""

from fastapi import APIRouter

from app.graph.routes import compare, diff, exposure, impact, loops, near, paths, rankings, timeline

router = APIRouter(tags=["graph"])
for part in (near, diff, exposure, impact, paths, loops, compare, rankings, timeline):
    router.include_router(part.router)
