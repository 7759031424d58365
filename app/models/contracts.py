"""Contracts: who supplies whom with what, at which value, for how long."""

from typing import Literal

from sqlalchemy import Boolean, CheckConstraint, Column, Integer

from app.models.base import Stage, one_of, part_table, partial_date, quantity, reference, resource_table
from app.shared.types import Words

ContractKind = Literal["compute", "hardware", "technology", "energy", "colocation", "partnership", "other"]
Role = Literal["supplier", "customer", "venture", "member", "guarantor"]

contracts = resource_table(
    "contracts",
    Column("title", Words, nullable=False),
    Column("kind", Words, nullable=False),
    quantity("value"),
    partial_date("announced_on"),
    partial_date("signed_on"),
    partial_date("starts_on"),
    partial_date("ends_on"),
    Column("term_months", Integer),
    Column("exclusive", Boolean),
    partial_date("exclusive_until"),
    Column("stage", Words, nullable=False),
    Column("conditions", Words),
    reference("amends_id", "contracts", optional=True),
    Column("description", Words),
    one_of("kind", ContractKind),
    one_of("stage", Stage),
    CheckConstraint("term_months > 0", name="term_positive"),
    indexed=(
        "title",
        "kind",
        "stage",
        "value_low",
        "announced_on_earliest",
        "signed_on_earliest",
        "starts_on_earliest",
        "ends_on_earliest",
        "exclusive",
        "exclusive_until_earliest",
        "term_months",
    ),
    texts=("title",),
    prose=("conditions", "description"),
)

contract_parties = part_table(
    "contract_parties",
    "contracts",
    reference("company_id", "companies"),
    Column("role", Words, nullable=False, index=True),
    one_of("role", Role),
)
contract_capacities = part_table("contract_capacities", "contracts", quantity("value"))
contract_products = part_table(
    "contract_products", "contracts", Column("value", Words, nullable=False, index=True), texts=("value",)
)
contract_used_in = part_table(
    "contract_used_in", "contracts", Column("value", Words, nullable=False, index=True), texts=("value",)
)
