"""Examples for the description of the API: a slug and a record of each resource. All that they name is in the seed."""

from typing import Any, Final

SLUGS: Final = {
    "sources": "wired-italy-2025-03-12",
    "companies": "openai",
    "contracts": "openai-coreweave-compute-2025",
    "investments": "microsoft-openai-2023-01",
    "fleets": "coreweave-2025-03",
    "metrics": "coreweave-revenue-2024",
    "events": "microsoft-hires-mustafa-suleyman",
}

_CITATION: Final = {
    "source": "wired-italy-2025-03-12",
    "locator": "paragraph 4",
    "claim": "The article says so.",
    "evidence": "reported",
    "confidence": "medium",
}

RECORDS: Final[dict[str, dict[str, Any]]] = {
    "sources": {
        "slug": "example-times-2026-01-15",
        "title": "Who rents out the data centers",
        "publisher": "The Example Times",
        "kind": "news",
        "url": "https://example.com/data-centers",
        "published_on": "2026-01-15",
    },
    "companies": {
        "slug": "example-compute",
        "name": "Example Compute",
        "kind": "cloud_provider",
        "aliases": ["ExCo"],
        "country": "US",
    },
    "contracts": {
        "title": "OpenAI rents more from CoreWeave",
        "kind": "compute",
        "parties": [{"company": "openai", "role": "customer"}, {"company": "coreweave", "role": "supplier"}],
        "value": {"qualifier": "up_to", "amount": 4_000_000_000, "unit": "USD"},
        "announced_on": "2025-05",
        "stage": "announced",
        "citations": [_CITATION],
    },
    "investments": {
        "title": "Nvidia buys shares of CoreWeave",
        "investors": ["nvidia"],
        "investee": "coreweave",
        "instrument": "equity",
        "amount": {"qualifier": "exact", "amount": 250_000_000, "unit": "USD"},
        "closed_on": "2025-03",
        "stage": "completed",
        "citations": [_CITATION],
    },
    "fleets": {
        "slug": "coreweave-2026-01",
        "operator": "coreweave",
        "as_of": "2026-01",
        "accelerators": {"qualifier": "more_than", "amount": 300_000, "unit": "gpu"},
        "hardware": [{"vendor": "nvidia", "product": "Blackwell"}],
        "users": ["openai"],
        "stage": "active",
        "citations": [_CITATION],
    },
    "metrics": {
        "slug": "coreweave-revenue-2025",
        "company": "coreweave",
        "name": "revenue",
        "period": "2025",
        "value": {"qualifier": "approximately", "amount": 5_000_000_000, "unit": "USD"},
        "citations": [_CITATION],
    },
    "events": {
        "kind": "announcement",
        "date": "2025-05-15",
        "companies": [{"company": "openai", "role": "announcer"}],
        "title": "OpenAI announces another contract",
        "citations": [_CITATION],
    },
}
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "sources": {"publisher": "The Example Times"},
    "companies": {"country": "US", "website": None},
    "contracts": {"stage": "signed", "value": {"amount": 4_500_000_000}},
    "investments": {"stage": "completed", "conditions": None},
    "fleets": {"stage": "active"},
    "metrics": {"value": {"amount": 5_100_000_000}},
    "events": {"summary": "The contract adds to the first one."},
}
"""A merge patch of each: a field that takes another value, one that goes."""
