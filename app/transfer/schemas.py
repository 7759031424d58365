"""What is asked of imports and exports, and what an import answers."""

from typing import Final

from pydantic import Field

from app.ledger.openapi import FlawShown
from app.ledger.performing import Reasoned
from app.models.ledger import ResourceType
from app.shared.fields import Flag
from app.shared.model import Model
from app.transfer.refusals import MAX_TOLD

LINE: Final = '{"type": "companies", "slug": "example-compute", "name": "Example Compute", "kind": "cloud_provider"}\n'
ROWS: Final = "slug,name,kind\r\nexample-compute,Example Compute,cloud_provider\r\n"
MAPPING: Final = "companies:\n- {slug: example-compute, name: Example Compute, kind: cloud_provider}\n"
"""The same record in each format."""


class ImportQuestion(Reasoned):
    """How to import."""

    dry_run: Flag = Field(
        default=False, description="Whether only to say what an import would do, and keep nothing.", examples=[True]
    )
    create_missing: Flag = Field(
        default=False,
        description="Whether companies that records name and that do not exist are made, as kind other.",
        examples=[True],
    )
    resource: ResourceType | None = Field(
        None,
        description="The resource of the records: needed for CSV, whose rows do not say it.",
        examples=["companies"],
    )


class TallyShown(Model):
    """What became of the records of one resource."""

    created: int = Field(description="Records that are new.")
    changed: int = Field(description="Records that say something else now, each with a new version.")
    unchanged: int = Field(description="Records that said what was known already.")


class ImportReport(Model):
    """What an import did."""

    dry_run: bool = Field(description="Whether it only says what it would have done.")
    revision: int | None = Field(description="The revision that it made; null where nothing changed, and in a dry run.")
    read: int = Field(description="How many records were read.")
    created: int = Field(description="Records that are new.")
    changed: int = Field(description="Records that say something else now.")
    unchanged: int = Field(description="Records that said what was known already.")
    resources: dict[str, TallyShown] = Field(description="The same for each resource.")
    created_missing: list[str] = Field(description="The companies that were named, did not exist, and were made.")
    warnings: list[FlawShown] = Field(
        description=f"What was taken and looks odd, such as a name of mixed scripts; the first {MAX_TOLD}."
    )
    warnings_total: int = Field(description="How many warnings there are.")
