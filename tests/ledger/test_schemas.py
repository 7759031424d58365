"""What every record is held to, whatever its resource."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.ledger.schemas import Record
from app.shared.reasons import detail_of
from app.transfer.resources import BY_TYPE
from tests.factories import citation, company, contract, event, investment, metric, one_of_each, source


def read(resource: str, record: dict[str, Any]) -> Record:
    """A record as it was read."""
    return BY_TYPE[resource].schema.model_validate(record)


def wrong(resource: str, record: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The places of what is wrong with a record."""
    with pytest.raises(ValidationError) as refused:
        read(resource, record)
    return [problem["loc"] for problem in refused.value.errors()]


@pytest.mark.parametrize("resource", BY_TYPE)
def test_a_field_that_the_resource_does_not_have_is_refused(resource: str) -> None:
    (record, *_) = one_of_each()[resource]
    assert wrong(resource, record | {"colour": "red"}) == [("colour",)]


def test_an_unknown_field_inside_a_list_is_refused_where_it_stands() -> None:
    parties = [{"company": "openai", "role": "customer", "share": 1}]
    assert wrong("contracts", contract(parties=parties)) == [("parties", 0, "share")]


@pytest.mark.parametrize(
    ("resource", "stated", "told"),
    [
        ("companies", {"slug": "Core Weave"}, "a slug is needed: lower-case letters and digits"),
        ("companies", {"country": "us"}, "two capital letters (ISO 3166-1 alpha-2)"),
        ("companies", {"website": "coreweave.com"}, "as in https://example.com/page?x=1"),
        ("sources", {"language": "English!"}, "a language is needed as its code (BCP 47)"),
        ("sources", {"sha256": "0x12"}, "64 hexadecimal digits"),
        ("events", {"companies": [{"company": "openai", "role": "Chief Executive"}]}, "words joined by underscores"),
    ],
)
def test_what_form_a_text_must_have_is_told_in_words(resource: str, stated: dict[str, Any], told: str) -> None:
    (record, *_) = one_of_each()[resource]
    with pytest.raises(ValidationError) as refused:
        read(resource, record | stated)
    assert told in detail_of(refused.value.errors()[0])


@pytest.mark.parametrize("resource", BY_TYPE)
def test_what_the_store_adds_is_ignored_on_the_way_in(resource: str) -> None:
    (record, *_) = one_of_each()[resource]
    shown = record | {"type": resource, "version": 7, "recorded_at": "2025-03-13T09:00:00Z"}
    assert read(resource, shown) == read(resource, record)


@pytest.mark.parametrize("resource", ["contracts", "investments", "fleets", "metrics", "events"])
def test_a_claim_about_the_world_needs_a_citation(resource: str) -> None:
    (record, *_) = one_of_each()[resource]
    assert wrong(resource, record | {"citations": []}) == [("citations",)]
    assert wrong(resource, {name: value for name, value in record.items() if name != "citations"}) == [("citations",)]


@pytest.mark.parametrize("resource", ["companies", "sources"])
def test_companies_and_sources_may_do_without_a_citation(resource: str) -> None:
    (record, *_) = one_of_each()[resource]
    assert read(resource, record | {"citations": []}).slug == record["slug"]


@pytest.mark.parametrize(
    ("resource", "record", "slug"),
    [
        ("companies", company(name="Société Générale S.A."), "societe-generale-s-a"),
        ("contracts", contract(title="A rents", announced_on="2025-Q3~"), "a-rents-2025-q3"),
        ("investments", investment(investors=["b", "a"], announced_on="2025"), "b-a-coreweave-2025"),
        ("metrics", metric(), "coreweave-revenue-2024"),
        ("events", event(title="It happens", date=None), "it-happens"),
        ("sources", source(publisher="Wired", title="Who pays?"), "wired-who-pays-2025-03-12"),
    ],
)
def test_a_slug_that_is_left_out_is_made_from_the_record(resource: str, record: dict[str, Any], slug: str) -> None:
    assert read(resource, {name: value for name, value in record.items() if name != "slug"}).slug == slug


def test_a_record_that_no_slug_can_be_made_from_needs_one() -> None:
    assert wrong("companies", {"name": "东方", "kind": "other"}) == [()]
    assert read("companies", company(slug="dongfang", name="东方")).slug == "dongfang"


@pytest.mark.parametrize("slug", ["", "A", "a b", "-a", "a-", "a--b", "ä", "a_b", "a/b", "a\n", "a" * 121])
def test_a_slug_is_words_of_ascii_joined_by_hyphens(slug: str) -> None:
    assert wrong("companies", company(slug, name="A")) == [("slug",)]


@pytest.mark.parametrize("name", ["", "   ", "x" * 501])
def test_a_title_says_something_and_not_too_much(name: str) -> None:
    assert wrong("companies", company(name=name)) == [("name",)]


@pytest.mark.parametrize(
    "address", ["example.org", "ftp://example.org", "https://", "https://a b", "https://ä.example"]
)
def test_an_address_is_of_the_web_and_percent_encoded(address: str) -> None:
    assert wrong("companies", company(website=address)) == [("website",)]
    assert wrong("sources", source(url=address)) == [("url",)]


def test_a_citation_says_what_rests_on_what() -> None:
    assert wrong("events", event(citations=[{"source": "a"}])) == [
        ("citations", 0, "claim"),
        ("citations", 0, "evidence"),
    ]
    assert wrong("events", event(citations=[citation(evidence="certain")])) == [("citations", 0, "evidence")]


def test_white_space_round_a_text_is_dropped() -> None:
    assert read("companies", company(name="  CoreWeave\n")) == read("companies", company(name="CoreWeave"))
