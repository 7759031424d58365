"""What is asked of search, suggest and match, and how they answer."""

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, StringConstraints, model_validator
from pydantic.json_schema import JsonSchemaValue

from app.ledger.fulltext import LONGEST
from app.models.companies import CompanyKind, Scheme
from app.models.ledger import ResourceType
from app.models.search import NameKind
from app.shared.fields import Country
from app.shared.model import Model

MOST_NAMES: Final = 1_000
"""How many names one request matches at most."""
MOST_IDENTIFIERS: Final = 20
_LONGEST_NAME: Final = 500


class _Closed(Model):
    model_config = ConfigDict(extra="forbid")


class SearchQuestion(_Closed):
    """A search over all records."""

    q: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="The words to search for: a record has to say all of them, or longer ones that begin so; or a "
        "company has a name that begins with these letters.",
        examples=["coreweave gpu"],
    )
    type: list[ResourceType] = Field(
        [], description="Only records of this resource; given twice, of either.", examples=[["contracts"]]
    )
    limit: int = Field(20, ge=1, le=100, description="How many records a page has at most.", examples=[20])
    cursor: str | None = Field(
        None, description="Where the page starts: taken from the next of the page before.", examples=[""]
    )


class SuggestQuestion(_Closed):
    """What somebody has typed so far."""

    q: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="The beginning of a name, an alias or an identifier, or of a later word of a name.",
        examples=["corew"],
    )
    limit: int = Field(10, ge=1, le=50, description="How many companies are suggested at most.", examples=[10])


class PartShown(Model):
    """A piece of a text."""

    text: str = Field(description="The piece, as it was recorded: it has to be escaped where it is shown.")
    match: bool = Field(description="Whether it is what was searched for.")


class HitShown(Model):
    """A record that was found."""

    type: ResourceType = Field(description="The resource.", examples=["contracts"])
    slug: str = Field(description="The public id.")
    title: str = Field(description="What the record is called.")
    url: str = Field(description="The address of the record.")
    score: float = Field(
        description="From 0 to 100: above 50 where the record is called so, the more the shorter its title; 50 where "
        "it says so; below 50 where only a slip of the pen could mean it.",
        examples=[75.0],
    )
    fuzzy: bool = Field(description="Whether it does not say what was searched for, but has a name much like it.")
    field: str = Field(description="The field in which it was found, as a dotted path.", examples=["citations.claim"])
    snippet: list[PartShown] = Field(description="What that field says round it, in pieces.")


class SearchShown(Model):
    """A page of records that were found, the best first."""

    data: list[HitShown] = Field(description="The records.")
    next: str | None = Field(description="The address of the next page, null on the last.")
    truncated: bool = Field(description="Whether more were found than were put in order: ask for more words.")


class MatchedName(Model):
    """The name by which a company was found."""

    what: NameKind = Field(description="What it is.", examples=["alias"])
    value: str = Field(description="The name, alias or identifier.", examples=["CoreWeave, Inc."])


class SuggestionShown(Model):
    """A company that may be meant."""

    slug: str = Field(description="The public id.", examples=["coreweave"])
    name: str = Field(description="Its usual name.", examples=["CoreWeave"])
    kind: CompanyKind = Field(description="What it mainly is.")
    url: str = Field(description="The address of the company.", examples=["/v1/companies/coreweave"])
    matched: MatchedName = Field(description="By what it was found.")
    fuzzy: bool = Field(description="Whether its name is only much like what was typed.")


class SuggestShown(Model):
    """Companies that may be meant, the likeliest first."""

    data: list[SuggestionShown] = Field(description="The companies.")


class AskedIdentifier(_Closed):
    """An identifier of the company that is meant."""

    scheme: Scheme = Field(description="Who gives the identifier.")
    value: Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_NAME)] = Field(
        description="The identifier itself.", examples=["1045810"]
    )


Name = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_NAME)]


class AskedName(_Closed):
    """A name by itself, or with what else is known of the company that is meant."""

    name: Name = Field(description="The name.", examples=["NVIDIA Corp."])
    identifiers: list[AskedIdentifier] = Field([], max_length=MOST_IDENTIFIERS, description="Its identifiers.")
    kind: CompanyKind | None = Field(None, description="What it mainly is.")
    country: Country | None = Field(None, description="Where it is based (ISO 3166-1 alpha-2).", examples=["US"])

    @model_validator(mode="before")
    @classmethod
    def _by_itself(cls, stated: Any) -> Any:  # noqa: ANN401 - whatever was sent
        if not isinstance(stated, str):
            return stated
        # Told of here, what is wrong is where the client wrote it: there is no object with a name.
        if not 1 <= len(stated) <= _LONGEST_NAME:
            raise ValueError(f"a name has from 1 to {_LONGEST_NAME} characters")
        return {"name": stated}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:  # noqa: ANN401 - Pydantic's own
        """An object, or the name alone."""
        return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME}, handler(core)]}


class MatchQuestion(_Closed):
    """Names to find companies for."""

    names: list[AskedName] = Field(
        min_length=1, max_length=MOST_NAMES, description="The names, each by itself or with what else is known."
    )
    limit: int = Field(5, ge=1, le=20, description="How many companies are shown for a name at most.")


class CandidateShown(Model):
    """A company that a name may mean."""

    slug: str = Field(description="The public id.", examples=["nvidia"])
    name: str = Field(description="Its usual name.", examples=["Nvidia"])
    kind: CompanyKind = Field(description="What it mainly is.")
    url: str = Field(description="The address of the company.", examples=["/v1/companies/nvidia"])
    score: float = Field(description="How likely it is meant, from 0 to 100.", examples=[95.0])
    decided: bool = Field(
        description="Whether it may be taken without asking a person: it alone has the identifier, or else the name."
    )
    why: list[str] = Field(description="What speaks for it and against it.")


class MatchedShown(Model):
    """What was found for one name."""

    name: str = Field(description="The name that was asked for.", examples=["NVIDIA Corp."])
    candidates: list[CandidateShown] = Field(description="The companies that it may mean, the best first.")


class MatchShown(Model):
    """What was found for the names, in their order."""

    data: list[MatchedShown] = Field(description="The names.")
