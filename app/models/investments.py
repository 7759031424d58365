"""Investments: who puts what into whom."""

from typing import Literal

from sqlalchemy import Column

from app.models.base import Stage, one_of, part_table, partial_date, quantity, reference, resource_table
from app.shared.types import Words

Instrument = Literal[
    "cash", "equity", "shares_in_kind", "debt", "convertible", "warrants", "acquisition", "undisclosed"
]

investments = resource_table(
    "investments",
    Column("title", Words, nullable=False),
    reference("investee_id", "companies"),
    Column("instrument", Words, nullable=False),
    quantity("amount"),
    quantity("stake"),
    partial_date("announced_on"),
    partial_date("closed_on"),
    Column("stage", Words, nullable=False),
    Column("conditions", Words),
    reference("contract_id", "contracts", optional=True),
    one_of("instrument", Instrument),
    one_of("stage", Stage),
    indexed=(
        "title",
        "instrument",
        "stage",
        "amount_low",
        "stake_low",
        "announced_on_earliest",
        "closed_on_earliest",
    ),
    texts=("title",),
    prose=("conditions",),
)

investment_investors = part_table("investment_investors", "investments", reference("company_id", "companies"))
