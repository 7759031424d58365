"""Who is meant by a name: decided, asked of a person, made anew, or nobody; never guessed."""

from pathlib import Path

import pytest

from app.search.matching import Asked
from app.transfer.adapters.companies import Companies, read_mapping
from app.transfer.adapters.tables import Unreadable
from tests.transfer.adapters.files import Directory

STORE = {"acme": "Acme", "acme-cloud": "Acme Cloud", "birch": "Birch"}


async def asked(names: list[str], mapping: dict[str, str] | None = None, *, create: bool = False) -> Companies:
    companies = Companies(Directory(**STORE), mapping or {}, create)
    await companies.ask(map(Asked, names))
    return companies


async def test_each_name_is_decided_asked_of_a_person_or_unknown() -> None:
    companies = await asked(["ACME", "Acme Labs", "Cedar", "Birch"])
    found = {name: companies.answer(Asked(name)) for name in ("ACME", "Acme Labs", "Cedar", "Birch")}
    assert {name: (answer.decision, answer.slug) for name, answer in found.items()} == {
        "ACME": ("found", "acme"),
        "Acme Labs": ("unclear", ""),
        "Cedar": ("unknown", ""),
        "Birch": ("found", "birch"),
    }
    assert [one.slug for one in found["Acme Labs"].candidates] == ["acme", "acme-cloud"]
    assert list(map(str, companies.unclear)) == ["'Acme Labs' may be acme (90: alike); acme-cloud (90: alike)"]


async def test_a_person_decides_and_is_not_asked_again() -> None:
    mapping = {"acme labs": "birch", "cedar": "cedar-ltd", "cloud": "", "birch": "acme"}
    companies = await asked(["Acme  Labs", "Cedar", "Cloud", "Birch"], mapping, create=True)
    decisions = {name: companies.answer(Asked(name)) for name in ("Acme  Labs", "Cedar", "Cloud", "Birch")}
    assert [(one.decision, one.slug) for one in decisions.values()] == [
        ("found", "birch"),
        ("new", "cedar-ltd"),
        ("unknown", ""),
        ("found", "acme"),
    ]
    assert companies.left_out("CLOUD")
    assert companies.unclear == []


async def test_what_was_decided_to_be_nobody_of_the_store_is_told() -> None:
    companies = await asked(["Cedar"], {"cedar": "cedar-ltd"})
    assert companies.answer(Asked("Cedar")).why == "'Cedar' was decided to be 'cedar-ltd', which does not exist"
    companies = await asked(["Cedar", "Birch", "Cloud"], {"CEDAR": "cedar-ltd", "Elm Inc": "elm", "cloud": ""})
    assert companies.in_vain == [
        "no row that can be read names 'Elm Inc'",
        "'Cedar' was decided to be 'cedar-ltd', which does not exist",
    ]


async def test_spellings_of_one_new_company_make_one_company() -> None:
    names = ["CEDAR inc", "Cedar", "Dogwood", "株式会社"]
    companies = await asked(names, create=True)
    slugs = [companies.use(Asked(name), "chip_vendor" if name == "Dogwood" else "other") for name in names[:3]]
    assert slugs == ["cedar-inc", "cedar-inc", "dogwood"]
    cedar, dogwood = companies.created("the-file")
    assert (cedar["name"], cedar["aliases"], cedar["kind"]) == ("CEDAR inc", ["Cedar"], "other")
    assert (dogwood["name"], dogwood["aliases"], dogwood["kind"]) == ("Dogwood", [], "chip_vendor")
    assert [citation["source"] for citation in cedar["citations"]] == ["the-file"]
    assert companies.answer(Asked("株式会社")).decision == "unknown"


async def test_a_new_name_never_takes_the_slug_of_a_company_that_is_there() -> None:
    companies = Companies(Directory(zinnia="Something else"), {}, create_missing=True)
    await companies.ask([Asked("Zinnia")])
    assert companies.answer(Asked("Zinnia")).decision == "unclear"


def test_a_mapping_is_read_and_must_not_contradict_itself(tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    path.write_text("name,slug\nAcme  Labs,acme\nacme labs,acme\n'=Cloud,\n")
    assert read_mapping(path) == {"Acme  Labs": "acme", "acme labs": "acme", "=Cloud": ""}
    for text, said in (
        ("name,slug\nAcme,acme\nACME,birch\n", "says two things of 'ACME': line 3"),
        ("name,slug\nAcme,Acme Ltd\n", "line 2: 'Acme Ltd' is not a slug"),
        ("name,slag\n", "misses columns: 'slug'"),
    ):
        path.write_text(text)
        with pytest.raises(Unreadable) as refused:
            read_mapping(path)
        assert said in str(refused.value)
