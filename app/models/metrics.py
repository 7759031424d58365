"""Metrics: what was measured of a company for a period."""

from typing import Literal

from sqlalchemy import Column

from app.models.base import one_of, partial_date, quantity, reference, resource_table
from app.shared.types import Words

MetricName = Literal["revenue", "revenue_share", "compute_share", "capex", "valuation", "headcount", "other"]

metrics = resource_table(
    "metrics",
    reference("company_id", "companies"),
    reference("counterparty_id", "companies", optional=True),
    Column("name", Words, nullable=False),
    partial_date("period"),
    quantity("value"),
    one_of("name", MetricName),
    indexed=("name", "period_earliest", "value_low"),
)
