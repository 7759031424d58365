"""What may be asked of the graph over HTTP, and what is answered."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from app.models.base import Stage
from app.models.edges import EdgeKind
from app.models.sources import Evidence
from app.shared.partial_date import day
from app.shared.quantity import Quantity
from app.sources.schemas import Citation

MAX_DEPTH = 8
Shape = Literal["json", "text", "csv", "mermaid", "dot", "graphml", "svg"]
Day = Annotated[date, BeforeValidator(lambda text: day(text) if isinstance(text, str) else text)]


class TimeQuestion(BaseModel):
    """When: in the world, and in what this store knew."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = Field(
        None, description="The day on which it holds or may hold; today by default.", examples=["2025-03-12"]
    )
    known_at: AwareDatetime | None = Field(
        None, description="As this store knew it then (RFC 3339).", examples=["2026-11-23T12:00:00Z"]
    )
    published_by: Day | None = Field(
        None, description="Only what some source had published by that day.", examples=["2025-03-12"]
    )


class EdgeQuestion(TimeQuestion):
    """Which dependencies count."""

    kind: list[EdgeKind] = Field(
        [], description="Only dependencies of this kind; given twice, of either.", examples=[["compute"]]
    )
    stage: list[Stage] = Field(
        [], description="Only those at this stage; given twice, at either.", examples=[["signed"]]
    )
    evidence: list[Evidence] = Field(
        [], description="Only those whose strongest evidence is this; given twice, either.", examples=[["reported"]]
    )
    format: Shape | None = Field(
        None, description="The shape of the answer; what Accept asks for by default.", examples=["text"]
    )


class GraphQuestion(EdgeQuestion):
    """A question about what is near one company."""

    depth: int = Field(3, ge=1, le=MAX_DEPTH, description="How many hops away from the company.", examples=[3])


class RecordLink(BaseModel):
    """A record and where it is."""

    type: str = Field(description="Its resource.", examples=["contracts"])
    slug: str = Field(description="Its slug.", examples=["openai-coreweave-compute-2025"])
    url: str = Field(description="Its address.", examples=["/v1/contracts/openai-coreweave-compute-2025"])


class NodeShown(BaseModel):
    """A company in a graph."""

    slug: str = Field(examples=["nvidia"])
    name: str = Field(examples=["Nvidia"])
    kind: str = Field(examples=["chip_vendor"])
    depth: int = Field(description="How many hops it is from the root.", examples=[2])
    via: list[str] = Field(
        description="A shortest path from the root to it, both included; empty for the root.",
        examples=[["openai", "coreweave", "nvidia"]],
    )


class EdgeShown(BaseModel):
    """A dependency: the company in `from` needs the one in `to`."""

    from_: str = Field(alias="from", description="Who depends.", examples=["openai"])
    to: str = Field(description="On whom.", examples=["coreweave"])
    kind: EdgeKind = Field(description="Through what.")
    summary: str = Field(description="The same in one plain sentence.")
    possible: bool = Field(
        description="Whether it only may hold on the day asked for, since its dates leave that open."
    )
    amount: Quantity | None = Field(description="What it is worth, or how much it is.")
    share: Quantity | None = Field(description="Which share of the whole it is.")
    since: str | None = Field(description="From when it holds, as it was said.", examples=["2025-03-10"])
    until: str | None = Field(description="Until when it holds, as it was said or follows.", examples=["2030-03"])
    stage: Stage | None = Field(description="How far the deal behind it has come.")
    evidenced_from: str | None = Field(
        description="When the first of its sources was published.", examples=["2025-03-12"]
    )
    evidenced_to: str | None = Field(
        description="When the newest of its sources was published.", examples=["2025-03-12"]
    )
    flow: Literal["along", "against"] | None = Field(
        description="Which way value goes: along the edge, against it, or none that is not counted elsewhere."
    )
    nature: Literal["money", "equity", "supply"] | None = Field(description="What kind of value goes.")
    part_of: RecordLink | None = Field(description="The contract that the amount is a part of, if any.")
    derived: dict[str, str] = Field(description="Fields that nobody stated, each with its formula.")
    record: RecordLink = Field(description="The record that implies it.")
    citations: list[Citation] = Field(description="What that record was read from.")


class LimitsShown(BaseModel):
    """What an answer may hold at most."""

    nodes: int = Field(examples=[500])
    edges: int = Field(examples=[5000])


class GraphShown(BaseModel):
    """What a company depends on, or who depends on it: flat, the root first."""

    root: str = Field(examples=["openai"])
    direction: Literal["depends_on", "depended_on_by"]
    as_of: date
    known_at: AwareDatetime | None
    revision: int = Field(description="The state of the store that the answer was made from.", examples=[57])
    nodes: list[NodeShown] = Field(description="By depth, then slug.")
    edges: list[EdgeShown] = Field(description="By from, to, kind and record.")
    unknowns: list[str] = Field(description="What the answer could not tell.")
    truncated: bool = Field(description="Whether a limit cut the answer; what is shown is the closest to the root.")
    truncated_by: list[str] = Field(description="Which limits did.", examples=[["nodes"]])
    limits: LimitsShown
