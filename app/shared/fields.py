"""Field types that the public schemas share."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from app.shared.partial_date import PartialDate


def _checked(text: str) -> str:
    return PartialDate.parse(text).text


PARTIAL_DATE: Final = AfterValidator(_checked)
"""Marks a field as a partial date, for those who read a schema."""

PartialDateText = Annotated[
    str,
    PARTIAL_DATE,
    Field(
        description="A date with its own precision: a year, quarter, month or day; a ~ at the end says approximate.",
        examples=["2025-03-10", "2025-03", "2025-Q3", "2025", "2025~"],
        json_schema_extra={"pattern": r"^[1-9][0-9]{3}(-(Q[1-4]|(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?))?~?$"},
    ),
]
