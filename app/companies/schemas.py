"""Companies."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from stdnum import isin, lei

from app.ledger.schemas import Part, Record, Recorded, Reference, Text, Title
from app.models.companies import CompanyKind, Scheme
from app.shared.fields import Country, WebAddress
from app.shared.slug import Slug

CompanySlug = Annotated[Slug, Reference("companies")]
_CHECKED = {"lei": lei, "isin": isin}


class Identifier(Part):
    """An identifier of a company in a public scheme."""

    scheme: Scheme = Field(description="Who gives the identifier.")
    value: Title = Field(description="The identifier itself.", examples=["NVDA"])

    @model_validator(mode="after")
    def _check_digits(self) -> Self:
        if self.scheme in _CHECKED and not _CHECKED[self.scheme].is_valid(self.value):
            raise ValueError(f"{self.value!r} is not a valid {self.scheme.upper()}: its check digits do not fit")
        return self


class Company(Record):
    """A company, or a body that acts like one."""

    slug_from: ClassVar[tuple[str, ...]] = ("name",)
    names: ClassVar[tuple[str, ...]] = ("name", "aliases")

    name: Title = Field(description="Its usual name.", examples=["CoreWeave"])
    kind: CompanyKind = Field(description="What it mainly is.")
    aliases: list[Title] = Field(
        [], description="Other names that it goes by; each of them finds it.", examples=[["NVIDIA"]]
    )
    identifiers: list[Identifier] = Field([], description="Its identifiers in public schemes.")
    parent: CompanySlug | None = Field(None, description="The company that owns it.")
    website: WebAddress | None = Field(None, description="Its website.", examples=["https://www.coreweave.com"])
    country: Country | None = Field(None, description="Where it is based (ISO 3166-1 alpha-2).", examples=["US"])
    description: Text | None = Field(None, description="What it does.", examples=["Rents out GPUs for AI."])


class ShownCompany(Company, Recorded):
    """A company as the store shows it."""
