"""Which word of a search is gathered from the index, and that it makes no difference to what is found."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from app.search.rarest import rarest
from app.shared.database import Database
from tests.search.test_searching import names, search

# Two words that half of all entries say, one that a hundredth say, and one of each entry's own.
FILL = """
INSERT INTO search_entries (record_id, type, words, digest, title, content)
SELECT n, 'companies', 1, 0, name, name FROM generate_series(1, 3000) AS n, LATERAL (
    SELECT CAST(format('%s maker%s hundred%s', CASE n % 2 WHEN 0 THEN 'group' ELSE 'dynamics' END, n, n % 100)
    AS tsvector) AS name) AS named;
"""


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("sampled", [1, 500], ids=["few words are known", "many words are known"])
async def test_a_word_that_far_fewer_records_say_is_gathered_alone(store: Database, sampled: int) -> None:
    async with store.writing() as connection:
        for statement in (
            FILL,
            f"ALTER TABLE search_entries ALTER COLUMN content SET STATISTICS {sampled}",
            "ANALYZE search_entries",
        ):
            await connection.execute(text(statement))
    async with store.reading() as connection:
        known = await connection.scalar(
            text("SELECT cardinality(most_common_elem_freqs) FROM pg_stats WHERE (tablename, attname) = (:t, :c)"),
            {"t": "search_entries", "c": "content"},
        )
        assert (known < 100) is (sampled == 1)
        assert await rarest(connection, ["group", "maker2017"]) == "maker2017"
        assert await rarest(connection, ["maker2017", "dynamics", "group"]) == "maker2017"
        assert await rarest(connection, ["group", "dynamics"]) is None
        assert await rarest(connection, ["maker2017", "maker2018"]) is None
        assert await rarest(connection, ["maker2017"]) is None
        if sampled > 1:
            assert await rarest(connection, ["group", "makers"]) == "makers"
            assert await rarest(connection, ["group", "make"]) is None


@pytest.mark.parametrize("q", ["openai coreweave", "nvidia buys shares", "coreweave revenue", "word needle zz"])
async def test_the_same_is_found_whichever_word_is_gathered(
    searching: AsyncClient, monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    expected = names(await search(searching, q))
    assert bool(expected) is ("zz" not in q)
    for word in q.split():

        async def chosen(*_: object, word: str = word) -> str:
            return word

        monkeypatch.setattr("app.search.searching.rarest", chosen)
        assert names(await search(searching, q, limit=19)) == expected
