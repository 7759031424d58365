"""How events are kept."""

from app.events.schemas import Event, ShownEvent
from app.ledger.resource import Resource
from app.models.events import event_companies, events
from app.models.sources import citations

EVENTS = Resource(
    "events",
    "an event",
    schema=Event,
    shown=ShownEvent,
    table=events,
    parts={"citations": citations, "companies": event_companies},
)
