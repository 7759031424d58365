"""Valid investments."""

from typing import Any

from tests.factories.sources import citation


def investment(**overrides: object) -> dict[str, Any]:
    """An investment of nvidia in coreweave."""
    return {
        "slug": "nvidia-coreweave",
        "title": "Nvidia buys shares of CoreWeave",
        "investors": ["nvidia"],
        "investee": "coreweave",
        "instrument": "cash",
        "stage": "completed",
        "citations": [citation()],
    } | overrides
