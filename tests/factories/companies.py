"""Valid companies."""

from typing import Any


def company(slug: str = "openai", **overrides: object) -> dict[str, Any]:
    """A company, which needs no other record."""
    return {"slug": slug, "name": slug.replace("-", " ").title(), "kind": "other"} | overrides
