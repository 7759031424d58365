"""How sources are kept."""

from app.ledger.resource import Resource
from app.models.sources import citations, source_reports_on, sources
from app.sources.schemas import ShownSource, Source

SOURCES = Resource(
    "sources",
    "a source",
    schema=Source,
    shown=ShownSource,
    table=sources,
    parts={"citations": citations, "reports_on": source_reports_on},
)
