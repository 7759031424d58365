"""Valid fleets."""

from typing import Any

from tests.factories.sources import citation


def fleet(**overrides: object) -> dict[str, Any]:
    """A fleet that coreweave runs."""
    return {
        "slug": "coreweave-2025-03",
        "operator": "coreweave",
        "as_of": "2025-03",
        "stage": "active",
        "citations": [citation()],
    } | overrides
