"""The route that says whether the process is alive."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from app.shared.model import Model

router = APIRouter(tags=["operations"])


class Health(Model):
    """That the service is there."""

    status: Literal["ok"] = Field(description="Always ok: a service that is not does not answer.")


@router.get("/health", summary="Is the process alive")
async def health() -> Health:
    """Say that the process is alive, without touching the store."""
    return Health(status="ok")
