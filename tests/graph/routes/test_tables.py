"""Answers of numbers as tables: each row of the CSV says what the JSON says."""

import csv
from collections.abc import Callable, Iterable
from io import StringIO
from typing import Any, Final

import pytest
from httpx import AsyncClient, Response

from app.shared.json import dumps
from tests.graph.asking import problem

ON = "as_of=2025-03-12"
DIFF = "/v1/companies/openai/dependencies/diff?from=2024-12-31&to=2025-03-12"
Rows = list[dict[str, Any]]


def parties(answer: dict[str, Any]) -> Rows:
    """What is said of each party of an exposure."""
    about = ("basis", "tentative", "nature", "period", "hhi")
    wholes = [(group, whole) for group in answer["groups"] for whole in group["concentrations"]]
    return [
        {"by": group["by"], "kind": group["kind"], **{name: whole[name] for name in about}, **party}
        for group, whole in wholes
        for party in whole["parties"]
    ]


def losses(answer: dict[str, Any]) -> Rows:
    """What is said of each loss."""
    reached = ("company", "name", "depth", "via")
    return [{name: one[name] for name in reached} | loss for one in answer["affected"] for loss in one["losses"]]


def neighbours(answer: dict[str, Any]) -> Rows:
    """What is said of each company beside those that are compared."""
    sides = [(side, had) for side in ("dependencies", "dependents") for had in ("shared", "partly", "only")]
    return [{"side": side, "had": had, **one} for side, had in sides for one in answer[side][had]]


def changes(answer: dict[str, Any]) -> Rows:
    """What is said of each change."""
    moved = [{"change": change, **edge} for change in ("gained", "lost") for edge in answer[change]]
    return moved + [
        {"change": "changed", "from": one["edge"]["from"], "to": one["edge"]["to"], **field, "record": one["record"]}
        for one in answer["changed"]
        for field in one["fields"]
    ]


TABLES: Final[dict[str, Callable[[dict[str, Any]], Rows]]] = {
    f"/v1/companies/coreweave/exposure?{ON}": parties,
    f"/v1/companies/nvidia/impact?{ON}": losses,
    f"/v1/compare?company=openai&company=microsoft&{ON}": neighbours,
    DIFF: changes,
    "/v1/timeline?from=2023-01-01": lambda answer: answer["data"],
    **{
        f"/v1/rankings?by={by}&{ON}": lambda answer: answer["data"]
        for by in ("dependents", "contract_value", "investment", "gpus", "sites", "hardware", "sole_source")
    },
}
"""Questions, and the rows that their answers have by hand."""


def rows_of(reply: Response) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(reply.text, newline="")))


def cell(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value as a cell says it."""
    if value in (None, [], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return dumps(value) if isinstance(value, list | dict) else str(value)


def at(row: dict[str, Any], column: str) -> Any:  # noqa: ANN401 - JSON
    """What a row says at the place that a column is called after."""
    found: Any = row
    for step in column.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def agree(row: dict[str, str], said: dict[str, Any], columns: Iterable[str]) -> bool:
    """Whether a row says what was said, as far as it was said."""
    return all(row[column] == cell(at(said, column)) for column in columns if column.partition(".")[0] in said)


@pytest.mark.parametrize("url", TABLES)
async def test_each_row_of_the_table_says_what_the_json_says(reader: AsyncClient, url: str) -> None:
    reply = await reader.get(url, headers={"Accept": "text/csv"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert reply.text == (await reader.get(f"{url}&format=csv")).text
    rows, said = rows_of(reply), TABLES[url]((await reader.get(url)).json())
    assert said
    assert len(rows) == len(said)
    for row, one in zip(rows, said, strict=True):
        assert agree(row, one, row), (row, one)
    assert {column.partition(".")[0] for column in rows[0]} <= {name for one in said for name in one}


async def test_an_open_bound_is_an_empty_cell(reader: AsyncClient) -> None:
    (first, *_) = rows_of(await reader.get(f"/v1/rankings?by=investment&{ON}&format=csv"))
    named = [first[f"value.{part}"] for part in ("low", "high", "unit", "text")]
    assert (first["company"], first["best_rank"]) == ("openai", "1")
    assert named == ["10000000000", "", "USD", "more than USD 10 billion"]


async def test_a_party_of_an_exposure_has_its_share_and_the_concentration_beside_it(reader: AsyncClient) -> None:
    rows = rows_of(await reader.get(f"/v1/companies/coreweave/exposure?{ON}&format=csv"))
    (row,) = [row for row in rows if (row["by"], row["company"], row["basis"]) == ("customer", "microsoft", "stated")]
    named = ("kind", "period", "share.low", "share.high", "share.text", "hhi.low", "hhi.high", "amount.low")
    assert [row[name] for name in named] == ["revenue", "2024", "62", "62", "62 percent", "3844", "5288", ""]


async def test_what_would_be_lost_with_nvidia_is_a_row_with_its_path(reader: AsyncClient) -> None:
    rows = rows_of(await reader.get(f"/v1/companies/nvidia/impact?{ON}&format=csv"))
    (row,) = [row for row in rows if (row["company"], row["kind"]) == ("coreweave", "hardware")]
    assert (row["source"], row["only_source"], row["depth"]) == ("nvidia", "true", "1")


async def test_a_table_that_is_cut_names_the_limit_in_a_header_and_a_whole_one_has_none(reader: AsyncClient) -> None:
    for url, limit in (
        (f"/v1/rankings?{ON}&limit=1", "companies"),
        (f"/v1/paths?from=openai&to=nvidia&limit=1&{ON}", "paths"),
        (f"/v1/loops?limit=1&{ON}", "loops"),
    ):
        assert (await reader.get(url)).json()["truncated_by"] == [limit]
        assert (await reader.get(f"{url}&format=csv")).headers["X-Truncated"] == limit
        assert (await reader.get(f"{url}&format=svg")).headers["X-Truncated"] == limit
    for url in (f"/v1/rankings?{ON}&format=csv", f"/v1/companies/openai/dependencies?{ON}&format=csv"):
        assert "X-Truncated" not in (await reader.get(url)).headers


async def test_a_page_of_the_timeline_leads_to_the_next_whatever_its_shape(reader: AsyncClient) -> None:
    seen: list[str] = []
    url: str | None = "/v1/timeline?limit=7&format=csv"
    while url:
        reply = await reader.get(url)
        seen += [row["record.url"] for row in rows_of(reply)]
        url = reply.links.get("next", {}).get("url")
    assert seen == [one["record"]["url"] for one in (await reader.get("/v1/timeline?limit=1000")).json()["data"]]


async def test_what_has_no_picture_says_what_it_has(reader: AsyncClient) -> None:
    for url in (DIFF, "/v1/companies/nvidia/impact?depth=2", "/v1/compare?company=openai&company=microsoft"):
        (flaw,) = problem(await reader.get(f"{url}&format=svg"), 400)["errors"]
        assert flaw["parameter"] == "format"
        assert "json or csv" in flaw["detail"]
        assert (
            "text/csv"
            in problem(await reader.get(url, headers={"Accept": "image/svg+xml"}), 406)["errors"][0]["detail"]
        )
