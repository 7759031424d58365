"""Investments."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from app.companies.schemas import CompanySlug
from app.ledger.schemas import NeedsCitation, Recorded, Reference, Text, Title
from app.models.base import Stage
from app.models.investments import Instrument
from app.shared.fields import PartialDateText
from app.shared.quantity import MoneyQuantity, ShareQuantity
from app.shared.slug import Slug

_WORTH: Final = {"qualifier": "more_than", "amount": 10_000_000_000, "unit": "USD"}
_STAKE: Final = {"qualifier": "approximately", "amount": 5, "unit": "percent"}


class Investment(NeedsCitation):
    """Capital that investors put into a company, in money or in kind."""

    slug_from: ClassVar[tuple[str, ...]] = ("investors", "investee", "announced_on")

    title: Title = Field(description="What it is called.", examples=["Microsoft invests in OpenAI"])
    investors: list[CompanySlug] = Field(min_length=1, description="Who invests.")
    investee: CompanySlug = Field(description="Who receives the capital.", examples=["coreweave"])
    instrument: Instrument = Field(description="What the capital consists of.")
    amount: MoneyQuantity | None = Field(None, description="What it is worth.", examples=[_WORTH])
    stake: ShareQuantity | None = Field(None, description="The share of the company that it buys.", examples=[_STAKE])
    announced_on: PartialDateText | None = Field(None, description="When it was announced.")
    closed_on: PartialDateText | None = Field(None, description="When it was closed.")
    stage: Stage = Field(description="How far it has come.")
    conditions: Text | None = Field(None, description="What it depends on.", examples=["Tied to the IPO of CoreWeave."])
    contract: Annotated[Slug, Reference("contracts")] | None = Field(
        None, description="The contract that it belongs to."
    )


class ShownInvestment(Investment, Recorded):
    """An investment as the store shows it."""
