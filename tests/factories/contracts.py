"""Valid contracts."""

from typing import Any

from tests.factories.sources import citation


def contract(**overrides: object) -> dict[str, Any]:
    """A contract by which coreweave supplies openai with compute."""
    return {
        "slug": "openai-coreweave",
        "title": "OpenAI rents from CoreWeave",
        "kind": "compute",
        "parties": [{"company": "openai", "role": "customer"}, {"company": "coreweave", "role": "supplier"}],
        "stage": "signed",
        "citations": [citation()],
    } | overrides
