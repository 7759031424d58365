"""The seven resources, in an order in which each refers only to earlier ones or to its own."""

from app.companies.repository import COMPANIES
from app.contracts.repository import CONTRACTS
from app.events.repository import EVENTS
from app.fleets.repository import FLEETS
from app.investments.repository import INVESTMENTS
from app.metrics.repository import METRICS
from app.sources.repository import SOURCES

IN_ORDER = (SOURCES, COMPANIES, CONTRACTS, INVESTMENTS, FLEETS, METRICS, EVENTS)
BY_TYPE = {resource.type: resource for resource in IN_ORDER}
