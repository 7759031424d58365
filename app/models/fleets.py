"""Fleets: the data centers of an operator, as they were observed at a date."""

from sqlalchemy import CheckConstraint, Column

from app.models.base import Stage, one_of, part_table, partial_date, quantity, reference, resource_table
from app.shared.types import Scaled, Words

fleets = resource_table(
    "fleets",
    reference("operator_id", "companies"),
    partial_date("as_of"),
    quantity("sites"),
    quantity("accelerators"),
    quantity("power"),
    Column("country", Words),
    Column("latitude", Scaled(6)),
    Column("longitude", Scaled(6)),
    Column("stage", Words, nullable=False),
    reference("supersedes_id", "fleets", optional=True),
    one_of("stage", Stage),
    CheckConstraint("latitude BETWEEN -90000000 AND 90000000", name="latitude_range"),
    CheckConstraint("longitude BETWEEN -180000000 AND 180000000", name="longitude_range"),
    indexed=(
        "as_of_earliest",
        "country",
        "stage",
        "sites_low",
        "accelerators_low",
        "power_low",
        "latitude",
        "longitude",
    ),
)

fleet_hardware = part_table(
    "fleet_hardware",
    "fleets",
    reference("vendor_id", "companies"),
    Column("product", Words, index=True),
    quantity("quantity"),
    texts=("product",),
)
fleet_users = part_table("fleet_users", "fleets", reference("company_id", "companies"))
