"""Routes for whoever runs the service: is it alive, can it answer."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.shared.database import Database
from app.shared.errors import Unavailable
from app.shared.migration import is_current

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """That the service is there."""

    status: Literal["ok"] = Field(description="Always ok: a service that is not does not answer.")


@router.get("/health", summary="Is the process alive")
async def health() -> Health:
    """Say that the process is alive, without touching the store."""
    return Health(status="ok")


@router.get(
    "/ready",
    summary="Can the store be asked",
    responses={503: {"description": "The store is away, or has another schema than this code."}},
)
async def ready(request: Request) -> Health:
    """Say whether the store can be asked, with the schema that this code was written for."""
    database: Database = request.app.state.database
    if not await is_current(database):
        raise Unavailable("the store has another schema than this code was written for: run dealgraph migrate")
    return Health(status="ok")
