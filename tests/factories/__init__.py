"""Valid records as dicts, one file a resource; each takes overrides."""

from tests.factories.companies import company
from tests.factories.contracts import contract
from tests.factories.events import event
from tests.factories.fleets import fleet
from tests.factories.investments import investment
from tests.factories.loading import one_of_each, put
from tests.factories.metrics import metric
from tests.factories.sources import citation, source

__all__ = [
    "citation",
    "company",
    "contract",
    "event",
    "fleet",
    "investment",
    "metric",
    "one_of_each",
    "put",
    "source",
]
