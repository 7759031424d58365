"""Fleets."""

from decimal import Decimal
from typing import Annotated, ClassVar, Final

from pydantic import BeforeValidator, Field

from app.companies.schemas import CompanySlug
from app.ledger.schemas import NeedsCitation, Part, Recorded, Reference, Title
from app.models.base import Stage
from app.shared.fields import Country, PartialDateText, number
from app.shared.quantity import CountQuantity
from app.shared.slug import Slug

_GPUS: Final = {"qualifier": "more_than", "amount": 250_000, "unit": "gpu"}
_SITES: Final = {"qualifier": "exact", "amount": 32, "unit": "site"}
_POWER: Final = {"qualifier": "up_to", "amount": 1_200, "unit": "MW"}


class Hardware(Part):
    """Hardware of one vendor in a fleet."""

    vendor: CompanySlug = Field(description="Who makes it.", examples=["nvidia"])
    product: Title | None = Field(None, description="What it is.", examples=["Blackwell"])
    quantity: CountQuantity | None = Field(None, description="How many there are.", examples=[_GPUS])


class Fleet(NeedsCitation):
    """The data centers of an operator as they were observed at a date."""

    slug_from: ClassVar[tuple[str, ...]] = ("operator", "as_of")

    operator: CompanySlug = Field(description="Who runs it.", examples=["coreweave"])
    as_of: PartialDateText | None = Field(None, description="When it was so.")
    sites: CountQuantity | None = Field(None, description="How many data centers it has.", examples=[_SITES])
    accelerators: CountQuantity | None = Field(None, description="How many accelerators it has.", examples=[_GPUS])
    power: CountQuantity | None = Field(None, description="How much power it draws.", examples=[_POWER])
    hardware: list[Hardware] = Field([], description="What it consists of.")
    users: list[CompanySlug] = Field([], description="Who uses it.")
    country: Country | None = Field(None, description="Where it is (ISO 3166-1 alpha-2).", examples=["US"])
    latitude: (
        Annotated[Decimal, BeforeValidator(number), Field(ge=-90, le=90, max_digits=8, decimal_places=6)] | None
    ) = Field(None, description="Degrees north (WGS 84).", examples=[41.59])
    longitude: (
        Annotated[Decimal, BeforeValidator(number), Field(ge=-180, le=180, max_digits=9, decimal_places=6)] | None
    ) = Field(None, description="Degrees east (WGS 84).", examples=[-93.62])
    stage: Stage = Field("active", description="How far it has come.")
    supersedes: Annotated[Slug, Reference("fleets")] | None = Field(
        None,
        description="The earlier observation that it replaces; an intended or rumoured one replaces nothing that runs.",
    )


class ShownFleet(Fleet, Recorded):
    """A fleet as the store shows it."""
