"""What the analysis works on: companies as nodes, dependencies as edges, amounts as intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Final, Literal, NamedTuple, TypeAlias

Direction = Literal["depends_on", "depended_on_by"]
Nature = Literal["money", "equity", "supply"]

UNDISCLOSED = "undisclosed"
"""The text of an amount that a record says was not disclosed."""


class RecordRef(NamedTuple):
    """The record that states a fact: its resource ("contracts") and its slug."""

    type: str
    slug: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity as an interval: ``low <= value <= high`` in ``unit``, ``None`` where that side is open.

    ``unit`` is an ISO 4217 code for money, else ``percent``, ``gpu``, ``site``, ``MW`` and so on.
    ``text`` is how it was said ("more than 250,000 GPUs").
    """

    low: Decimal | None
    high: Decimal | None
    unit: str
    text: str


class Node(NamedTuple):
    """A company in a graph."""

    slug: str
    name: str
    kind: str


class Edge(NamedTuple):
    """One dependency: ``dependent`` needs ``on``, as ``record`` says.

    ``flow`` is the other reading of the same edge (a value flow): ``along`` when value goes from the
    dependent to what it depends on, ``against`` when it comes back, ``None`` when the record behind the
    edge is counted by another edge already. ``nature`` says what flows: money with a stated or undisclosed
    sum, equity (shares in kind), or supply (a payment that a supply implies, with no price stated).

    ``evidence`` is the strongest of its citations. ``derived`` and ``citations`` are the JSON that an answer shows.
    These and the dates of the evidence are read only for what compares them.
    """

    dependent: str
    on: str
    kind: str
    record: RecordRef
    stage: str
    amount: Amount | None = None
    share: Amount | None = None
    flow: Literal["along", "against"] | None = None
    nature: Nature | None = None
    part_of: RecordRef | None = None
    since: str | None = None
    until: str | None = None
    possible: bool = False
    summary: str = ""
    evidence: str | None = None
    evidenced_from: str | None = None
    evidenced_to: str | None = None
    derived: str = "{}"
    citations: str = "[]"


JSON_FIELDS: Final = frozenset({"derived", "citations"})
"""The fields of an edge that hold JSON."""

EdgeKey: TypeAlias = tuple[str, str, str, RecordRef]
identity: Final[Callable[[Edge], EdgeKey]] = attrgetter("dependent", "on", "kind", "record")
"""What makes two edges the same one, which is also the order that edges are listed in."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A metric of a company for a period, such as its revenue of 2024."""

    company: str
    counterparty: str | None
    name: str
    period: str
    value: Amount
    record: RecordRef


def is_money(amount: Amount) -> bool:
    """Return whether an amount is in a currency: an ISO 4217 code is three capital letters, as no other unit is."""
    return len(amount.unit) == len("USD") and amount.unit.isalpha() and amount.unit.isupper()
