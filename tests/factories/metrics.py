"""Valid metrics."""

from typing import Any

from tests.factories.sources import citation


def metric(**overrides: object) -> dict[str, Any]:
    """The revenue of coreweave in a year."""
    return {
        "slug": "coreweave-revenue-2024",
        "company": "coreweave",
        "name": "revenue",
        "period": "2024",
        "value": {"qualifier": "exact", "amount": 1_900_000_000, "unit": "USD"},
        "citations": [citation()],
    } | overrides
