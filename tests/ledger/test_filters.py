"""Filters: each kind of field, and what is said of a value that cannot be read."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.ledger.filters import MAX_VALUES, filters_of
from app.ledger.filters.columns import fields_of
from app.ledger.filters.operators import operators_of
from app.ledger.shape import Holds
from app.shared.database import Database
from app.transfer.resources import BY_TYPE, IN_ORDER
from tests.factories import citation, company, contract, event, fleet, put, source
from tests.ledger.asking import get, refusal, slugs

NO_NUMBER = ["", "many", "NaN", "Infinity", "1_000", "٣", "0x10", "1e", "1e5000000", "--1", "1 "]


async def matching(client: AsyncClient, url: str) -> list[dict[str, Any]]:
    """All records that a list of a store of eleven each gives; there must be some, and not all."""
    found = (await get(client, f"{url}&limit=1000"))["data"]
    assert 0 < len(found) < 11
    assert isinstance(found, list)
    return found


async def test_an_enum_keeps_the_records_with_that_word(many: AsyncClient) -> None:
    assert {record["stage"] for record in await matching(many, "/v1/contracts?stage=signed")} == {"signed"}


async def test_a_parameter_given_twice_means_either(many: AsyncClient) -> None:
    found = await matching(many, "/v1/contracts?stage=signed&stage=rumoured")
    assert {record["stage"] for record in found} == {"signed", "rumoured"}


async def test_two_parameters_mean_both(many: AsyncClient) -> None:
    found = await matching(many, "/v1/contracts?stage=signed&kind=compute")
    assert {(record["stage"], record["kind"]) for record in found} == {("signed", "compute")}


async def test_text_is_compared_whole_and_by_case(many: AsyncClient) -> None:
    assert {record["title"] for record in await matching(many, "/v1/contracts?title=b")} == {"b"}
    assert await slugs(many, "/v1/companies", name="Zeta Inc") == []
    assert {record["name"] for record in await matching(many, "/v1/companies?name=Äta")} == {"Äta"}


async def test_text_is_never_read_as_a_pattern(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("percent", name="100%"), company("plain", name="1000")])
    assert await slugs(client, "/v1/companies", name="100%") == ["percent"]
    assert await slugs(client, "/v1/companies", name="1___") == []


async def test_a_whole_number_may_be_written_in_any_json_way(many: AsyncClient) -> None:
    for text in ("60", "60.0", "6e1"):
        assert {record["term_months"] for record in await matching(many, f"/v1/contracts?term_months={text}")} == {60}


async def test_an_exact_number_is_found_to_its_last_digit(many: AsyncClient) -> None:
    assert {record["latitude"] for record in await matching(many, "/v1/fleets?latitude=-89.999999")} == {-89.999999}
    assert {record["longitude"] for record in await matching(many, "/v1/fleets?longitude=0.000001")} == {0.000001}
    assert await slugs(many, "/v1/fleets", latitude="-89.999998") == []


@pytest.mark.parametrize("text", ["true", "false"])
async def test_a_boolean_leaves_out_what_is_not_stated(many: AsyncClient, text: str) -> None:
    found = await matching(many, f"/v1/contracts?exclusive={text}")
    assert {record["exclusive"] for record in found} == {text == "true"}


@pytest.mark.parametrize("amount", ["5000000", "5e6", "5000000.000", "0.125", "7"])
async def test_a_quantity_is_found_by_the_amount_that_was_stated(many: AsyncClient, amount: str) -> None:
    found = await matching(many, f"/v1/contracts?value={amount}")
    assert {record["value"]["amount"] for record in found} == {float(amount)}


async def test_a_quantity_in_a_list_is_found_by_any_of_its_members(many: AsyncClient) -> None:
    for record in await matching(many, "/v1/contracts?capacities=0.125"):
        assert 0.125 in [capacity["amount"] for capacity in record["capacities"]]


@pytest.mark.parametrize(
    ("period", "dates"),
    [
        ("2025", {"2025", "2025-03-10", "2025-03~"}),
        ("2025-Q1", {"2025-03-10", "2025-03~"}),
        ("2025-03", {"2025-03-10", "2025-03~"}),
        ("2025-03-10", {"2025-03-10"}),
        ("2024", {"2024-Q3"}),
        ("2024-Q3", {"2024-Q3"}),
        ("2024-08", set[str]()),
        ("2025-04", set[str]()),
    ],
)
async def test_a_date_is_found_by_every_period_that_contains_it(
    many: AsyncClient, period: str, dates: set[str]
) -> None:
    found = (await get(many, f"/v1/contracts?announced_on={period}"))["data"]
    assert {record["announced_on"] for record in found} == dates


async def test_two_periods_mean_either(many: AsyncClient) -> None:
    found = await matching(many, "/v1/events?date=2024&date=2025-03-10")
    assert {record["date"] for record in found} == {"2024-Q3", "2025-03-10"}


async def test_a_reference_is_found_by_its_slug(many: AsyncClient) -> None:
    assert {record["parent"] for record in await matching(many, "/v1/companies?parent=alpha")} == {"alpha"}
    assert {record["amends"] for record in await matching(many, "/v1/contracts?amends=contract-00")} == {"contract-00"}


async def test_a_reference_in_a_list_is_found_by_any_of_its_members(many: AsyncClient) -> None:
    for record in await matching(many, "/v1/fleets?users=beta"):
        assert "beta" in record["users"]


@pytest.mark.parametrize("name", ["parties.company", "company"])
async def test_a_dotted_path_and_its_last_name_mean_the_same(many: AsyncClient, name: str) -> None:
    found = await matching(many, f"/v1/contracts?{name}=alpha")
    assert {party["company"] for record in found for party in record["parties"]} == {"alpha"}


async def test_a_name_that_two_lists_have_needs_its_path() -> None:
    names = filters_of(BY_TYPE["companies"])
    assert {"identifiers.value", "identifiers.scheme", "scheme", "citations.claim", "claim"} <= names.keys()
    events = filters_of(BY_TYPE["events"])
    assert {"kind", "role", "companies.role"} <= events.keys()


async def test_company_means_any_company_that_a_record_names(store: Database, client: AsyncClient) -> None:
    await put(
        store,
        sources=[source()],
        companies=[company(slug) for slug in ("operator", "vendor", "user", "nobody")],
        fleets=[
            fleet(slug="a", operator="operator"),
            fleet(slug="b", operator="nobody", hardware=[{"vendor": "vendor"}, {"vendor": "operator"}]),
            fleet(slug="c", operator="nobody", users=["user", "vendor"]),
        ],
    )
    assert await slugs(client, "/v1/fleets", company="operator") == ["a", "b"]
    assert await slugs(client, "/v1/fleets", company="vendor") == ["b", "c"]
    assert await slugs(client, "/v1/fleets", company=["operator", "user"]) == ["a", "b", "c"]


async def test_source_means_a_source_that_a_record_cites(store: Database, client: AsyncClient) -> None:
    other = citation(source="other", attributed_to="the-article")
    await put(
        store,
        sources=[source(), source(slug="other")],
        companies=[company()],
        events=[event(slug="a"), event(slug="b", citations=[other])],
    )
    assert await slugs(client, "/v1/events", source="the-article") == ["a"]
    assert await slugs(client, "/v1/events", attributed_to="the-article") == ["b"]
    assert await slugs(client, "/v1/events", source=["other", "the-article"]) == ["a", "b"]


async def test_a_record_that_matches_twice_is_listed_once(store: Database, client: AsyncClient) -> None:
    parties = [{"company": "openai", "role": role} for role in ("customer", "member")]
    await put(store, sources=[source()], companies=[company()], contracts=[contract(parties=parties)])
    page = await get(client, "/v1/contracts?company=openai&role=customer&role=member&count=true")
    assert (len(page["data"]), page["total"]) == (1, 1)


@pytest.mark.parametrize("resource", IN_ORDER, ids=lambda resource: resource.type)
async def test_every_filter_finds_a_record_by_what_it_shows(many: AsyncClient, resource: Any) -> None:  # noqa: ANN401 - a Resource
    """Wrong columns show here: each filter is asked with a value that some record has."""
    everything = (await get(many, f"/v1/{resource.type}?limit=1000"))["data"]
    for name, one in filters_of(resource).items():
        shown = {record["slug"]: values for record in everything if (values := _values(record, name))}
        if not shown:
            continue
        wanted = next(iter(shown.values()))[0]
        expected = sorted(slug for slug, values in shown.items() if wanted in values)
        found = await slugs(many, f"/v1/{resource.type}", limit=1000, **{name: wanted})
        # A date is found by a wider one, too.
        assert set(expected) <= set(found) if one.shape.holds is Holds.PARTIAL_DATE else expected == found, name


def _values(record: dict[str, Any], name: str) -> list[str]:
    """What a record shows at a dotted path, as a client would write it; nothing at a path that is not literal."""
    items: list[Any] = [record]
    for part in name.split("."):
        items = [item.get(part) for item in items if isinstance(item, dict)]
        items = [inner for item in items for inner in (item if isinstance(item, list) else [item])]
    plain = [item["amount"] if isinstance(item, dict) else item for item in items if item is not None]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in plain if item is not None]


async def test_an_unknown_enum_value_names_the_nearest(many: AsyncClient) -> None:
    flaw = await refusal(many, "/v1/contracts?stage=signed&stage=anounced")
    assert flaw["parameter"] == "stage"
    assert flaw["suggestion"] == "announced"
    assert "'anounced'" in flaw["detail"]


async def test_an_enum_value_is_lower_case(many: AsyncClient) -> None:
    assert (await refusal(many, "/v1/companies?kind=AI_LAB"))["suggestion"] == "ai_lab"


@pytest.mark.parametrize("name", ["company", "parties.company"])
async def test_an_unknown_slug_names_the_nearest(many: AsyncClient, name: str) -> None:
    flaw = await refusal(many, f"/v1/contracts?{name}=openia")
    assert flaw == {"parameter": name, "detail": "there is no 'openia' in companies", "suggestion": "openai"}


async def test_another_spelling_of_a_slug_is_not_taken_for_it(many: AsyncClient) -> None:
    assert (await refusal(many, "/v1/contracts?company=OpenAI"))["suggestion"] == "openai"


async def test_every_unknown_slug_is_named_once(many: AsyncClient) -> None:
    reply = await many.get("/v1/contracts?company=openia&company=nvida&company=openai&company=openia")
    assert reply.status_code == 400
    assert [flaw["suggestion"] for flaw in reply.json()["errors"]] == ["openai", "nvidia"]


async def test_a_slug_of_another_resource_is_unknown(many: AsyncClient) -> None:
    assert (await refusal(many, "/v1/contracts?company=contract-00"))["detail"].endswith("in companies")


@pytest.mark.parametrize(
    "name",
    ["title", "stage", "term_months", "exclusive", "value", "announced_on", "amends", "company", "source", "products"],
)
async def test_an_empty_value_is_refused_for_every_kind_of_field(many: AsyncClient, name: str) -> None:
    assert (await refusal(many, f"/v1/contracts?{name}="))["parameter"] == name


@pytest.mark.parametrize("text", NO_NUMBER)
@pytest.mark.parametrize("name", ["/v1/contracts?term_months", "/v1/contracts?value", "/v1/fleets?latitude"])
async def test_what_is_no_number_is_refused(many: AsyncClient, name: str, text: str) -> None:
    assert await refusal(many, f"{name}={text}") == {
        "parameter": name.partition("?")[2],
        "detail": f"{text!r} is not a number",
    }


@pytest.mark.parametrize(
    "query",
    [
        "contracts?term_months=1.5",
        "contracts?term_months=2147483648",
        "contracts?term_months=1e999",
        "contracts?value=9223372036854775808",
        "contracts?value=1e30",
        "contracts?value=0.0001",
        "contracts?value=1e-999",
        "contracts?capacities=1e16",
        "fleets?latitude=1e13",
        "fleets?latitude=0.0000001",
        "fleets?longitude=-9223372036854775808",
    ],
)
async def test_a_number_that_no_column_could_hold_is_refused(many: AsyncClient, query: str) -> None:
    assert (await refusal(many, f"/v1/{query}"))["parameter"] in query


@pytest.mark.parametrize("text", ["2025-13", "2025-02-30", "0999", "10000", "25-03", "2025-Q5", "yesterday", "٢٠٢٥"])
async def test_what_is_no_date_is_refused(many: AsyncClient, text: str) -> None:
    assert (await refusal(many, f"/v1/contracts?announced_on={text}"))["parameter"] == "announced_on"


@pytest.mark.parametrize("text", ["TRUE", "1", "yes"])
async def test_what_is_neither_true_nor_false_is_refused(many: AsyncClient, text: str) -> None:
    assert (await refusal(many, f"/v1/contracts?exclusive={text}"))["parameter"] == "exclusive"


@pytest.mark.parametrize("name", ["announced_on=2025", "company=openai", "stage=signed", "title=a"])
async def test_a_parameter_is_given_a_bounded_number_of_times(many: AsyncClient, name: str) -> None:
    most = "&".join([name] * MAX_VALUES)
    assert (await many.get(f"/v1/contracts?{most}")).status_code == 200
    assert (await refusal(many, f"/v1/contracts?{most}&{name}"))["parameter"] == name.partition("=")[0]


async def test_what_is_asked_of_one_list_is_about_one_member_of_it(store: Database, client: AsyncClient) -> None:
    def between(supplier: str, customer: str) -> list[dict[str, str]]:
        return [{"company": supplier, "role": "supplier"}, {"company": customer, "role": "customer"}]

    capacity = {"qualifier": "exact", "amount": 50, "unit": "MW"}
    power = {"qualifier": "exact", "amount": 5, "unit": "gpu"}
    await put(
        store,
        sources=[source()],
        companies=[company("openai"), company("coreweave")],
        contracts=[
            contract(slug="a", parties=between("coreweave", "openai"), capacities=[capacity, power]),
            contract(slug="b", parties=between("openai", "coreweave"), capacities=[capacity | {"amount": 4}]),
        ],
    )
    for query, expected in {
        "company=coreweave&role=supplier": ["a"],
        "parties.company=coreweave&parties.role=supplier": ["a"],
        "parties.company=coreweave&role=supplier&role=customer": ["a", "b"],
        "company=openai&role__not=guarantor": ["a", "b"],
        "company=openai&role__not=customer": [],
        "capacities__gte=10&capacities__unit=gpu": [],
        "capacities__gte=10&capacities__unit=MW": ["a"],
        "capacities__unit__not=gpu": ["b"],
    }.items():
        assert await slugs(client, f"/v1/contracts?{query}") == expected, query


async def test_a_source_and_its_evidence_are_of_one_citation(store: Database, client: AsyncClient) -> None:
    both = [citation(evidence="rumoured"), citation(source="other", evidence="confirmed", confidence="high")]
    await put(
        store,
        sources=[source(), source(slug="other")],
        companies=[company()],
        events=[event(slug="a", citations=both), event(slug="b", citations=[citation(confidence="low")])],
    )
    assert await slugs(client, "/v1/events?source=other&evidence=rumoured") == []
    assert await slugs(client, "/v1/events?source=other&evidence=confirmed&confidence=high") == ["a"]
    assert await slugs(client, "/v1/events?evidence__not=rumoured") == ["b"]
    assert await slugs(client, "/v1/events?company__not=openai") == []


CONTRADICTIONS = {
    "value__gte=10&value__lt=5": "value__gte",
    "value__gt=10&value__lte=10": "value__gt",
    "value__gte=10&value__possibly_lt=5": "value__gte",
    "value__possibly_gte=10&value__lte=5": "value__possibly_gte",
    "value=3&value__gte=5": "value__gte",
    "term_months__gt=11&term_months__lt=12": "term_months__gt",
    "term_months=12&term_months__gte=24": "term_months__gte",
    "announced_on__gte=2025-03&announced_on__lt=2025-03": "announced_on__gte",
    "announced_on__gt=2025-03&announced_on__lt=2025-04": "announced_on__gt",
    "announced_on=2024&announced_on__possibly_gte=2025": "announced_on__possibly_gte",
    "capacities__gte=10&capacities__lte=9": "capacities__gte",
    "stage=signed&stage__not=signed": "stage",
    "company=alpha&company=beta&company__not=beta&company__not=alpha": "company",
    "value__empty=true&value__gte=10": "value__empty",
    "value__empty=true&value__unit=USD": "value__empty",
    "value__unit=USD&value__unit__not=USD": "value__unit",
    "citations.excerpt__empty=true&excerpt__contains=a": "citations.excerpt__empty",
    "products__empty=true&products=A100": "products__empty",
    "conditions__empty=true&conditions__contains=if": "conditions__empty",
    "role=supplier&parties.role=customer": "role",
}
AGREEMENTS = [
    "value__possibly_gte=10&value__possibly_lt=5",
    "value__gte=10&value__lte=10",
    "value=3&value__possibly_gte=5",
    "term_months=12&term_months=24&term_months__gte=24",
    "announced_on__gte=2025-03&announced_on__lte=2025-03",
    "announced_on=2025&announced_on__possibly_gte=2025-06",
    "stage=signed&stage=active&stage__not=signed",
    "value__empty=true&value__not=3",
    "role=supplier&parties.role=supplier",
]


async def test_filters_that_contradict_each_other_are_named(many: AsyncClient) -> None:
    for query, parameter in CONTRADICTIONS.items():
        flaw = await refusal(many, f"/v1/contracts?{query}")
        assert flaw["parameter"] == parameter, query
        assert flaw["detail"].endswith("contradict each other: no record is both"), query
        assert all(pair in flaw["detail"] for pair in query.split("&")), query
    for query in AGREEMENTS:
        assert (await many.get(f"/v1/contracts?{query}")).status_code == 200, query


async def test_an_operator_that_a_field_does_not_have_is_refused_with_those_that_it_has(many: AsyncClient) -> None:
    for name, suggestion, listed in (
        ("kind__gte", None, "it has: not"),
        ("kind__nto", "kind__not", "it has: not"),
        ("title__contain", "title__contains", "it has: not, contains, startswith"),
        ("value__possibly_gt_", "value__possibly_gt", "possibly_gte"),
        ("value__unit__gte", None, "it has: not"),
        ("parties.role__empty", None, "it has: not"),
        ("role__contains", None, "it has: not"),
        ("parties__not", None, "parties"),
        ("exclusive__gt", None, "it has: not, empty"),
    ):
        flaw = await refusal(many, f"/v1/contracts?{name}=1")
        assert flaw["parameter"] == name
        assert listed in flaw["detail"], flaw
        if suggestion:
            assert flaw["suggestion"] == suggestion
    assert (await refusal(many, "/v1/contracts?stagee__not=signed"))["suggestion"] == "stage__not"


async def test_what_makes_sense_once_is_given_once(many: AsyncClient) -> None:
    for name, text in (("value__gte", "1"), ("announced_on__possibly_lt", "2025"), ("value__empty", "true")):
        assert await refusal(many, f"/v1/contracts?{name}={text}&{name}={text}") == {
            "parameter": name,
            "detail": "give it once",
        }


async def test_every_text_that_is_searched_for_parts_has_trigrams_indexed() -> None:
    """Without its index such a filter would read the whole table."""
    for resource in IN_ORDER:
        for one in fields_of(resource):
            names = {operator.name for operator in operators_of(one)}
            indexed = {
                column.name
                for index in one.table.indexes
                for column in index.columns
                if str(index.name).startswith("tg_")
            }
            assert ("contains" in names) <= (one.column in indexed), f"{resource.type}.{one.path}"


@pytest.mark.parametrize(
    ("url", "suggestion"),
    [
        ("/v1/companies?country=us", "US"),
        ("/v1/companies?country__not=us", "US"),
        ("/v1/companies?country=usa", None),
        ("/v1/companies?slug=Open%20AI", "open-ai"),
        ("/v1/companies?slug=summary", None),
        ("/v1/companies?website=openai.com", "https://openai.com"),
        ("/v1/companies?name=" + 501 * "a", None),
        ("/v1/sources?sha256=zz", None),
        ("/v1/sources?sha256=" + 64 * "A", 64 * "a"),
        ("/v1/sources?language=EN", "en"),
        ("/v1/events?companies.role=Hired%20Person", "hired_person"),
        ("/v1/fleets?accelerators__unit=USD", None),
        ("/v1/fleets?accelerators__unit=gpus", "gpu"),
        ("/v1/contracts?value__unit__not=usd", "USD"),
        ("/v1/contracts?capacities__unit=percent", None),
        ("/v1/investments?stake__unit=USD", None),
    ],
)
async def test_a_value_that_a_record_cannot_be_written_with_is_refused_rather_than_found_nowhere(
    client: AsyncClient, url: str, suggestion: str | None
) -> None:
    flaw = await refusal(client, url)
    assert flaw["parameter"] in url
    assert flaw.get("suggestion") == suggestion


@pytest.mark.parametrize(
    "asked",
    [
        "fleets?latitude__gte=100",
        "fleets?latitude=-90.5",
        "fleets?latitude__not=100",
        "fleets?longitude__gt=180",
        "contracts?term_months=0",
        "contracts?value__lt=0",
        "contracts?value__not=-1",
    ],
)
async def test_a_number_outside_of_its_range_is_refused_where_it_leaves_nothing(
    client: AsyncClient, asked: str
) -> None:
    assert "no record has one" in (await refusal(client, f"/v1/{asked}"))["detail"]


async def test_a_number_outside_of_its_range_may_bound_what_lies_within(store: Database, client: AsyncClient) -> None:
    await put(
        store,
        companies=[company("alpha")],
        sources=[source()],
        fleets=[fleet(slug="one", operator="alpha", latitude=90)],
    )
    for asked in ("latitude__lte=100", "latitude__gte=-100", "latitude=90", "latitude__gte=90"):
        assert await slugs(client, f"/v1/fleets?{asked}") == ["one"]


async def test_a_part_of_a_code_need_not_be_one(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("alpha", country="US")])
    assert await slugs(client, "/v1/companies?country__startswith=U") == ["alpha"]
    assert await slugs(client, "/v1/companies?country__startswith=u") == []


async def test_records_are_found_by_their_version_and_by_when_it_was_recorded(
    store: Database, client: AsyncClient
) -> None:
    await put(store, companies=[company(slug) for slug in ("alpha", "beta", "gamma")])
    await put(store, companies=[company("beta", name="Beta, renamed")])
    await put(store, companies=[company("gamma", name="Gamma, renamed")])
    recorded = {record["slug"]: record["recorded_at"] for record in (await get(client, "/v1/companies"))["data"]}
    first, second, third = (recorded[slug] for slug in ("alpha", "beta", "gamma"))
    for asked, kept in {
        "version=1": ["alpha"],
        "version=1&version=2": ["alpha", "beta", "gamma"],
        "version__not=1": ["beta", "gamma"],
        "version__gte=2": ["beta", "gamma"],
        "version__lt=2": ["alpha"],
        "version__gt=2": [],
        f"recorded_at={second}": ["beta"],
        f"recorded_at__not={second}": ["alpha", "gamma"],
        f"recorded_at__gt={first}": ["beta", "gamma"],
        f"recorded_at__gte={second}&recorded_at__lt={third}": ["beta"],
        f"recorded_at__lte={second}": ["alpha", "beta"],
        "recorded_at__gt=2999-01-01T00:00:00%2B14:00": [],
    }.items():
        assert await slugs(client, f"/v1/companies?{asked}") == kept, asked


async def test_what_no_version_can_be_is_refused(client: AsyncClient) -> None:
    assert "from 1 to" in (await refusal(client, "/v1/companies?version=0"))["detail"]
    assert "RFC 3339" in (await refusal(client, "/v1/companies?recorded_at__gte=2025"))["detail"]
    asked = "recorded_at__gt=2026-01-01T00:00:00Z&recorded_at__lte=2026-01-01T00:00:00Z"
    assert "contradict" in (await refusal(client, f"/v1/companies?{asked}"))["detail"]
