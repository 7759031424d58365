"""FollowTheMoney: every entity is one that the model itself takes, and refers to others of the right kind."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.transfer.seed import seed
from tests.factories import citation, company, contract, investment, put, source
from tests.transfer.moving import exported, put_drawn

# The package is compiled against ICU where it is installed: `make test-ftm` does that, and only that.
pytestmark = pytest.mark.ftm
if TYPE_CHECKING:
    from followthemoney.proxy import EntityProxy


def proxies(content: bytes) -> "dict[str, EntityProxy]":
    """The entities of an export by their ids, as the model reads them."""
    from followthemoney import model  # noqa: PLC0415 - see above

    found = [json.loads(line) for line in content.splitlines()]
    by_id = {one["id"]: model.get_proxy(one, cleaned=False) for one in found}
    assert len(by_id) == len(found)
    for one in found:
        proxy = by_id[one["id"]]
        # Random records have countries that there are not, and texts in which there is nothing to see.
        real = {name: values for name, values in one["properties"].items() if values != _unreal(name, values)}
        proxy.schema.validate(one | {"properties": real})
        for name, values in one["properties"].items():
            # Nothing is dropped as no value of its type.
            assert name not in real or len(proxy.get(name)) == len(values), (one["id"], name)
        assert all(one["properties"].get(name) for name in proxy.schema.required if name != "fileName"), one
    return by_id


def _unreal(name: str, values: list[str]) -> list[str] | None:
    seen = [value for value in values if re.search(r"[^\W_]", value)]
    return values if len(seen) < len(values) or (name == "country" and values != ["us"]) else None


def assert_whole(found: "dict[str, EntityProxy]") -> None:
    """All that an entity names is there and may be named."""
    for proxy in found.values():
        for prop, value in proxy.itervalues():
            if prop.range is not None:
                assert found[value].schema.is_a(prop.range), (proxy.id, prop.name)


def of(found: "dict[str, EntityProxy]", schema: str) -> Iterator[dict[str, Any]]:
    """The properties of the entities of a schema."""
    for proxy in found.values():
        if proxy.schema.name == schema:
            yield proxy.to_dict()["properties"]


async def test_all_of_the_seed_and_of_random_records_are_valid_entities(store: Database, client: AsyncClient) -> None:
    await seed(store)
    await put_drawn(store, 15)
    found = proxies(await exported(client, "?format=ftm"))
    assert_whole(found)
    assert {"Article", "Company", "Contract", "ContractAward", "Event"} <= {one.schema.name for one in found.values()}
    assert found["dealgraph--companies--openai"].caption == "OpenAI"
    assert await exported(client, "?format=ftm") == await exported(client, "?format=ftm")


USD = {"qualifier": "exact", "amount": 5_000_000, "unit": "USD"}
HALF = {"qualifier": "exact", "amount": 50, "unit": "percent"}
ABOUT = {"qualifier": "more_than", "amount": 7, "unit": "USD"}
CASES: list[tuple[dict[str, Any], str, dict[str, list[str]]]] = [
    ({"instrument": "cash", "stage": "completed"}, "Payment", {"amount": ["5000000"], "currency": ["USD"]}),
    ({"instrument": "debt", "stage": "active"}, "Debt", {"creditor": ["dealgraph--companies--nvidia"]}),
    ({"instrument": "equity", "stage": "completed", "stake": HALF}, "Ownership", {"percentage": ["50"]}),
    ({"instrument": "equity", "stage": "rumoured"}, "UnknownLink", {"role": ["investor: equity"]}),
    ({"instrument": "acquisition", "stage": "active", "investee": "state"}, "UnknownLink", {"status": ["active"]}),
    ({"instrument": "warrants", "stage": "completed"}, "UnknownLink", {"role": ["investor: warrants"]}),
]


async def test_an_investment_is_no_more_than_is_certain(store: Database, client: AsyncClient) -> None:
    companies = [company("nvidia"), company("coreweave"), company("openai"), company("state", kind="government")]
    await put(store, sources=[source()], companies=companies)
    deals = [investment(slug=f"deal-{place}", **{"amount": USD} | case) for place, (case, *_) in enumerate(CASES)]
    shared = investment(slug="shared", investors=["nvidia", "openai"], amount=USD, instrument="cash", stage="completed")
    await put(store, investments=[*deals, shared])
    found = proxies(await exported(client, "?format=ftm"))
    assert_whole(found)
    for place, (_, schema, expected) in enumerate(CASES):
        one = found[f"dealgraph--investments--deal-{place}--investors--0"]
        assert one.schema.name == schema, place
        assert {name: one.get(name) for name in expected} == expected
        assert one.get("proof") == ["dealgraph--sources--the-article"]
    for position in range(2):
        one = found[f"dealgraph--investments--shared--investors--{position}"]
        assert (one.get("amount"), one.get("description")) == ([], ["USD 5 million"])


async def test_a_contract_is_one_with_its_customer_suppliers_and_words(store: Database, client: AsyncClient) -> None:
    roles = [("openai", "customer"), ("nvidia", "supplier"), ("state", "guarantor")]
    parties = [{"company": slug, "role": role} for slug, role in roles]
    deal = contract(parties=parties, value=ABOUT, signed_on="2025-Q3", starts_on="2025-03~", ends_on="2030-03")
    parent = company("nvidia", parent="openai", identifiers=[{"scheme": "ticker", "value": "NVDA"}], country="US")
    state = company("state", kind="government", parent="openai", citations=[citation()])
    await put(store, sources=[source()], companies=[company("openai"), parent, state], contracts=[deal])
    found = proxies(await exported(client, "?format=ftm"))
    assert_whole(found)
    (said,) = of(found, "Contract")
    assert said["authority"] == ["dealgraph--companies--openai"]
    assert (said["contractDate"], said["notes"]) == (["2025"], ["more than USD 7"])
    assert "amount" not in said
    (award,) = of(found, "ContractAward")
    assert (award["supplier"], award["endDate"]) == (["dealgraph--companies--nvidia"], ["2030-03"])
    assert "startDate" not in award
    (link,) = of(found, "UnknownLink")
    assert (link["subject"], link["role"]) == (["dealgraph--companies--state"], ["guarantor"])
    (owned,) = of(found, "Ownership")
    assert (owned["owner"], owned["asset"]) == (["dealgraph--companies--openai"], ["dealgraph--companies--nvidia"])
    (public,) = of(found, "PublicBody")
    assert public["parent"] == ["dealgraph--companies--openai"]
    assert found["dealgraph--companies--nvidia"].get("ticker") == ["NVDA"]
    assert found["dealgraph--companies--nvidia"].get("country") == ["us"]
