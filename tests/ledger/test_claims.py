"""Claims: which one counts where sources disagree, why, and what no source can assert."""

from decimal import Decimal
from typing import Any

import pytest

from app.ledger.claims import FieldClaims, claims_of, disputed, flaws_of, settled
from app.ledger.schemas import Record
from app.shared.partial_date import PartialDate
from app.transfer.resources import BY_TYPE
from tests.factories import citation, company, contract, fleet, metric

USD_5 = {"qualifier": "exact", "amount": 5, "unit": "USD"}
USD_7 = {"qualifier": "exact", "amount": 7, "unit": "USD"}
DATES = {"old": "2025-03-10", "new": "2025-03-12", "month": "2025-03"}
PUBLISHED = {slug: PartialDate.parse(text) for slug, text in DATES.items()}


def read(resource: str, stated: dict[str, Any]) -> Record:
    """A record as it was stated."""
    return BY_TYPE[resource].schema.model_validate(stated)


def said(*citations: dict[str, Any], **stated: Any) -> Record:  # noqa: ANN401 - fields
    """A contract with citations."""
    return read("contracts", contract(citations=list(citations), **stated))


def says(source: str, value: Any, field: str = "value", **overrides: str) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A citation that asserts one field."""
    return citation(source=source, asserts={field: value}, **overrides)


def only(record: Record) -> FieldClaims:
    """The claims of the one field that is asserted."""
    (one,) = claims_of(record, PUBLISHED)
    return one


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"evidence": "reported"}, {"evidence": "confirmed"}, "It is confirmed, which counts for more than reported."),
        ({"evidence": "derived"}, {"evidence": "reported"}, "It is reported, which counts for more than derived."),
        ({"evidence": "estimated"}, {"evidence": "derived"}, "It is derived, which counts for more than estimated."),
        ({"evidence": "rumoured"}, {"evidence": "estimated"}, "It is estimated, which counts for more than rumoured."),
        ({"source": "old"}, {"source": "new"}, "Its source is the newest, published on 2025-03-12."),
        ({"source": "new"}, {"source": "month"}, "Its source is the newest, published on 2025-03."),
        ({"source": "undated"}, {"source": "old"}, "Its source is the newest, published on 2025-03-10."),
        ({"confidence": "medium"}, {"confidence": "high"}, "Our confidence in it is high, in the other medium."),
        # The rules are asked in this order: a later one never outweighs an earlier one.
        ({"evidence": "reported", "source": "new"}, {"evidence": "confirmed", "source": "old"}, "It is confirmed"),
        ({"source": "old", "confidence": "high"}, {"source": "new", "confidence": "low"}, "Its source is the newest"),
    ],
)
def test_the_better_claim_counts_wherever_it_stands(first: dict[str, str], second: dict[str, str], why: str) -> None:
    worse, better = ({"source": "same"} | one for one in (first, second))
    lost, won = says(value=USD_5, **worse), says(value=USD_7, **better)
    for record in (said(lost, won), said(won, lost)):
        assert only(record).preferred.value.amount == 7
        assert only(record).why.startswith(why)


def test_where_nothing_tells_them_apart_the_first_counts() -> None:
    record = said(says("a", USD_5), says("b", USD_7))
    assert only(record).preferred.citation.source == "a"
    assert only(record).why == "It is cited first, and nothing else tells the claims apart."


def test_a_pin_outweighs_everything_and_among_claims_of_its_source_the_rest_decides() -> None:
    pinned = [says("old", USD_5, evidence="rumoured"), says("old", USD_7, evidence="estimated")]
    record = said(says("new", {**USD_5, "amount": 9}, evidence="confirmed"), *pinned, preferred={"value": "old"})
    assert only(record).preferred.value.amount == 7
    record = said(*pinned[1:], says("new", USD_5, evidence="confirmed"), preferred={"value": "old"})
    assert only(record).why == "An editor chose what old says."


def test_a_field_that_all_agree_on_is_not_disputed_and_says_so() -> None:
    record = said(says("old", USD_5), says("new", USD_5))
    assert disputed(record) == []
    assert only(record).why == "All sources that say anything of it agree."
    assert only(said(says("old", USD_5))).why == "Nothing else is said of it."


@pytest.mark.parametrize(
    ("field", "one", "same"),
    [
        ("value", {"amount": "5.50", "unit": "USD"}, {"qualifier": "exact", "amount": Decimal("5.5"), "unit": "USD"}),
        ("value", USD_5, {**USD_5, "low": 1, "high": 99, "text": "five", "approximate": False}),
        ("title", "A title", "  A title "),
        ("parties", [{"company": "a", "role": "member"}], [{"role": "member", "company": "a"}]),
    ],
)
def test_values_are_compared_as_their_field_holds_them(field: str, one: object, same: object) -> None:
    assert disputed(said(says("old", one, field), says("new", same, field))) == []


def test_what_is_disputed_is_listed_by_name() -> None:
    asserted = [{"value": USD_5, "stage": "signed", "kind": "energy"}, {"value": USD_7, "stage": "active"}]
    record = said(*(citation(asserts=one) for one in asserted))
    assert disputed(record) == ["stage", "value"]
    assert [one.field for one in claims_of(record, {})] == ["kind", "value", "stage"]


def test_a_record_shows_what_is_preferred_and_keeps_the_rest() -> None:
    record = said(says("old", USD_5), says("new", USD_7), value=USD_5, description="as stated", term_months=3)
    shown = settled(record, PUBLISHED).model_dump()
    assert shown["value"]["amount"] == 7
    assert (shown["description"], shown["term_months"]) == ("as stated", 3)
    assert shown["citations"] == record.model_dump()["citations"]


def test_an_assertion_fills_a_field_that_was_left_out() -> None:
    assert settled(said(says("old", 60, "term_months")), {}).model_dump()["term_months"] == 60


def test_settling_twice_changes_nothing_more() -> None:
    once = settled(said(says("old", USD_5), says("new", USD_7)), PUBLISHED)
    assert settled(once, PUBLISHED) is once


@pytest.mark.parametrize(
    ("resource", "stated", "pointer", "suggestion"),
    [
        (
            "contracts",
            contract(citations=[says("a", {"amount": 1, "unit": "gpu"})]),
            "/citations/0/asserts/value",
            None,
        ),
        ("contracts", contract(citations=[says("a", 0, "term_months")]), "/citations/0/asserts/term_months", None),
        ("contracts", contract(citations=[citation(), says("a", [], "parties")]), "/citations/1/asserts/parties", None),
        ("contracts", contract(citations=[says("a", 1, "valeu")]), "/citations/0/asserts/valeu", "value"),
        ("contracts", contract(citations=[says("a", "b", "a/b~c")]), "/citations/0/asserts/a~1b~0c", None),
        ("companies", company(citations=[says("a", "x", "slug")]), "/citations/0/asserts/slug", None),
        ("companies", company(citations=[says("a", [], "citations")]), "/citations/0/asserts/citations", None),
        ("companies", company(citations=[says("a", {}, "preferred")]), "/citations/0/asserts/preferred", None),
        ("companies", company(citations=[says("a", 7, "version")]), "/citations/0/asserts/version", None),
        ("companies", company(citations=[says("a", "usa", "country")]), "/citations/0/asserts/country", None),
        ("metrics", metric(citations=[says("a", None)]), "/citations/0/asserts/value", None),
        ("fleets", fleet(citations=[says("a", 91, "latitude")]), "/citations/0/asserts/latitude", None),
        ("contracts", contract(preferred={"value": "a"}), "/preferred/value", None),
        ("contracts", contract(preferred={"colour": "a"}), "/preferred/colour", None),
        (
            "contracts",
            contract(citations=[says("reuters", USD_5), citation()], preferred={"value": "reuter"}),
            "/preferred/value",
            "reuters",
        ),
    ],
)
def test_a_claim_or_a_pin_that_cannot_be_is_pointed_at(
    resource: str, stated: dict[str, Any], pointer: str, suggestion: str | None
) -> None:
    (flaw,) = flaws_of(read(resource, stated))
    assert flaw.pointer == pointer
    if suggestion:
        assert flaw.suggestion == suggestion


def test_a_claim_that_is_not_valid_counts_for_nothing() -> None:
    record = said(says("old", "much"), says("new", USD_7))
    assert [claim.citation.source for claim in only(record).claims] == ["new"]
