"""Valid events."""

from typing import Any

from tests.factories.sources import citation


def event(**overrides: object) -> dict[str, Any]:
    """Something that openai said."""
    return {
        "slug": "openai-says",
        "kind": "statement",
        "date": "2025-03-10",
        "companies": [{"company": "openai", "role": "speaker"}],
        "title": "OpenAI says that compute is scarce",
        "citations": [citation()],
    } | overrides
