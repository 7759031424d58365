"""Pages that are kept as long as the store does not change."""

from contextlib import AbstractAsyncContextManager

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.render import svg
from app.graph.render.layout import Graphviz
from app.graph.render.picture import Picture
from app.shared.database import Database
from tests.factories import company, one_of_each, put, source
from tests.web.reading import opened


async def test_a_page_is_written_once_and_anew_when_something_was_recorded(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, **one_of_each())
    asked, original = [], Database.reading

    def counted(self: Database) -> AbstractAsyncContextManager[AsyncConnection]:
        asked.append(1)
        return original(self)

    monkeypatch.setattr(Database, "reading", counted)
    first = (await client.get("/companies/openai")).text
    written = len(asked)
    assert (await client.get("/companies/openai")).text == first
    assert len(asked) == written > 0
    await put(store, companies=[company("openai", name="OpenAI Renamed")])
    assert "OpenAI Renamed" in (await opened(client, "/companies/openai")).text


async def test_a_page_that_says_the_same_is_not_written_again_when_something_else_was_recorded(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, **one_of_each())
    drawn, original = [], svg.render

    async def counted(picture: Picture) -> svg.Rendered:
        drawn.append(picture.title)
        return await original(picture)

    monkeypatch.setattr(svg, "render", counted)
    first = (await client.get("/companies/openai")).text
    await put(store, companies=[company("elsewhere")])
    assert (await client.get("/companies/openai")).text == first
    assert drawn == ["Openai depends on"]
    # What stands on the page beside the answer is a part of it: here the name of a source that it cites.
    await put(store, sources=[source(publisher="The Renamed Times")])
    assert "The Renamed Times" in (await opened(client, "/companies/openai")).text


async def test_a_picture_that_was_not_laid_out_in_time_is_tried_again(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, **one_of_each())
    addresses = ("/companies/openai", "/v1/companies/openai/dependencies?format=svg")
    with monkeypatch.context() as away:
        away.setattr(svg, "_graphviz", lambda _loop: Graphviz(command=["false"]))
        late = [await client.get(address) for address in addresses]
    assert all("could not be laid out" in reply.text and "ETag" not in reply.headers for reply in late)
    again = [await client.get(address) for address in addresses]
    assert all("could not be laid out" not in reply.text for reply in again)


async def test_a_kept_page_is_not_that_of_another_question_host_or_encoding(
    client: AsyncClient, store: Database
) -> None:
    await put(store, **one_of_each())
    plain = await client.get("/companies/openai", headers={"Accept-Encoding": "identity"})
    packed = await client.get("/companies/openai", headers={"Accept-Encoding": "gzip"})
    assert ("content-encoding" in plain.headers, packed.headers["content-encoding"]) == (False, "gzip")
    for header, is_packed in {
        "gzip;q=0": False,
        "br, gzip; q=0.0": False,
        "identity, *;q=0": False,
        "gzip;q=0, *": False,
        "gzipped": False,
        "GZIP;q=0.5, identity": True,
        "*": True,
    }.items():
        reply = await client.get("/companies/openai", headers={"Accept-Encoding": header})
        assert ("content-encoding" in reply.headers) is is_packed, header
    assert packed.text == plain.text
    other = await client.get("/companies/openai", headers={"Host": "other.example"})
    assert "curl 'http://other.example/v1" in other.text.replace("&#39;", "'")
    assert "as of 2020-01-01" in (await client.get("/companies/openai?as_of=2020-01-01")).text
    # What is not found is looked for every time.
    await opened(client, "/companies/later", 404)
    await put(store, companies=[company("later")])
    await opened(client, "/companies/later")
