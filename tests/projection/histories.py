"""Random histories of a small store: what is put at each revision, with all that may touch the edges of others."""

from typing import Any

from hypothesis import strategies as st

from tests.factories import citation, company, contract, fleet, investment, metric, source
from tests.projection.stating import PERCENT_62, USD_10, parties

Records = dict[str, list[dict[str, Any]]]
"""Records by resource, as an import takes them."""
Change = tuple[str, str, str, Any]
"""A field of a record and its new value: resource, slug, field, value."""
Step = tuple[list[Change], list[tuple[str, str]]]
"""Changes, and then the records (resource, slug) that are retracted, or restored where they are."""

COMPANIES = ("a", "b", "c")
# Equal in where they begin, or in all their bounds: what follows what must not hang on the order of asking.
DAYS = (None, "2024", "2024~", "2024-01", "2024-Q1", "2024-06-30", "2025", "2026-02")
STAGES = ("announced", "active", "terminated")
CITED = tuple([citation(source=slug) for slug in slugs] for slugs in ("s", "t", "st"))
PARTIES = (
    parties(a="customer", b="supplier"),
    parties(a="customer", c="supplier"),
    parties(b="customer", a="guarantor"),
)
SHARE = {"company": "a", "counterparty": "c", "name": "revenue_share", "value": PERCENT_62, "citations": CITED[0]}


def beginning() -> Records:
    """What every other record may name: the first revision."""
    return {
        "sources": [source(slug="s"), source(slug="t", published_on=None)],
        "companies": [company(slug=slug) for slug in COMPANIES],
        "fleets": [fleet(slug=slug, operator="a", users=["b"], citations=CITED[0]) for slug in ("f", "g", "h")],
    }


def later() -> Records:
    """What follows from them: the second revision."""
    return {
        "contracts": [contract(slug="k", parties=PARTIES[0], citations=CITED[0])],
        "investments": [investment(slug="i", investors=["a", "b"], investee="c", citations=CITED[0])],
        "metrics": [metric(slug=slug, period=period, **SHARE) for slug, period in (("m", "2024"), ("n", "2025"))],
    }


FIELDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "sources": {"published_on": DAYS, "title": ("One", "Another")},
    "companies": {"parent": (None, *COMPANIES)},
    "fleets": {
        "supersedes": (None, "f", "g", "h"),
        "as_of": DAYS,
        "operator": COMPANIES,
        "users": (["a"], ["b"], ["b", "c"]),
        "stage": (*STAGES, "intended", "intended"),
        "citations": CITED,
    },
    "contracts": {
        "parties": PARTIES,
        "kind": ("compute", "energy"),
        "value": (None, USD_10),
        "starts_on": DAYS,
        "term_months": (None, 12),
        "stage": STAGES,
        "citations": CITED,
    },
    "investments": {"investors": (["a"], ["a", "b"]), "investee": COMPANIES, "closed_on": DAYS, "citations": CITED},
    "metrics": {
        "company": ("a", "b"),
        "counterparty": ("c", "b", None),
        "name": ("revenue_share", "compute_share", "revenue"),
        "period": DAYS,
        "citations": CITED,
    },
}


def histories() -> st.SearchStrategy[list[Step]]:
    """Four to eight further steps, each of up to four changes and up to two records that go or come back."""
    slugs = {name: [one["slug"] for one in some] for name, some in (beginning() | later()).items()}
    change = st.one_of(
        [
            st.tuples(st.just(resource), st.sampled_from(slugs[resource]), st.just(field), st.sampled_from(values))
            for resource, fields in FIELDS.items()
            for field, values in fields.items()
        ]
    )
    turned = st.sampled_from([(name, slug) for name, some in slugs.items() for slug in some])
    step = st.tuples(st.lists(change, max_size=4), st.lists(turned, max_size=2))
    return st.lists(step, min_size=4, max_size=8)


def changed(state: Records, changes: list[Change]) -> Records:
    """Apply changes to the state of a store; return the records that are to be put."""
    puts: dict[str, dict[str, dict[str, Any]]] = {}
    for resource, slug, field, value in changes:
        record = next(one for one in state[resource] if one["slug"] == slug)
        record[field] = value
        puts.setdefault(resource, {})[slug] = record
    return {resource: list(records.values()) for resource, records in puts.items()}
