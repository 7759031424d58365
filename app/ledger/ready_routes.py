"""Whether the service can answer, for whoever sends it requests."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from app.ledger.replica import lag
from app.shared.database import Database
from app.shared.errors import Unavailable
from app.shared.model import Model
from app.shared.schema import OUTDATED, schema_of, suits

router = APIRouter(tags=["operations"])


class Replica(Model):
    """How far the replica that answers reads is behind the store; null where the store cannot be asked."""

    revisions: int | None = Field(description="How many revisions it lacks.", examples=[0])
    seconds: float | None = Field(description="For how long it has lacked the first of them.", examples=[0.0])


class Ready(Model):
    """That the store can be asked, and how."""

    status: Literal["ok"] = Field(description="Always ok: a service that is not ready answers with 503.")
    database: str = Field(description="The database: sqlite or postgresql.", examples=["postgresql"])
    migration: str = Field(description="The revision of the schema.", examples=["0004"])
    replica: Replica | None = Field(description="The replica that answers reads; null where there is none.")


@router.get(
    "/ready",
    summary="Can the store be asked",
    responses={503: {"description": "The store is away, or its schema is older than this code."}},
)
async def ready(request: Request) -> Ready:
    """Say whether the store can be asked, with a schema that suits this code, and how far a replica lags."""
    database: Database = request.app.state.database
    schema = await schema_of(database)
    if not suits(schema):
        raise Unavailable(OUTDATED)
    return Ready(
        status="ok",
        database=database.writer.dialect.name,
        migration=schema or "",
        replica=await _replica(database) if database.has_replica else None,
    )


async def _replica(database: Database) -> Replica:
    try:
        behind = await lag(database)
    except (SQLAlchemyError, OSError):
        # A replica answers on its own, however long the store is away: nobody shall take it out of service for that.
        return Replica(revisions=None, seconds=None)
    return Replica(revisions=behind.revisions, seconds=round(behind.seconds, 3))
