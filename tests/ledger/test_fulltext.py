"""Lists that are narrowed by what their records say."""

from httpx import AsyncClient

from tests.ledger.asking import get, refusal, slugs


async def test_a_list_keeps_the_records_that_say_all_words_and_goes_on_with_other_filters(reader: AsyncClient) -> None:
    everything = (await get(reader, "/v1/contracts", limit=1000))["data"]
    said = await slugs(reader, "/v1/contracts", q="OPENAI coreweave")
    assert said == [
        one["slug"] for one in everything if {"openai", "coreweave"} <= {p["company"] for p in one["parties"]}
    ]
    assert 0 < len(said) < len(everything)
    kind = next(one["kind"] for one in everything if one["slug"] == said[0])
    assert said[0] in await slugs(reader, "/v1/contracts", q="openai coreweave", kind=kind, count="true")
    assert await slugs(reader, "/v1/contracts", q="openai zebra") == []
    assert await slugs(reader, "/v1/contracts", q="!?") == []
    either = await slugs(reader, "/v1/companies", q=["coreweave", "anthropic"])
    assert {"coreweave", "anthropic"} <= set(either)


async def test_what_is_too_much_to_search_for_is_refused_by_name(reader: AsyncClient) -> None:
    for q in ("", "+".join(f"w{n}" for n in range(17)), "x" * 501):
        assert (await refusal(reader, f"/v1/events?q={q}"))["parameter"] == "q"
