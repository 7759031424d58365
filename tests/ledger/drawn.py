"""Records of every resource as hypothesis draws them, within what can be true."""

from collections.abc import Iterable
from datetime import date
from operator import itemgetter
from typing import Any, get_args

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.models.base import Stage
from app.models.companies import CompanyKind
from app.models.contracts import ContractKind, Role
from app.models.events import EventKind
from app.models.investments import Instrument
from app.models.metrics import MetricName
from app.models.sources import Confidence, Evidence, SourceKind
from app.shared.json import normal
from app.shared.quantity import COUNT_UNITS, MAX_AMOUNT

COMPANIES = ["alpha", "beta", "gamma"]
SOURCES = ["first", "second"]
SHARES = {"revenue_share", "compute_share"}
Drawn = st.SearchStrategy[dict[str, Any]]


def words_of(literal: Any) -> st.SearchStrategy[str]:  # noqa: ANN401 - a Literal has no type of its own
    """The words of a Literal."""
    return st.sampled_from(get_args(literal))


def some(one: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """A short list, which may be empty."""
    return st.lists(one, max_size=3)


letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
# In Normalization Form C, as the reader of JSON leaves every text.
texts = st.text(letters, min_size=1, max_size=20).filter(str.strip).map(normal)
companies = st.sampled_from(COMPANIES)
sources = st.sampled_from(SOURCES)
stages = words_of(Stage)
countries = st.from_regex("[A-Z]{2}", fullmatch=True)
forms = st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "%Y~", "%Y-%m~", "%Y-%m-%d~", "%Y-Q3"])
periods, ends = (
    st.builds(lambda day, form: day.strftime(form), st.dates(date(first, 1, 1), date(last, 12, 31)), forms)
    for first, last in ((1900, 2100), (2101, 2150))
)


def quantities(*units: str, most: int = MAX_AMOUNT) -> Drawn:
    """Quantities of each qualifier, of numbers up to ``most``."""
    amounts = st.decimals(0, most, places=3)
    about = {"unit": st.sampled_from(units), "approximate": st.booleans()}
    one_sided = ["exact", "approximately", "at_least", "more_than", "up_to"]
    pairs = st.lists(amounts, min_size=2, max_size=2).map(sorted)
    ranges = pairs.map(lambda pair: {"qualifier": "range", "low": pair[0], "high": pair[1]})
    return st.one_of(
        st.fixed_dictionaries({"qualifier": st.sampled_from(one_sided), "amount": amounts, **about}),
        st.builds(dict.__or__, ranges, st.fixed_dictionaries(about)),
        st.fixed_dictionaries({"qualifier": st.just("undisclosed"), "unit": st.sampled_from(units)}),
    )


money = quantities("USD", "EUR")
counts = quantities(*COUNT_UNITS)
shares = quantities("percent", most=99)


def cited(**asserted: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Citations, of which some assert values of the given fields."""
    optional = {
        "locator": texts,
        "excerpt": texts,
        "confidence": words_of(Confidence),
        "attributed_to": sources,
        "asserts": st.fixed_dictionaries({}, optional=asserted),
    }
    needed = {"source": sources, "claim": texts, "evidence": words_of(Evidence)}
    return st.lists(st.fixed_dictionaries(needed, optional=optional), min_size=1, max_size=3)


def dealt(one: str, *others: str) -> Drawn:
    """An investee and its investors, each once: nobody invests in itself."""
    investors = st.lists(st.sampled_from(others), min_size=1, unique=True)
    return st.fixed_dictionaries({"investee": st.just(one), "investors": investors})


def measured(names: Iterable[str], values: Drawn) -> Drawn:
    """Metrics of these names: a share is in percent, and with another company."""
    cites = cited(value=values, period=periods)
    needed = {"company": st.sampled_from(COMPANIES[:2]), "name": st.sampled_from(sorted(names)), "value": values}
    optional = {"counterparty": st.just(COMPANIES[2]), "period": periods}
    return st.fixed_dictionaries(needed | {"citations": cites}, optional=optional)


degrees = {"latitude": st.decimals(-90, 90, places=6), "longitude": st.decimals(-180, 180, places=6)}

DRAWN: dict[str, Drawn] = {
    "sources": st.fixed_dictionaries(
        {"title": texts, "kind": words_of(SourceKind)},
        optional={
            "publisher": texts,
            "url": st.just("https://example.org/?q=%C3%A9"),
            "published_on": periods,
            "accessed_on": periods,
            "language": st.sampled_from(["en", "pt-BR"]),
            "author": texts,
            "sha256": st.from_regex("[0-9a-f]{64}", fullmatch=True),
            "reports_on": some(sources),
            "citations": cited(published_on=periods, publisher=texts),
        },
    ),
    "companies": st.fixed_dictionaries(
        {"name": texts, "kind": words_of(CompanyKind)},
        optional={
            "aliases": some(texts),
            "identifiers": some(st.fixed_dictionaries({"scheme": st.just("ticker")})),
            "parent": companies,
            "website": st.just("http://example.org"),
            "country": countries,
            "description": texts,
            "citations": cited(country=countries, aliases=some(texts)),
        },
    ),
    "contracts": st.fixed_dictionaries(
        {
            "title": texts,
            "kind": words_of(ContractKind),
            "stage": stages,
            "parties": st.lists(
                st.fixed_dictionaries({"company": companies, "role": words_of(Role)}),
                min_size=1,
                unique_by=itemgetter("company"),
            ),
            "citations": cited(value=money, capacities=some(counts)),
        },
        optional={
            "value": money,
            "capacities": some(counts),
            **dict.fromkeys(("announced_on", "signed_on", "starts_on", "exclusive_until"), periods),
            "ends_on": ends,
            "term_months": st.integers(1, 1_200),
            "exclusive": st.booleans(),
            "conditions": texts,
            "products": some(texts),
            "used_in": some(texts),
            "description": texts,
        },
    ),
    "investments": st.builds(
        dict.__or__,
        dealt("alpha", "beta", "gamma") | dealt("beta", "gamma", "alpha"),
        st.fixed_dictionaries(
            {
                "title": texts,
                "instrument": words_of(Instrument),
                "stage": stages,
                "citations": cited(amount=money, investors=st.just(["gamma"])),
            },
            optional={
                "amount": money,
                "stake": shares,
                "announced_on": periods,
                "closed_on": periods,
                "conditions": texts,
            },
        ),
    ),
    "fleets": st.fixed_dictionaries(
        {"operator": companies, "stage": stages, "citations": cited(sites=counts, **degrees)},
        optional={
            "as_of": periods,
            **dict.fromkeys(("sites", "accelerators", "power"), counts),
            "hardware": some(
                st.fixed_dictionaries({"vendor": companies}, optional={"product": texts, "quantity": counts})
            ),
            "users": st.lists(companies, unique=True),
            "country": countries,
            **degrees,
        },
    ),
    "metrics": measured(SHARES, shares) | measured({*get_args(MetricName)} - SHARES, money | counts | shares),
    "events": st.fixed_dictionaries(
        {"kind": words_of(EventKind), "title": texts, "citations": cited(date=periods, title=texts)},
        optional={
            "date": periods,
            "companies": st.lists(
                st.fixed_dictionaries(
                    {"company": companies, "role": st.from_regex("[a-z]{1,9}(_[a-z]{1,9})?", fullmatch=True)}
                ),
                unique_by=itemgetter("company"),
            ),
            "summary": texts,
        },
    ),
}


def drawn(resource: str, examples: int = 40) -> list[dict[str, Any]]:
    """A batch of records of a resource, each with a slug and with identifiers of its own."""
    batch: list[dict[str, Any]] = []

    @settings(max_examples=examples, phases=[Phase.generate], database=None, deadline=None)
    @given(DRAWN[resource])
    def take(record: dict[str, Any]) -> None:
        for position, identifier in enumerate(record.get("identifiers", ())):
            identifier["value"] = f"{len(batch)}.{position}"
        batch.append(record | {"slug": f"drawn-{len(batch)}"})

    take()
    return batch
