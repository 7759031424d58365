"""Suggestions while somebody types: who comes, in which order, by which index."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import Dialect, Select, SelectBase, text

from app.search.lookup import lookup_statement
from app.search.suggesting import STATEMENT
from app.shared.database import Database
from app.shared.driver import Spelt, spell
from tests.factories import company, put
from tests.ledger.asking import get

# What was typed, who comes first, and by which of its names.
TYPED = {
    "co": ("coreweave", "name", "CoreWeave"),
    "Core We": ("coreweave", "name", "CoreWeave"),
    "corewe": ("coreweave", "name", "CoreWeave"),
    "atl": ("coreweave", "alias", "Atlantic Crypto"),
    "crypto": ("coreweave", "alias", "Atlantic Crypto"),
    "web serv": ("aws", "name", "Amazon Web Services"),
    "aws": ("aws", "alias", "AWS"),
    "nvd": ("nvidia", "identifier", "NVDA"),
    "10458": ("nvidia", "identifier", "1045810"),
    "0001045810": ("nvidia", "identifier", "1045810"),
    "uber": ("ueber", "name", "Überlandwerk S.p.A."),
    "엔비": ("nvidia", "alias", "엔비디아"),
}


async def suggest(client: AsyncClient, q: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as httpx takes them
    found: list[dict[str, Any]] = (await get(client, "/v1/suggest", q=q, **more))["data"]
    return found


async def test_a_beginning_of_any_name_suggests_its_company(searching: AsyncClient) -> None:
    for q, expected in TYPED.items():
        first = (await suggest(searching, q))[0]
        assert (first["slug"], first["matched"]["what"], first["matched"]["value"]) == expected, q
        assert (first["fuzzy"], first["url"]) == (False, f"/v1/companies/{first['slug']}")


async def test_names_that_begin_so_come_before_later_words_and_each_company_comes_once(searching: AsyncClient) -> None:
    assert [one["slug"] for one in await suggest(searching, "a")] == [
        "acme-us",
        "acme-de",
        "aws",
        "coreweave",
        "openai",
    ]
    assert [one["slug"] for one in await suggest(searching, "a", limit=2)] == ["acme-us", "acme-de"]


async def test_only_where_nothing_begins_so_a_slip_is_undone_and_said(searching: AsyncClient) -> None:
    assert [(one["slug"], one["fuzzy"]) for one in await suggest(searching, "Coreweve")] == [("coreweave", True)]
    assert await suggest(searching, "Zebra") == []
    assert await suggest(searching, "!?") == []


async def test_of_names_that_are_the_same_letters_the_first_is_told(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("acme", name="Acme Cloud", aliases=["ACME cloud", "AcmeCloud", "Nine-9"])])
    for q, what, value in (
        ("acmec", "name", "Acme Cloud"),
        ("cl", "name", "Acme Cloud"),
        ("nine9", "alias", "Nine-9"),
        ("acmecluod", "name", "Acme Cloud"),
    ):
        found = await suggest(client, q)
        assert [one["matched"] for one in found] == [{"what": what, "value": value}], q


RANGES = '[[0,9,"compan","compao",""],[1,10,"compan","compao","7"]]'
PLANS: dict[str, Callable[[bool], tuple[Select[Any], dict[str, Any]]]] = {
    "suggest": lambda _lateral: (STATEMENT, {"low": "compan", "high": "compao", "most": 40}),
    "look up": lambda lateral: (
        lookup_statement(("key", "core", "backwards"), lateral=lateral),
        dict.fromkeys(("key", "core", "backwards"), RANGES),
    ),
}
FILL = """
CREATE TEMPORARY TABLE numbers AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    SELECT n, 'company' || n AS key FROM n;
INSERT INTO records (id, type, slug, version, retracted) SELECT n, 'companies', key, 1, FALSE FROM numbers;
INSERT INTO companies (id, slug, name, kind) SELECT n, key, key, 'other' FROM numbers;
INSERT INTO name_keys (company_id, position, what, value, inside, key, core, backwards, letters)
    SELECT n, 0, 'name', key, FALSE, key, key, n || 'ynapmoc', length(key) FROM numbers;
ANALYZE
"""


async def test_in_a_large_store_names_are_read_from_indexes_only(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store.writing() as connection:
        for statement in FILL.split(";"):
            await connection.execute(text(statement))
    postgresql = store.writer.dialect.name == "postgresql"
    explain = "EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN "

    def spell_plan(statement: SelectBase, dialect: Dialect) -> Spelt:
        spelt = spell(statement, dialect)
        return spelt._replace(sql=explain + spelt.sql)

    monkeypatch.setattr("app.shared.database.spell", spell_plan)
    for asked, question in PLANS.items():
        plan = [str(line[-1]) for line in await store.rows(*question(postgresql))]
        whole = [
            line
            for line in plan
            if re.search(r"Seq Scan on (name_keys|companies)|SCAN (name_keys|companies|ranged)", line)
        ]
        assert whole == [], (asked, plan)
        assert any("ix_name_keys_key" in line for line in plan), plan
        assert asked == "suggest" or any("ix_name_keys_backwards" in line for line in plan), plan
