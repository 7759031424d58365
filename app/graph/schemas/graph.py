"""Answers that are made of companies and dependencies."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, WithJsonSchema

from app.ledger.schemas import Citation
from app.models.base import Stage
from app.models.edges import EdgeKind
from app.shared.model import Model
from app.shared.quantity import Quantity


class RecordLink(Model):
    """A record and where it is."""

    type: str = Field(description="Its resource.", examples=["contracts"])
    slug: str = Field(description="Its slug.", examples=["openai-coreweave-compute-2025"])
    url: str = Field(description="Its address.", examples=["/v1/contracts/openai-coreweave-compute-2025"])


class NodeShown(Model):
    """A company in a graph."""

    slug: str = Field(examples=["nvidia"])
    name: str = Field(examples=["Nvidia"])
    kind: str = Field(examples=["chip_vendor"])
    depth: int = Field(description="How many hops it is from the root.", examples=[2])
    via: list[str] = Field(
        description="A shortest path from the root to it, both included; empty for the root.",
        examples=[["openai", "coreweave", "nvidia"]],
    )


class EdgeShown(Model):
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
    until: str | None = Field(
        description="Until when it holds, as it was said or follows; `[2026-07..2027-06]` is in one of those months.",
        examples=["2030-03"],
    )
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


class Asked(Model):
    """What an answer says of its question."""

    as_of: date = Field(description="The day in the world that it is about.")
    known_at: AwareDatetime | None = Field(description="The instant whose knowledge it is made from; null for now.")
    revision: int = Field(description="The state of the store that it was made from.", examples=[57])


class Capped(Model):
    """Whether an answer is whole."""

    unknowns: list[str] = Field(description="What the answer could not tell, and why it is empty where it is.")
    truncated: bool = Field(description="Whether a limit cut the answer.")
    truncated_by: list[str] = Field(description="Which limits did.", examples=[["nodes"]])
    limits: dict[str, int] = Field(
        description="What the answer may hold at most.", examples=[{"nodes": 500, "edges": 5000}]
    )


class GraphShown(Asked, Capped):
    """What a company depends on, or who depends on it: flat, the root first; if cut, what is closest to it."""

    root: str = Field(examples=["openai"])
    direction: Literal["depends_on", "depended_on_by"]
    nodes: list[NodeShown] = Field(description="By depth, then slug.")
    edges: list[EdgeShown] = Field(description="By from, to, kind and record.")


Figure = Annotated[Decimal, WithJsonSchema({"type": "number"})]
"""An exact number, which JSON shows as one: Pydantic would describe it as a string."""


class AmountShown(Model):
    """An interval: the true value is from low to high, and a side that is null is open."""

    low: Figure | None
    high: Figure | None
    unit: str = Field(examples=["USD"])
    text: str = Field(description="In words.", examples=["more than USD 10 billion"])


class LeftOutShown(Model):
    """A record that a figure leaves out."""

    company: str
    record: RecordLink
    stage: str | None
    amount: AmountShown | None
    reason: str = Field(examples=["undisclosed amount"])


class PathShown(Model):
    """A way from one company to another."""

    nodes: list[str] = Field(examples=[["openai", "coreweave", "nvidia"]])
    edges: list[EdgeShown] = Field(description="By hop, then kind and record.")


class PathsShown(Asked, Capped):
    """How one company depends on another, shortest first, then by slugs."""

    from_: str = Field(alias="from")
    to: str
    paths: list[PathShown]


class HopShown(Model):
    """A hop of a loop, with every record that makes it."""

    from_: str = Field(alias="from", description="Where it starts: who pays, or who depends.")
    to: str = Field(description="Where it goes: who is paid, or on whom it depends.")
    amount: AmountShown | None = Field(
        description="The money of its largest record, null where that is not known; the worth of shares in kind only "
        "where no money goes. What several companies share, or only may hold, may come to nothing here."
    )
    natures: list[str] = Field(description="What goes: money, equity, supply.")
    possible: bool = Field(description="Whether it only may hold on the day asked for, as its dates leave that open.")
    tentative: bool = Field(description="Whether it is only intended or rumoured, and so is its amount.")
    records: list[RecordLink]


class EndsShown(Model):
    """A hop by its two companies."""

    from_: str = Field(alias="from")
    to: str


class LoopShown(Model):
    """What comes back to where it started, each hop by another record."""

    nodes: list[str] = Field(
        description="From the smallest slug, in the order of the cycle.", examples=[["coreweave", "nvidia"]]
    )
    amount: AmountShown | None = Field(
        description="What can go all the way round, the smallest of its hops; where it is tentative, if all that is "
        "intended or rumoured comes about."
    )
    natures: list[str]
    possible: bool = Field(description="Whether one of its hops only may hold on the day asked for.")
    tentative: bool = Field(description="Whether one of its hops is only intended or rumoured.")
    bottleneck: EndsShown | None = Field(description="The hop with the smallest certain amount.")
    unknown: list[EndsShown] = Field(description="The hops whose amount is not known.")
    hops: list[HopShown]
    edges: list[EdgeShown]


class LoopsShown(Asked, Capped):
    """Loops by length, then by companies."""

    data: list[LoopShown]
    next: str | None
    by: Literal["value", "dependency"]


class NeighbourShown(Model):
    """A company at the other end of direct dependencies of one kind."""

    kind: str
    company: str
    name: str
    of: list[str] = Field(description="Which of the compared companies have it.")
    edges: list[EdgeShown]


class NeighboursShown(Model):
    """What all compared companies share, what some do, what only one has."""

    shared: list[NeighbourShown]
    partly: list[NeighbourShown]
    only: list[NeighbourShown]


class CompareShown(Asked, Capped):
    """Companies side by side."""

    companies: list[str]
    dependencies: NeighboursShown
    dependents: NeighboursShown


class MomentShown(Model):
    """One side of a comparison in time."""

    as_of: date
    known_at: AwareDatetime | None
    revision: int


class FieldChangeShown(Model):
    """A field of a dependency, before and after."""

    field: str = Field(
        description="One of those that a dependency shows, or `evidence`, the strongest of its citations.",
        examples=["evidence"],
    )
    old: Any = Field(description="What it was.", examples=["reported"])
    new: Any = Field(description="What it is now.", examples=["confirmed"])


class EdgeChangeShown(Model):
    """A dependency that stayed but changed."""

    edge: EdgeShown
    fields: list[FieldChangeShown]
    record: RecordLink


class DiffShown(Capped):
    """What changed in the dependencies of a company."""

    root: str
    by: Literal["as_of", "known_at"]
    from_: MomentShown = Field(alias="from")
    to: MomentShown
    gained: list[EdgeShown]
    lost: list[EdgeShown]
    changed: list[EdgeChangeShown]
