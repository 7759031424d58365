"""How fleets are kept."""

from app.fleets.schemas import Fleet, ShownFleet
from app.ledger.resource import Resource
from app.models.fleets import fleet_hardware, fleet_users, fleets
from app.models.sources import citations

FLEETS = Resource(
    "fleets",
    "a fleet",
    schema=Fleet,
    shown=ShownFleet,
    table=fleets,
    parts={"citations": citations, "hardware": fleet_hardware, "users": fleet_users},
)
