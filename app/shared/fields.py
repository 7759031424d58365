"""Field types that the public schemas share."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.shared.forms import COUNTRY, WEB_ADDRESS
from app.shared.partial_date import PartialDate

_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def instant(text: str) -> datetime:
    """Read an instant as RFC 3339 writes it, into UTC; raises ValueError for anything else."""
    try:
        if _RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("an instant is written as in 2026-11-23T12:00:00Z (RFC 3339; a + in a URL is %2B)")


def rfc3339(moment: datetime) -> str:
    """An instant in UTC as RFC 3339 writes it, with ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _truth(value: object) -> object:
    """Let only what says so be true or false: Pydantic would take 1 and "on". A cell of CSV says it in words."""
    if isinstance(value, bool) or value in ("true", "false"):
        return value
    raise ValueError("true or false is needed")


def number(value: object) -> object:
    """Let only a number be one: Pydantic would take true, and what is written as text. 0 has no sign."""
    if isinstance(value, bool | str):
        raise ValueError("a number is needed, not text, true or false")  # noqa: TRY004 - Pydantic reports ValueError only
    return 0 if value == 0 else value


Flag = Annotated[bool, BeforeValidator(_truth)]
"""Whether something is so, in a body or in a query."""

Country = Annotated[str, StringConstraints(pattern=COUNTRY)]
"""A country (ISO 3166-1 alpha-2)."""

WebAddress = Annotated[str, StringConstraints(max_length=2_000, pattern=WEB_ADDRESS)]
"""An address on the web (RFC 3986: printable ASCII, anything else percent-encoded) that every reader of URLs takes.

Its host is a name or an IPv4 address; a user name or password in front of it would be shown to all.
"""

Instant = Annotated[datetime, BeforeValidator(instant)]
"""An instant in UTC, for query parameters."""


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
