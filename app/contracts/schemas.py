"""Contracts."""

from typing import Annotated, ClassVar, Final

from pydantic import BeforeValidator, Field

from app.companies.schemas import CompanySlug
from app.ledger.schemas import NeedsCitation, Part, Recorded, Reference, Text, Title
from app.models.base import Stage
from app.models.contracts import ContractKind, Role
from app.shared.fields import Flag, PartialDateText, number
from app.shared.quantity import CountQuantity, MoneyQuantity
from app.shared.slug import Slug

_WORTH: Final = {"qualifier": "exact", "amount": 11_900_000_000, "unit": "USD"}
_CAPACITY: Final = {"qualifier": "at_least", "amount": 200, "unit": "MW"}

ContractSlug = Annotated[Slug, Reference("contracts")]


class Party(Part):
    """A company and what it is to a contract."""

    company: CompanySlug = Field(description="The company.", examples=["openai"])
    role: Role = Field(description="What it is to the contract.")


class Contract(NeedsCitation):
    """An agreement by which companies supply each other or work together."""

    slug_from: ClassVar[tuple[str, ...]] = ("title", "announced_on")

    title: Title = Field(
        description="What it is called.", examples=["Microsoft supplies OpenAI with computing on Azure"]
    )
    kind: ContractKind = Field(description="What is supplied.")
    parties: list[Party] = Field(min_length=1, description="Who takes part, in which role.")
    value: MoneyQuantity | None = Field(None, description="What it is worth over its whole term.", examples=[_WORTH])
    capacities: list[CountQuantity] = Field(
        [], description="How much is supplied, in MW, GPUs, sites and so on.", examples=[[_CAPACITY]]
    )
    announced_on: PartialDateText | None = Field(None, description="When it was announced.")
    signed_on: PartialDateText | None = Field(None, description="When it was signed.")
    starts_on: PartialDateText | None = Field(None, description="When the supply starts.")
    ends_on: PartialDateText | None = Field(None, description="When it ends.")
    term_months: Annotated[int, BeforeValidator(number), Field(ge=1, le=1_200)] | None = Field(
        None, description="How many months it runs.", examples=[60]
    )
    exclusive: Flag | None = Field(None, description="Whether it keeps others out.")
    exclusive_until: PartialDateText | None = Field(None, description="Until when it kept or keeps others out.")
    stage: Stage = Field(description="How far it has come.")
    conditions: Text | None = Field(
        None, description="What it depends on.", examples=["Subject to the IPO of CoreWeave."]
    )
    amends: ContractSlug | None = Field(None, description="The contract that this one extends or changes.")
    products: list[Title] = Field([], description="What is supplied, by name.", examples=[["GPU cloud computing"]])
    used_in: list[Title] = Field([], description="Where the customer uses it.", examples=[["Microsoft 365 Copilot"]])
    description: Text | None = Field(
        None, description="What else is known.", examples=["Azure runs the training of the models."]
    )


class ShownContract(Contract, Recorded):
    """A contract as the store shows it."""
