"""The questions as tools for a language model, asked by the official client.

Over standard input and output, by a command of its own, it asks in docs/mcp.md, which tests/test_docs.py runs.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest
from httpx import AsyncClient, ConnectError, MockTransport, Request, Response
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from app.cli.mcp.command import serve_http
from app.cli.mcp.server import server_of
from app.cli.mcp.tools import TOOLS
from app.graph.routes.loops import LoopsQuestion
from app.graph.schemas.questions import MAX_DEPTH, GraphQuestion
from app.shared.database import Database
from tests.cli.test_cli import assert_failed, told
from tests.conftest import serving
from tests.ledger.keyed import bearer
from tests.server import free_port

DAY = {"as_of": "2025-03-12"}
QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "search": ({"q": "coreweave gpu", "type": ["contracts", "fleets"]}, "/v1/search"),
    "record": (
        {"resource": "contracts", "slug": "openai-coreweave-compute-2025"},
        "/v1/contracts/openai-coreweave-compute-2025",
    ),
    "dependencies": ({"company": "openai", "depth": 2, **DAY}, "/v1/companies/openai/dependencies"),
    "dependents": ({"company": "nvidia", **DAY}, "/v1/companies/nvidia/dependents"),
    "path": ({"from": "openai", "to": "nvidia", **DAY}, "/v1/paths"),
    "loops": ({"company": ["nvidia"], "max_length": 2, **DAY}, "/v1/loops"),
    "exposure": ({"company": "coreweave", **DAY}, "/v1/companies/coreweave/exposure"),
    "impact": ({"company": "coreweave", **DAY}, "/v1/companies/coreweave/impact"),
}
MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("dependencies", {"company": "opnai"}, "there is no 'opnai' in companies\ndid you mean 'openai'?"),
    ("dependencies", {}, "company: a word without / is required"),
    ("dependencies", {"company": 7}, "company: a word without / is required"),
    ("dependencies", {"company": "openai", "depth": 9}, "depth: at most 8 is needed"),
    ("dependencies", {"company": "openai", "format": "csv"}, "unknown argument 'format'"),
    ("impact", {"company": "openai", "dept": 2}, "(did you mean 'depth'?)"),
    ("path", {"from": "openai", "to": "nvida"}, "to: there is no 'nvida' in companies (did you mean 'nvidia'?)"),
    ("record", {"resource": "companies", "slug": "openai/history"}, "slug: a word without / is required"),
]


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_every_tool_answers_as_the_api_does(reader: AsyncClient) -> None:
    async with Client(server_of(reader)) as client:
        for name, (arguments, path) in QUESTIONS.items():
            inside = {part for part in arguments if f"/{arguments[part]}" in path}
            asked = {part: value for part, value in arguments.items() if part not in inside}
            result = await client.call_tool(name, arguments | {"known_at": None} if name != "search" else arguments)
            assert not result.is_error, text_of(result)
            assert result.structured_content == (await reader.get(path, params=asked)).json()
            assert text_of(result)
        assert set(QUESTIONS) == {tool.name for tool in TOOLS}
        tree = text_of(await client.call_tool("path", QUESTIONS["path"][0]))
        assert tree.startswith("How OpenAI depends on Nvidia (as of 2025-03-12)\n├── CoreWeave  compute")
        assert "\n- CoreWeave has capital from Nvidia. [investments/nvidia-coreweave; wired-italy-" in tree
        found = text_of(await client.call_tool("search", QUESTIONS["search"][0]))
        assert found.startswith("- contracts/openai-coreweave-compute-2025: CoreWeave supplies OpenAI")


@pytest.mark.parametrize("article", ["sqlite"], indirect=True)
async def test_what_goes_wrong_is_told_in_the_words_of_the_api(reader: AsyncClient) -> None:
    async with Client(server_of(reader)) as client:
        for name, arguments, said in MISTAKES:
            result = await client.call_tool(name, arguments)
            assert result.is_error, (name, arguments)
            assert said in text_of(result)
        with pytest.raises(MCPError, match="there is no tool 'delete'"):
            await client.call_tool("delete", {})


async def test_tools_only_read_and_have_the_parameters_of_the_api() -> None:
    async with Client(server_of(AsyncClient())) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    for tool in tools.values():
        assert tool.annotations
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
        assert "Use it" in (tool.description or "")
        assert tool.input_schema["additionalProperties"] is False
        assert all(part.get("description") for part in tool.input_schema["properties"].values())
    for name, question, inside in (("dependencies", GraphQuestion, {"company"}), ("loops", LoopsQuestion, set[str]())):
        of_api = set(question.model_json_schema()["properties"]) - {"format", "width"}
        assert set(tools[name].input_schema["properties"]) == of_api | inside
    assert tools["dependencies"].input_schema["properties"]["depth"]["maximum"] == MAX_DEPTH
    assert tools["dependencies"].input_schema["required"] == ["company"]
    assert tools["path"].input_schema["required"] == ["from", "to"]


async def test_without_the_extra_the_command_says_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "app.cli.mcp.server")
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert_failed(await told("sqlite:///unused.db", "mcp"), "pip install 'dealgraph[mcp]'")


async def test_a_server_that_is_away_is_an_error_of_the_tool() -> None:
    def away(_: Request) -> Response:
        raise ConnectError("nobody listens")

    nobody = AsyncClient(transport=MockTransport(away), base_url="http://there")
    async with nobody, Client(server_of(nobody)) as client:
        result = await client.call_tool("loops", {})
    assert result.is_error
    assert text_of(result) == "nobody can be asked: nobody listens"


@asynccontextmanager
async def talking(port: int, headers: dict[str, str]) -> AsyncIterator[Client]:
    """A client of the streamable HTTP server on a port."""
    http = httpx2.AsyncClient(headers=headers)
    there = streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)
    async with http, Client(there) as client:
        yield client


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_over_http_a_caller_needs_the_key_that_the_api_wants(store: Database, store_url: str) -> None:
    port = free_port()
    async with serving(store_url, public_reads=False) as api, anyio.create_task_group() as group:
        group.start_soon(serve_http, server_of(api), "127.0.0.1", port)
        while True:
            try:
                await (await anyio.connect_tcp("127.0.0.1", port)).aclose()
                break
            except OSError:
                await anyio.sleep(0.01)
        async with talking(port, await bearer(store, "read")) as client:
            assert (await client.call_tool("loops", {})).structured_content
        async with talking(port, {}) as client:
            refused = await client.call_tool("loops", {})
            assert refused.is_error
            assert "key" in text_of(refused)
        # A page in a browser cannot reach it through a name that leads here.
        async with AsyncClient() as browser:
            headers = {"Host": "evil.example", "Content-Type": "application/json", "Accept": "application/json"}
            reply = await browser.post(f"http://127.0.0.1:{port}/mcp", json={}, headers=headers)
            assert reply.status_code == 421
        group.cancel_scope.cancel()
