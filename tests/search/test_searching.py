"""Search over all records: what finds them, in which order, what is shown of them, and that nothing breaks it."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.companies.repository import COMPANIES
from app.ledger.transaction import Author, transaction
from app.shared.database import Database
from tests.factories import company, put
from tests.ledger.asking import get, refusal, walk
from tests.search.world import HOSTILE

# What is searched for, and the record that has to come first.
FINDS = {
    "coreweave": "companies/coreweave",
    "CORE": "companies/coreweave",
    "Atlantic Crypto": "companies/coreweave",
    "1045810": "companies/nvidia",
    "nvda": "companies/nvidia",
    "엔비디아": "companies/nvidia",
    "uberlandwerk": "companies/ueber",
    "ÜBERLANDWERK": "companies/ueber",
    "hour compute": "companies/aws",
    "h100": "contracts/openai-coreweave",
    "regulators": "contracts/openai-coreweave",
    "liquid-cooled": "contracts/openai-coreweave",
    "openai rents": "contracts/openai-coreweave",
    "needle": "contracts/long",
    "nvidia buys shares": "investments/nvidia-coreweave",
    "blackwell": "fleets/coreweave-2025-03",
    "coreweave revenue": "metrics/coreweave-revenue-2024",
    "scarce": "events/openai-says",
    "core weave": "companies/coreweave",
    "open ai": "companies/openai",
    "amazonweb serv": "companies/aws",
    "0001045810": "companies/nvidia",
    "oharas": "companies/ohara",
    "北京": "companies/beijing",
    "zurich": "sources/gazette",
    "zoe fass": "sources/gazette",
}
# Whatever is typed into a box, and what the query languages of the two databases would read as theirs.
HOSTILE_QUESTIONS = (
    *('"', "'", '"open', "a AND", "AND", "OR NOT", "NEAR(a b)", "-a", "a*", "*", "title:nvidia", "{title} : x", "^a"),
    *(
        "a & | !b",
        "a <-> b",
        "(((",
        "a\\",
        ":*",
        "'; DROP TABLE records; --",
        "%",
        "_",
        "\U0001f600",
        "e\u0301",
        "\u200b",
    ),
    *("½ ﬁ ǅ ß", "ب ב", "日本", "\ufffd", "x" * 500, "1e5 0x1F 1.5", "a_b", "\t\n", "https://coreweave.com/a?b=c"),
)


async def search(client: AsyncClient, q: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as httpx takes them
    """The records that a search finds."""
    found: list[dict[str, Any]] = (await get(client, "/v1/search", q=q, **more))["data"]
    return found


def names(found: list[dict[str, Any]]) -> list[str]:
    return [f"{one['type']}/{one['slug']}" for one in found]


async def test_a_record_is_found_by_whatever_it_says_and_comes_first_where_it_is_called_so(
    searching: AsyncClient,
) -> None:
    for q, first in FINDS.items():
        found = await search(searching, q)
        assert names(found)[:1] == [first], q
        assert not found[0]["fuzzy"], q
        assert found[0]["url"] == f"/v1/{first}"
        scores = [one["score"] for one in found]
        assert scores == sorted(scores, reverse=True), q
        assert 0 < scores[-1] <= scores[0] <= 100


async def test_every_word_has_to_be_said_and_only_whole_beginnings_count(searching: AsyncClient) -> None:
    assert await search(searching, "blackwell needle") == []
    assert await search(searching, "weave racks") == []
    assert await search(searching, "lackwell") == []
    assert "fleets/coreweave-2025-03" not in names(await search(searching, "bl"))


async def test_a_slip_in_a_name_finds_the_company_and_says_so(searching: AsyncClient) -> None:
    for q in ("Coreweve", "coreweve inc"):
        found = await search(searching, q)
        assert names(found) == ["companies/coreweave"], q
        assert found[0]["fuzzy"]
        assert found[0]["score"] < 50
    assert await search(searching, "Coreweve", type="contracts") == []
    assert not any(one["fuzzy"] for one in await search(searching, "coreweave"))


async def test_type_narrows_and_may_be_given_twice(searching: AsyncClient) -> None:
    of = {
        kind: {one["type"] for one in await search(searching, "coreweave", type=kind)} for kind in ("fleets", "events")
    }
    assert of == {"fleets": {"fleets"}, "events": set()}
    both = await search(searching, "coreweave", type=["fleets", "metrics"])
    assert {one["type"] for one in both} == {"fleets", "metrics"}


async def test_pages_are_cut_anywhere_without_a_gap_or_a_repeat(searching: AsyncClient) -> None:
    whole = names(await search(searching, "coreweave", limit=100))
    assert len(whole) > 5
    assert whole[0] == "companies/coreweave"
    for q, expected in (
        ("coreweave", whole),
        ("core weave", whole[:1]),
        ("gizmo", [f"events/note-{n}" for n in reversed(range(7))]),
    ):
        for limit in (1, 2, 3):
            assert names(await walk(searching, f"/v1/search?q={q}&limit={limit}")) == expected


async def test_a_snippet_shows_the_words_in_pieces_and_adds_no_markup(searching: AsyncClient) -> None:
    (found,) = await search(searching, "needle")
    assert found["field"] == "description"
    assert [part["text"] for part in found["snippet"] if part["match"]] == ["needle"]
    text = "".join(part["text"] for part in found["snippet"])
    assert text.startswith("…word")
    assert text.endswith("word…")
    assert len(text) < 260
    (hostile,) = await search(searching, "alert uberlandwerk")
    assert "".join(part["text"] for part in hostile["snippet"]) == HOSTILE
    assert [part["text"] for part in hostile["snippet"] if part["match"]] == ["alert", "Überlandwerk"]
    (cited,) = await search(searching, "racks")
    assert (cited["field"], cited["title"]) == ("citations.excerpt", "OpenAI rents from CoreWeave")


async def test_a_name_is_marked_however_blanks_and_signs_part_what_was_typed(searching: AsyncClient) -> None:
    for q, field, marked in (
        ("open ai", "name", "OpenAI"),
        ("open aiglo", "aliases", "Open A.I. Global"),
        ("oharas", "name", "O'Hara Systems"),
        ("北京", "name", "北京云计算"),
    ):
        first = (await search(searching, q))[0]
        assert (first["field"], [one["text"] for one in first["snippet"] if one["match"]]) == (field, [marked]), q


async def test_one_or_two_letters_are_a_name_only_where_it_has_no_more(searching: AsyncClient) -> None:
    assert "companies/openai" not in names(await search(searching, "op"))
    assert "companies/hp" in names(await search(searching, "hp"))


async def test_titles_and_their_pieces_have_the_names_of_companies(searching: AsyncClient) -> None:
    (fleet,) = await search(searching, "centers coreweave", type="fleets")
    assert fleet["title"] == "".join(one["text"] for one in fleet["snippet"]) == "Data centers of CoreWeave"
    assert [one["text"] for one in fleet["snippet"] if one["match"]] == ["centers", "CoreWeave"]
    (metric,) = await search(searching, "revenue", type="metrics")
    assert metric["title"].startswith("revenue of CoreWeave: ")


@pytest.mark.parametrize("path", ["/v1/search", "/v1/suggest"])
async def test_whatever_is_asked_is_answered(searching: AsyncClient, path: str) -> None:
    for q in HOSTILE_QUESTIONS:
        reply = await searching.get(path, params={"q": q})
        assert reply.status_code == 200, (q, reply.text)
        assert isinstance(reply.json()["data"], list)
    for q in ("%00", "a%00b", "x" * 10_240, "%ff%fe"):
        reply = await searching.get(f"{path}?q={q}")
        assert reply.status_code in {200, 400}, q


async def test_what_cannot_be_searched_for_is_refused_by_name(searching: AsyncClient) -> None:
    for url, parameter in {
        "/v1/search": "q",
        "/v1/search?q=": "q",
        f"/v1/search?q={'+'.join(f'w{n}' for n in range(17))}": "q",
        "/v1/search?q=a&typ=events": "typ",
        "/v1/search?q=a&type=event": "type",
        "/v1/search?q=a&limit=101": "limit",
        "/v1/search?q=a&q=b": "q",
        "/v1/search?q=a&cursor=b": "cursor",
        "/v1/suggest?q=a&type=events": "type",
    }.items():
        assert (await refusal(searching, url))["parameter"].startswith(parameter), url


async def test_a_cursor_belongs_to_its_question(searching: AsyncClient) -> None:
    following = (await get(searching, "/v1/search?q=coreweave&limit=1"))["next"]
    assert (await refusal(searching, following.replace("q=coreweave", "q=nvidia")))["parameter"] == "cursor"


async def test_the_next_page_is_in_the_link_header_too(searching: AsyncClient) -> None:
    reply = await searching.get("/v1/search?q=coreweave&limit=1")
    assert reply.headers["Link"] == f'<{reply.json()["next"]}>; rel="next"'
    assert "Link" not in (await searching.get("/v1/search?q=coreweave&limit=100")).headers


async def test_an_answer_is_unchanged_until_something_is_written(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("acme", name="Acme")])
    for url in (
        "/v1/search?q=acme",
        "/v1/search?q=acmee",
        "/v1/search?q=nothing",
        "/v1/suggest?q=ac",
        "/v1/suggest?q=acmee",
    ):
        first = await client.get(url)
        again = await client.get(url, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code) == (200, 304), url


async def test_what_is_retracted_renamed_or_restored_is_found_by_what_it_says_now(
    store: Database, client: AsyncClient
) -> None:
    async def slugs(q: str) -> tuple[list[str], list[str]]:
        suggested = (await get(client, "/v1/suggest", q=q))["data"]
        return names(await search(client, q)), [one["slug"] for one in suggested]

    nobody: tuple[list[str], list[str]] = ([], [])
    acme = (["companies/acme"], ["acme"])
    await put(store, companies=[company("acme", name="Turbines")])
    assert await slugs("turbines") == acme
    await put(store, companies=[company("acme", name="Widgetry", aliases=["Sprockets"])])
    assert (await slugs("turbines"), await slugs("widgetry"), await slugs("sprock")) == (nobody, acme, acme)
    async with transaction(store, Author("ann")) as write:
        await write.retract(COMPANIES, "acme")
    assert await slugs("widgetry") == nobody
    await put(store, companies=[company("acme", name="Widgetry")])
    assert (await slugs("widgetry"), await slugs("sprockets")) == (acme, nobody)
