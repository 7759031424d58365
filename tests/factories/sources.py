"""Valid sources, and citations of them."""

from typing import Any

ARTICLE = "the-article"


def source(**overrides: object) -> dict[str, Any]:
    """A source; the one that every other factory cites unless it is told otherwise."""
    return {
        "slug": ARTICLE,
        "title": "Who pays for the data centers",
        "kind": "news",
        "published_on": "2025-03-12",
    } | overrides


def citation(**overrides: object) -> dict[str, Any]:
    """A citation of the default source."""
    return {"source": ARTICLE, "claim": "The article says so.", "evidence": "reported"} | overrides
