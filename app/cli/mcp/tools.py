"""The tools that a model is offered: each a question of the API, with the parameters and limits that it has there."""

from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pydantic import BaseModel, ConfigDict, Field

from app.graph.routes.loops import LoopsQuestion
from app.graph.routes.paths import PathsQuestion
from app.graph.schemas.questions import DepthQuestion, ImpactQuestion, TimeQuestion
from app.models.ledger import ResourceType
from app.search.schemas import SearchQuestion
from app.shared.fields import Instant
from app.shared.model import Model

_SHAPE: Final = ("format", "width")
"""Parameters that are not offered: which shape an answer has is settled here."""
_COMPANY: Final = {"company": {"type": "string", "description": "The slug of a company.", "examples": ["openai"]}}


class RecordQuestion(Model):
    """A question about one record."""

    model_config = ConfigDict(extra="forbid")

    known_at: Instant | None = Field(None, description="The record as this store knew it then (RFC 3339).")


@dataclass(frozen=True)
class Tool:
    """A question as a tool.

    ``path``: where the API answers it, with the names of those parameters in braces that stand in it, which ``inside``
    describes (JSON Schema). ``asked``: its other parameters. ``as_tree``: whether the API writes it as a tree, too.
    """

    name: str
    title: str
    description: str
    path: str
    asked: type[BaseModel]
    inside: dict[str, Any] = field(default_factory=dict)
    as_tree: bool = False

    def schema(self) -> dict[str, Any]:
        """The arguments that it takes, as JSON Schema."""
        stated = self.asked.model_json_schema()
        others = {name: part for name, part in stated["properties"].items() if name not in _SHAPE}
        required = [*self.inside, *stated.get("required", ())]
        return stated | {"properties": self.inside | others, "required": required}


_RECORD: Final = {
    "resource": {
        "type": "string",
        "description": "The resource of the record.",
        "enum": list(get_args(ResourceType)),
    },
    "slug": {
        "type": "string",
        "description": "The slug of the record.",
        "examples": ["openai-coreweave-compute-2025"],
    },
}

TOOLS: Final = (
    Tool(
        "search",
        "Search all records",
        "Find companies, contracts, investments, fleets, metrics, events and sources by words. Use it first, to learn "
        "the slug of a company or a record that the other tools ask for, and to see whether anything is recorded.",
        "/v1/search",
        SearchQuestion,
    ),
    Tool(
        "record",
        "One record with its sources",
        "Show one record in full: its parties, amounts with their bounds, dates, stage, and the citations that it was "
        "read from. Use it for details of a record that another answer names, and to say how something is known.",
        "/v1/{resource}/{slug}",
        RecordQuestion,
        _RECORD,
    ),
    Tool(
        "dependencies",
        "What a company depends on",
        "Show what a company depends on, directly and through others: suppliers, investors, owners, customers that "
        "it lives on. Use it for questions such as 'whom does OpenAI need?'; as_of asks of a day in the past.",
        "/v1/companies/{company}/dependencies",
        DepthQuestion,
        _COMPANY,
        as_tree=True,
    ),
    Tool(
        "dependents",
        "Who depends on a company",
        "Show who depends on a company, directly and through others. Use it for questions such as 'who needs Nvidia?'; "
        "what they would lose is told by impact.",
        "/v1/companies/{company}/dependents",
        DepthQuestion,
        _COMPANY,
        as_tree=True,
    ),
    Tool(
        "path",
        "How one company depends on another",
        "Show the ways in which one company depends on another, the shortest first. Use it for questions such as 'why "
        "does OpenAI depend on Nvidia?'. For what comes back to a company use loops.",
        "/v1/paths",
        PathsQuestion,
        as_tree=True,
    ),
    Tool(
        "loops",
        "Circular deals and mutual dependence",
        "Show circular deals, in which value comes back to whom it came from (by=value), or companies that depend on "
        "each other (by=dependency). Use it for round-tripping and vendor financing; company narrows it to one.",
        "/v1/loops",
        LoopsQuestion,
        as_tree=True,
    ),
    Tool(
        "exposure",
        "How concentrated a company's partners are",
        "Show how much of a company hangs on each supplier, customer and investor: shares and the Herfindahl-Hirschman "
        "index as intervals, and figures that follow from stated ones with their formula. Use it for concentration.",
        "/v1/companies/{company}/exposure",
        TimeQuestion,
        _COMPANY,
    ),
    Tool(
        "impact",
        "What if a company stopped",
        "Show who would lose what if a company stopped, through which way, whether it was the only source, and at what "
        "bounded amount. Use it for single points of failure and 'what if' questions.",
        "/v1/companies/{company}/impact",
        ImpactQuestion,
        _COMPANY,
    ),
)
