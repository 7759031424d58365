"""The routes of metrics."""

from app.ledger.routes import records_router
from app.metrics.repository import METRICS

router = records_router(METRICS)
