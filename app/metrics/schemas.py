"""Metrics."""

from typing import ClassVar

from pydantic import Field

from app.companies.schemas import CompanySlug
from app.ledger.schemas import NeedsCitation, Recorded
from app.models.metrics import MetricName
from app.shared.fields import PartialDateText
from app.shared.quantity import Quantity


class Metric(NeedsCitation):
    """What was measured of a company for a period."""

    slug_from: ClassVar[tuple[str, ...]] = ("company", "counterparty", "name", "period")
    adds_up_by: ClassVar[str] = "name"

    company: CompanySlug = Field(description="The company that was measured.", examples=["coreweave"])
    counterparty: CompanySlug | None = Field(
        None, description="The company that a share is with.", examples=["microsoft"]
    )
    name: MetricName = Field(description="What was measured.")
    period: PartialDateText | None = Field(None, description="The period that it was measured for.")
    value: Quantity = Field(
        description="How much it was.", examples=[{"qualifier": "exact", "amount": 1_900_000_000, "unit": "USD"}]
    )


class ShownMetric(Metric, Recorded):
    """A metric as the store shows it."""
