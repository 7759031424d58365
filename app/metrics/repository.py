"""How metrics are kept."""

from app.ledger.resource import Resource
from app.metrics.schemas import Metric, ShownMetric
from app.models.metrics import metrics
from app.models.sources import citations

METRICS = Resource(
    "metrics",
    "a metric",
    schema=Metric,
    shown=ShownMetric,
    table=metrics,
    parts={"citations": citations},
)
