"""Names to companies: who is meant, how sure that is, and when nobody has to be asked."""

import pytest
from sqlalchemy import event

from app.search.matching import Asked, Candidate, candidates
from app.shared.database import Database


async def best(known: Database, name: str, **more: object) -> Candidate | None:
    """The first candidate for a name."""
    async with known.reading() as connection:
        (found,) = await candidates(connection, [Asked(name, **more)])  # type: ignore[arg-type]
    return found[0] if found else None


SURE = {
    "coreweave": ["CoreWeave", "core weave", "COREWEAVE, INC.", "CoreWeave Holdings"[:9], "Atlantic Crypto Ltd"],
    "nvidia": ["NVIDIA CORP", "Nvidia Corporation", "nvidia", "엔비디아", "The Nvidia Company"],
    "meta": ["Meta Platforms", "META PLATFORMS INC /DE/"],
    "ueber": ["Uberlandwerk SpA", "ÜBERLANDWERK", "U\u0308berlandwerk"],
    "aws": ["AWS", "Amazon Web Services LLC"],
    "openai": ["Open AI Global", "OpenAI"],
}
ALIKE = {
    "coreweave": ["Coreweve", "CoreWave", "Coreewave", "Corewaeve", "oreweave", "CoreWeavee"],
    "openai": ["opneai", "OpenIA"],
    "microsoft": ["Mircosoft", "Micrsoft Corp", "Microsoft Azure"],
    "meta": ["Meta"],
    "aws": ["Amazon"],
}


async def test_a_name_is_decided_where_one_company_has_it_but_for_how_it_is_written(known: Database) -> None:
    for slug, names in SURE.items():
        for name in names:
            found = await best(known, name)
            assert found, name
            assert (found.slug, found.decided, found.score >= 95) == (slug, True, True), name


async def test_a_name_that_is_only_alike_is_found_but_never_decided(known: Database) -> None:
    for slug, names in ALIKE.items():
        for name in names:
            found = await best(known, name)
            assert found, name
            assert (found.slug, found.decided) == (slug, False), name
            assert 55 <= found.score < 95, name


async def test_nothing_is_found_for_what_no_company_is_like(known: Database) -> None:
    for name in ("!!!", "…", "x", "Zebra Holdings", "Inc", "ne", "\U0001f642" * 100, "a" * 500):
        assert await best(known, name) is None, name


async def test_two_companies_of_one_name_are_both_shown_and_neither_is_decided(known: Database) -> None:
    async with known.reading() as connection:
        (found,) = await candidates(connection, [Asked("Acme")])
    assert [(one.slug, one.decided) for one in found] == [("acme-de", False), ("acme-us", False)]


async def test_an_identifier_decides_whatever_the_name(known: Database) -> None:
    for value in ("1045810", "0001045810"):
        found = await best(known, "Some graphics firm", identifiers=(("cik", value),))
        assert found
        assert (found.slug, found.score, found.decided) == ("nvidia", 100.0, True)
        assert f"its cik is {value}" in found.why


async def test_another_identifier_speaks_against_the_same_name(known: Database) -> None:
    found = await best(known, "Microsoft", identifiers=(("cik", "320193"),))
    assert found
    assert not found.decided
    assert found.score < 70
    assert "its cik is 789019, not 320193" in found.why


async def test_identifiers_of_two_companies_decide_nothing(known: Database) -> None:
    both = (("cik", "1045810"), ("cik", "789019"))
    async with known.reading() as connection:
        (found,) = await candidates(connection, [Asked("Nvidia", both)])
    assert {one.slug for one in found} == {"nvidia", "microsoft"}
    assert not any(one.decided for one in found)


async def test_a_name_is_no_identifier_and_a_scheme_is_not_another(known: Database) -> None:
    found = await best(known, "Some graphics firm", identifiers=(("ticker", "1045810"), ("cik", "Nvidia")))
    assert found is None


async def test_the_country_tells_two_of_a_name_apart_only_as_far_as_it_goes(known: Database) -> None:
    found = await best(known, "Acme", country="DE")
    assert found
    assert (found.slug, found.decided) == ("acme-de", False)
    other = await best(known, "CoreWeave", country="FR", kind="ai_lab")
    assert other
    assert not other.decided
    assert other.why[-2:] == ("its country is US, not FR", "its kind is cloud_provider, not ai_lab")


@pytest.mark.parametrize(("identifiers", "statements_each"), [((), 3), ((("cik", "1045810"),), 4)])
@pytest.mark.parametrize("number", [1, 150])
async def test_a_batch_takes_as_many_statements_as_one_name(
    known: Database, number: int, identifiers: tuple[tuple[str, str], ...], statements_each: int
) -> None:
    statements: list[str] = []
    engine = known.reader.sync_engine

    def count(*told: str) -> None:
        statements.append(told[2])

    event.listen(engine, "before_cursor_execute", count)
    try:
        async with known.reading() as connection:
            asked = [Asked("Coreweve"), Asked("Nvidia", identifiers)] * number
            found = await candidates(connection, asked, limit=2)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(found) == 2 * number
    assert len(statements) == statements_each * -(-2 * number // 200)
    assert [one.slug for one in found[-2]] == ["coreweave"]
