"""Answers of numbers as pictures: rankings, exposure and the timeline by ``format=svg`` or ``Accept``."""

from xml.etree import ElementTree as ET

from httpx import AsyncClient

from tests.describing import in_place
from tests.graph.asking import ask, problem
from tests.graph.small_world import DAY, World
from tests.statements import statements

SVG = "{http://www.w3.org/2000/svg}"
ON = "as_of=2025-03-12"
DRAWN = {
    "/v1/companies/coreweave/exposure?" + ON: ("CoreWeave", "at least USD 11.9 billion", "62 percent"),
    "/v1/timeline?company=openai": ("OpenAI", "2025-03-10", "Microsoft invests in OpenAI"),
    "/v1/timeline?from=2024-01-01": ("revenue share of CoreWeave with Microsoft: 62 percent", "Data centers of Core"),
    f"/v1/rankings?{ON}": ("CoreWeave", "2 companies"),
    f"/v1/rankings?by=contract_value&{ON}": ("CoreWeave", "at least USD 11.9 billion, rank 1 to 4", "unknown"),
    f"/v1/rankings?by=investment&{ON}": ("OpenAI", "more than USD 10 billion"),
    f"/v1/rankings?by=gpus&{ON}": ("CoreWeave", "more than 250,000 GPUs"),
    f"/v1/rankings?by=sites&{ON}": ("CoreWeave", "32 sites"),
    f"/v1/rankings?by=power&{ON}": ("CoreWeave",),
    f"/v1/rankings?by=hardware&{ON}": ("Nvidia", "at least 250,000 GPUs"),
    f"/v1/rankings?by=sole_source&{ON}": ("Nvidia", "1 need"),
}
"""Questions, and what their pictures have to say."""
BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


def description(svg: str) -> str:
    return ET.fromstring(svg).findtext(f"{SVG}desc") or ""  # noqa: S314 - we made it


async def test_every_answer_is_a_picture_for_whoever_asks_for_one(reader: AsyncClient) -> None:
    for url, said in DRAWN.items():
        by_name = await reader.get(f"{url}&format=svg")
        assert (by_name.status_code, by_name.headers["content-type"]) == (200, "image/svg+xml"), by_name.text
        assert by_name.headers["vary"] == "Accept"
        assert all(words in by_name.text for words in said), (url, description(by_name.text))
        by_accept = await reader.get(url, headers={"Accept": BROWSER})
        assert description(by_accept.text) == description(by_name.text)
        assert (await reader.get(url, headers={"Accept": "application/json"})).headers["content-type"] == (
            "application/json"
        )
        assert (await reader.get(f"{url}&format=json", headers={"Accept": "image/svg+xml"})).json()


async def test_a_picture_is_as_wide_as_asked_for_and_no_wider_than_there_are_pictures(reader: AsyncClient) -> None:
    for url in DRAWN:
        narrow = ET.fromstring((await reader.get(f"{url}&format=svg&width=480")).text)  # noqa: S314 - we made it
        assert narrow.get("width") == "480"
    for width in ("99", "10001", "wide"):
        for url in ("/v1/rankings", "/v1/timeline", "/v1/companies/openai/exposure"):
            said = problem(await reader.get(f"{url}?format=svg&width={width}"), 400)
            assert [flaw["parameter"] for flaw in said["errors"]] == ["width"]


async def test_the_timeline_says_from_when_and_until_when_it_was_asked_for(reader: AsyncClient) -> None:
    drawn = description((await reader.get("/v1/timeline?from=2025-01-01&to=2025-12-31&format=svg")).text)
    assert "Asked for: from 2025-01-01 · to 2025-12-31." in drawn
    assert "Asked for" not in description((await reader.get("/v1/timeline?format=svg")).text)


async def test_bars_say_which_filters_they_were_asked_with_but_not_which_edges_the_order_itself_needs(
    reader: AsyncClient,
) -> None:
    ranked = f"/v1/rankings?by=contract_value&{ON}&format=svg"
    for url, said in {
        f"{ranked}&stage=signed&published_by=2025-03-12": "published by 2025-03-12 · stage signed",
        f"/v1/companies/openai/exposure?{ON}&format=svg&published_by=2025-03-12": "published by 2025-03-12",
    }.items():
        assert f"Asked for: {said}." in description((await reader.get(url)).text)
    assert "Asked for" not in description((await reader.get(ranked)).text)


async def test_a_picture_that_has_not_changed_is_not_sent_again(reader: AsyncClient) -> None:
    for url in DRAWN:
        first = await reader.get(f"{url}&format=svg")
        again = await reader.get(f"{url}&format=svg", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["etag"] != (await reader.get(url)).headers["etag"]
        head = await reader.head(f"{url}&format=svg")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == "image/svg+xml"


async def test_a_shape_that_there_is_not_is_refused(reader: AsyncClient) -> None:
    said = problem(await reader.get("/v1/rankings", headers={"Accept": "text/turtle"}), 406)
    assert "image/svg+xml" in said["errors"][0]["detail"]
    for url in ("/v1/rankings", "/v1/timeline", "/v1/companies/openai/exposure"):
        flaw = problem(await reader.get(f"{url}?format=svgg"), 400)["errors"][0]
        assert (flaw["parameter"], flaw["suggestion"]) == ("format", "svg")
    problem(await reader.get("/v1/companies/nobody/exposure?format=svg"), 404)


async def test_openapi_lists_the_picture_and_its_bounds(reader: AsyncClient) -> None:
    served = in_place((await reader.get("/openapi.json")).json())["paths"]
    for path in ("/v1/rankings", "/v1/timeline", "/v1/companies/{slug}/exposure"):
        operation = served[path]["get"]
        assert list(operation["responses"]["200"]["content"]) == ["text/csv", "image/svg+xml", "application/json"]
        (width,) = [one for one in operation["parameters"] if one["name"] == "width"]
        assert width["schema"].items() >= {"type": "integer", "minimum": 100, "maximum": 10_000}.items()
        assert "from 100 to 10,000" in width["description"]


async def test_names_are_those_of_then_and_cost_at_most_one_statement(world: World) -> None:
    for url in (f"/v1/rankings?as_of={DAY}", "/v1/timeline?company=lab", f"/v1/companies/cloud/exposure?as_of={DAY}"):
        with statements() as numbers:
            await ask(world.client, url)
        with statements() as drawn:
            await world.client.get(f"{url}&format=svg")
        assert len(drawn) <= len(numbers) + 1
    now = await world.client.get(f"/v1/rankings?as_of={DAY}&format=svg")
    then = await world.client.get(f"/v1/rankings?as_of={DAY}&format=svg&known_at={world.told}")
    assert "Big Lab: " in description(now.text)
    assert "Big Lab" not in description(then.text)
    assert "as known at 20" in description(then.text)
