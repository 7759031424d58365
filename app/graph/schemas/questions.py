"""What may be asked of the graph over HTTP."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from app.models.base import Stage
from app.models.edges import EdgeKind
from app.models.sources import Evidence
from app.shared.fields import Instant
from app.shared.model import Model
from app.shared.partial_date import day

MAX_DEPTH = 8
Shape = Literal["json", "text", "csv", "mermaid", "dot", "graphml", "svg"]
DrawnShape = Literal["json", "csv", "svg"]
TableShape = Literal["json", "csv"]
Width = Annotated[
    int | None,
    Field(ge=100, le=10_000, description="The width of an SVG in pixels, from 100 to 10,000.", examples=[960]),
]
Day = Annotated[date, BeforeValidator(lambda text: day(text) if isinstance(text, str) else text)]


MAX_COMPANIES: Final = 50
"""How many companies a question takes at most: each is looked up by itself."""


class TimeQuestion(Model):
    """When: in the world, and in what this store knew."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = Field(
        None, description="The day on which it holds or may hold; today by default.", examples=["2025-03-12"]
    )
    known_at: Instant | None = Field(
        None, description="As this store knew it then (RFC 3339).", examples=["2026-11-23T12:00:00Z"]
    )
    published_by: Day | None = Field(
        None,
        description="Only dependencies of which some source had told by that day. What an answer says of one is what is"
        " known now, from later sources too: `evidenced_to` is when the newest of them was published.",
        examples=["2025-03-12"],
    )


class EdgeChoice(TimeQuestion):
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
    kind_not: list[EdgeKind] = Field(
        [],
        alias="kind__not",
        description="No dependencies of this kind; given twice, of neither.",
        examples=[["revenue"]],
    )
    stage_not: list[Stage] = Field(
        [], alias="stage__not", description="None at this stage; given twice, at neither.", examples=[["rumoured"]]
    )
    evidence_not: list[Evidence] = Field(
        [],
        alias="evidence__not",
        description="None whose strongest evidence is this; given twice, neither.",
        examples=[["rumoured"]],
    )


class ShapedQuestion(TimeQuestion):
    """A question whose answer has many shapes."""

    format: Shape | None = Field(
        None, description="The shape of the answer; what Accept asks for by default.", examples=["text"]
    )
    width: Width = None


class DrawnQuestion(Model):
    """A question whose answer is numbers, as JSON or a table, or a picture of them."""

    model_config = ConfigDict(extra="forbid")

    format: DrawnShape | None = Field(
        None, description="The shape of the answer; what Accept asks for by default.", examples=["svg"]
    )
    width: Width = None


class TableQuestion(Model):
    """A question whose answer is numbers, as JSON or a table."""

    format: TableShape | None = Field(
        None, description="The shape of the answer; what Accept asks for by default.", examples=["csv"]
    )


class EdgeQuestion(EdgeChoice, ShapedQuestion):
    """A question about edges, in any shape."""


class DepthQuestion(EdgeChoice):
    """A question about what is near one company."""

    depth: int = Field(3, ge=1, le=MAX_DEPTH, description="How many hops away from the company.", examples=[3])


class GraphQuestion(DepthQuestion, ShapedQuestion):
    """The same, in any shape."""


class ImpactQuestion(DepthQuestion, TableQuestion):
    """A question about what would be lost."""
