"""Every page of the explorer: that it is there, that it loads nothing foreign, and that it says what the API says."""

import re
from urllib.parse import parse_qsl, urlsplit

from httpx import AsyncClient, Response

from app.shared.database import Database
from tests.factories import company, put
from tests.web.reading import Seen, opened, read

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CURL = re.compile(r"curl 'http://test(/v1/[^']*)'")


def shape(address: str) -> tuple[str, tuple[str, ...]]:
    """What two addresses have in common that differ in what they ask for only."""
    parts = urlsplit(address)
    steps = parts.path.split("/")
    path = "/".join([*steps[:2], *(["…"] if len(steps) > 3 else steps[2:3]), *steps[3:]])
    return path, tuple(sorted({name for name, _ in parse_qsl(parts.query)}))


def flaws(reply: Response, seen: Seen) -> list[str]:
    """What is wrong with a page whatever it shows."""
    wrong = [] if reply.headers["content-security-policy"] == POLICY else ["its policy"]
    wrong += ["no nosniff"] if reply.headers["x-content-type-options"] != "nosniff" else []
    wrong += [f"a {tag} inside" for tag in ("style", "iframe", "object", "embed", "base") if seen.all(tag)]
    wrong += ["a script inside" for one in seen.all("script") if not one.get("src", "").startswith("/static/")]
    wrong += [
        f"{name}= on {tag}"
        for tag, attributes in seen.elements
        for name in attributes
        if name[:2] == "on" or name == "style"
    ]
    ids = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
    wrong += [f"the id {one} twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    wrong += ["no heading of its own"] if len(seen.all("h1")) != 1 else []
    return wrong


async def test_every_link_leads_to_a_page_and_every_page_is_sound(reader: AsyncClient) -> None:
    waiting, met, wrong, asked = ["/"], {shape("/")}, [], dict[object, str]()
    while waiting:
        address = waiting.pop()
        reply = await reader.get(address)
        seen = read(reply)
        if reply.status_code != 200 or (found := flaws(reply, seen)):
            wrong.append((address, reply.status_code, found if reply.status_code == 200 else ""))
        asked |= {shape(one): one for one in CURL.findall(seen.text)}
        new = {shape(link): link for link in seen.links if shape(link) not in met}
        met |= set(new)
        waiting += new.values()
    assert len(met) > 60
    assert wrong == []
    # The curl line of a page is an address that the API answers.
    replies = {one: (await reader.get(one)).status_code for one in asked.values()}
    assert len(replies) > 30
    assert {one: status for one, status in replies.items() if status != 200} == {}


async def test_a_company_shows_the_answer_of_the_api_as_a_picture_and_as_a_table(reader: AsyncClient) -> None:
    question = "companies/openai/dependencies?as_of=2025-03-12&depth=2&kind=compute&kind=capital"
    answer = (await reader.get(f"/v1/{question}")).json()
    seen = await opened(reader, f"/{question}")
    rows = [one["href"] for one in seen.all("a") if one.get("href", "").startswith(("/contracts/", "/investments/"))]
    assert {edge["record"]["url"].removeprefix("/v1") for edge in answer["edges"]} <= set(rows)
    boxes = [one for one in seen.all("rect") if "dg-box" in one.get("class", "")]
    assert len(boxes) == len(answer["nodes"]) > 2
    assert all(edge["summary"] in seen.text for edge in answer["edges"])
    # Its boxes lead on to companies at the same day.
    assert "/companies/coreweave?as_of=2025-03-12" in seen.links
    assert f"curl 'http://test/v1/{question}'" in seen.text
    checked = [one["value"] for one in seen.all("input") if one.get("type") == "checkbox" and "checked" in one]
    assert checked == ["compute", "capital"]


async def test_the_same_company_at_another_day_is_another_picture(reader: AsyncClient) -> None:
    before = await opened(reader, "/companies/openai?as_of=2024-06-01")
    after = await opened(reader, "/companies/openai?as_of=2025-03-12")
    assert "/companies/stargate?as_of=2024-06-01" not in before.links
    assert "/companies/stargate?as_of=2025-03-12" in after.links
    assert "/companies/openai?as_of=2025-01-01" in before.links  # the next change, with no script
    await opened(reader, "/companies/openai?as_of=&kind=")  # as a form sends what is empty


async def test_figures_have_their_citations_beside_them(reader: AsyncClient) -> None:
    seen = await opened(reader, "/companies/openai?as_of=2025-03-12")
    assert (
        "OpenAI is said to have agreed a contract of five years with CoreWeave worth 11.9 billion dollars." in seen.text
    )
    assert "/sources/wired-italy-2025-03-12" in seen.links
    supported = await opened(reader, "/sources/wired-italy-2025-03-12")
    assert "/contracts/openai-coreweave-compute-2025" in supported.links
    assert "/fleets/coreweave-2025-03" in supported.links


async def test_every_tab_of_a_company_calls_its_owner_by_name(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("big", name="Big & Co."), company("acme", name="Acme", parent="big")])
    for tab in ("", "/dependents", "/exposure", "/impact", "/timeline", "/records", "/about"):
        assert "owned by Big & Co." in (await opened(client, f"/companies/acme{tab}")).text, tab


async def test_bounds_are_drawn_and_not_hidden(reader: AsyncClient) -> None:
    seen = await opened(reader, "/companies/coreweave/exposure")
    drawn = [
        (one["class"], one["width"], one.get("x")) for one in seen.all("rect") if one.get("class") in ("sure", "maybe")
    ]
    assert ("sure", "62.00%", None) in drawn
    assert ("maybe", "14.44%", "38.44%") in drawn  # HHI between 3,844 and 5,288 of 10,000
    assert ("maybe", "100.00%", "0.00%") in drawn  # a share of which nothing is known


async def test_sources_that_disagree_stand_side_by_side_with_what_was_before(visitor: AsyncClient) -> None:
    seen = await opened(visitor, "/contracts/openai-coreweave")
    text = re.sub(r"\s+", " ", seen.text)
    assert "sources disagree" in text
    assert re.search(r"USD 5 million.*page 1.*at least USD 7 million preferred", text)
    assert "Its source is the newest, published on 2025-03-14." in text
    assert re.search(r"Version 2 · updated.*value ?nothing ?at least USD 7 million.*Version 1 · created", text)
    assert "7,000,000 or more" in text


async def test_a_search_marks_what_was_found_and_keeps_its_words(reader: AsyncClient) -> None:
    seen = await opened(reader, "/search?q=stargate")
    assert "/companies/stargate" in seen.links
    assert seen.all("mark")
    assert {one.get("value") for one in seen.all("input") if one.get("name") == "q"} == {"stargate"}
    assert "Nothing says" in (await opened(reader, "/search?q=zzzzqqqq")).text


async def test_a_page_of_a_large_company_is_small_and_needs_one_round_of_requests(visitor: AsyncClient) -> None:
    reply = await visitor.get("/companies/hub", headers={"Accept-Encoding": "gzip"})
    seen, sent = read(reply), int(reply.headers["content-length"])
    files = [one["href"] for one in seen.all("link") if one["rel"] == "stylesheet"] + [
        one["src"] for one in seen.all("script")
    ]
    assert reply.headers["content-encoding"] == "gzip"
    assert len(files) == 2
    for address in files:
        file = await visitor.get(address, headers={"Accept-Encoding": "gzip"})
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert b"@import" not in file.content
        sent += int(file.headers["content-length"])
    assert sent <= 150_000
    assert len([one for one in seen.all("rect") if "dg-box" in one.get("class", "")]) == 60
    assert "Showing 60 of 61 companies" in seen.text
    assert "The table shows 60 of " in seen.text
