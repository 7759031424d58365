"""Answers that are made of figures and dates."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.graph.schemas.graph import AmountShown, Asked, Capped, EdgeShown, LeftOutShown, RecordLink
from app.ledger.schemas import Citation
from app.shared.model import Model


class StatedShareShown(Model):
    """A share that a record states."""

    company: str
    share: AmountShown
    record: RecordLink
    stage: str | None
    period: str | None
    possible: bool


class PartyShown(Model):
    """A company's part of a whole."""

    company: str
    amount: AmountShown | None
    share: AmountShown
    records: list[RecordLink]


class ConcentrationShown(Model):
    """The shares of one whole, and their Herfindahl-Hirschman index as an interval."""

    basis: Literal["stated", "amounts"]
    tentative: bool = Field(description="Whether it is only of what is intended or rumoured.")
    unit: str
    nature: str | None
    period: str | None = Field(
        description="Of which period the stated shares are, also those that newer ones have followed since."
    )
    total: AmountShown | None
    parties: list[PartyShown]
    remainder: AmountShown | None
    hhi: AmountShown | None = Field(description="The sum of the squared shares in percent, 0 to 10,000.")
    left_out: list[LeftOutShown]


class GroupShown(Model):
    """All suppliers of a kind, all customers, or all investors."""

    by: Literal["supplier", "customer", "investor"]
    kind: str
    companies: list[str]
    stated_shares: list[StatedShareShown]
    concentrations: list[ConcentrationShown]
    left_out: list[LeftOutShown]


class InputShown(Model):
    """A stated value that a figure is derived from."""

    name: str
    period: str
    value: AmountShown
    record: RecordLink


class DerivedShown(Model):
    """A figure that nobody stated."""

    name: str
    company: str
    counterparty: str | None
    period: str
    value: AmountShown
    formula: str
    inputs: list[InputShown]
    note: str = Field(examples=["derived, not stated"])


class ExposureShown(Asked, Capped):
    """How much of a company hangs on others."""

    company: str
    groups: list[GroupShown]
    derived: list[DerivedShown]


class ItemShown(Model):
    """What a record states of a company."""

    company: str
    record: RecordLink
    amount: AmountShown | None
    stage: str | None


class TallyShown(Model):
    """A sum over records, and what it leaves out."""

    amount: AmountShown
    nature: str | None
    tentative: bool
    counted: list[ItemShown]
    left_out: list[LeftOutShown]


class LossShown(Model):
    """One source of one kind that a company would lose."""

    kind: str
    source: str
    only_source: bool = Field(description="Whether there is no other, as far as the store knows.")
    alternatives: list[str] = Field(description="Other sources of that kind that would not be affected.")
    also_affected: list[str] = Field(description="Other sources of that kind that would be affected too.")
    unchecked: list[str] = Field(
        description="Other sources of that kind of which it is not known whether they would be affected, since a limit "
        "cut the search for all that would. Then none is listed as an alternative."
    )
    planned: list[str] = Field(description="Other sources that are only intended or rumoured.")
    shares: list[AmountShown]
    amounts: list[TallyShown]
    unknowns: list[str]
    edges: list[EdgeShown]


class AffectedShown(Model):
    """A company that would lose something."""

    company: str
    name: str
    depth: int
    via: list[str] = Field(description="A shortest path from the company that stopped.")
    hops: list[EdgeShown]
    losses: list[LossShown]


class ImpactShown(Asked, Capped):
    """Who would lose what if a company stopped."""

    company: str
    depth: int
    affected: list[AffectedShown]


class NeedShown(Model):
    """What a company has from one source only."""

    dependent: str
    kind: str
    possible: bool = Field(description="Whether it only may be the only source, as dates leave that open.")


class RankShown(Model):
    """A company's place."""

    company: str
    value: AmountShown = Field(
        description="What is certain. Dependents and needs that only may be on the day count in its high bound alone."
    )
    count: int = Field(description="How many records or things make the value, or may.")
    best_rank: int = Field(description="The best rank that the bounds allow, 1 being first.")
    worst_rank: int | None = Field(
        description="The worst rank that they allow; null where records were cut off, since any number of companies "
        "may stand above then."
    )
    tentative: AmountShown | None = Field(
        description="What is only intended or rumoured, apart: of dependents and needs, those of which nothing else is "
        "recorded."
    )
    left_out: list[LeftOutShown]
    needs: list[NeedShown] = Field(description="For by=sole_source: who has what from this company only.")


class RankingsShown(Asked, Capped):
    """Companies by what is certain, the most first."""

    by: str
    unit: str | None
    data: list[RankShown]
    next: str | None


class FactShown(Model):
    """A dated fact."""

    date: str = Field(description="As it was said.", examples=["2025-01"])
    earliest: dt.date
    latest: dt.date
    field: str = Field(description="Which date of the record it is.", examples=["announced_on"])
    title: str
    stage: str | None
    record: RecordLink
    citations: list[Citation]


class TimelineShown(Model):
    """Dated facts in the order of the first day that each may mean."""

    data: list[FactShown]
    next: str | None
