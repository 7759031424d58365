"""Slugs: the public ids of records, lower-case ASCII words joined by hyphens."""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

from app.shared.forms import SLUG

MAX_SLUG: Final = 120

RESERVED: Final = frozenset({"summary"})
"""Words that stand in the place of a slug in addresses of the API."""


def unreserved(slug: str) -> str:
    """The slug, where a record may have it. Raises ValueError for one of RESERVED."""
    if slug in RESERVED:
        raise ValueError(f"the slug cannot be {slug!r}, which is a word of the API: choose another")
    return slug


Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=MAX_SLUG), AfterValidator(unreserved)]


def slugify(*parts: str | None) -> str:
    """Join what names a record into its slug: accents fall off, other signs turn into hyphens, ``~`` is dropped.

    Returns an empty string where no part has a letter or digit that ASCII can show.
    """
    text = unicodedata.normalize("NFKD", "-".join(part for part in parts if part))
    ascii_only = text.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:MAX_SLUG].strip("-")
