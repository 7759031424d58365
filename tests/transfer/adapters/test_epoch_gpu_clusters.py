"""GPU clusters: every row has an outcome, and a fleet says what the row says, no more."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.transfer.adapters.companies import Companies
from app.transfer.adapters.outcomes import Adapted
from app.transfer.adapters.tables import Table, Unreadable
from tests.transfer.adapters.files import Directory, clusters, fleets, run, told

COMPANIES = {"acme": "Acme", "birch": "Birch", "chipco": "NVIDIA"}


async def adapt(
    folder: Path, *rows: dict[str, str], create: bool = False, mapping: dict[str, str] | None = None
) -> Adapted:
    companies = Companies(Directory(**COMPANIES), mapping or {}, create)
    return await run("epoch-gpu-clusters", companies, clusters(folder, *rows))


async def only(folder: Path, **cells: str) -> dict[str, Any]:
    """The fleet of a row of Acme."""
    row = {name.replace("_", " "): cell for name, cell in cells.items()}
    (fleet,) = fleets(await adapt(folder, {"Name": "A", "Owner": "Acme"} | row)).values()
    return fleet


async def test_no_row_is_lost(tmp_path: Path) -> None:
    result = await adapt(
        tmp_path,
        {"Name": "Taken", "Owner": "acme"},
        {"Name": "Nobody's"},
        {"Name": "Unknown owner", "Owner": "Cedar"},
        {"Name": "Unclear owner", "Owner": "Acme Labs"},
        {"Name": "Unknown user", "Owner": "Acme", "Users": "Dogwood,Cedar"},
        {"Name": "Unknown status", "Owner": "Acme", "Status": "Dreamt of"},
        {"Name": "Unknown certainty", "Owner": "Acme", "Certainty": "Sure"},
        {"Name": "No date", "Owner": "Acme", "First Operational Date": "soon"},
        {"Name": "No number", "Owner": "Acme", "Total number of AI chips": "many"},
        {"Name": "Twin", "Owner": "Acme"},
        {"Name": "Twin", "Owner": "Acme", "Country": "China"},
        {"Name": "Twin", "Owner": "Acme"},
    )
    twin, other = (one.record for one in result.outcomes[-3:-1])
    assert told(result) == [
        "line 2: taken epoch-taken",
        "line 3: skipped no owner is named",
        "line 4: skipped no company of the store is called 'Cedar'",
        "line 5: skipped a person has to say who 'Acme Labs' is: acme?",
        "line 6: skipped no company of the store is called 'Dogwood'; no company of the store is called 'Cedar'",
        "line 7: skipped its status is 'Dreamt of': expected Existing, Planned, Decommissioned",
        "line 8: skipped its certainty is 'Sure': expected Confirmed, Likely, Unlikely",
        "line 9: skipped 'soon' is not a date",
        "line 10: skipped 'many' is not a number",
        f"line 11: taken {twin}",
        f"line 12: taken {other}",
        f"line 13: merged {twin}",
    ]
    assert str(result) == "clusters.csv: 12 rows, 3 taken, 1 merged, 8 skipped"
    assert twin.startswith("epoch-twin-")
    assert twin != other
    assert [one.asked.name for one in result.unclear] == ["Acme Labs"]
    with pytest.raises(RuntimeError, match=r"rows without exactly one outcome: .* line 2"):
        Adapted(outcomes=result.outcomes[1:]).check([Table("clusters.csv", "", [one.row for one in result.outcomes])])


async def test_a_slug_follows_the_name_wherever_the_row_stands(tmp_path: Path) -> None:
    rows = [
        {"Name": name, "Owner": "Acme", "Country": country} for name, country in (("A", ""), ("T", ""), ("T", "China"))
    ]
    first, second = [fleets(await adapt(tmp_path, *order)) for order in (rows, rows[::-1])]
    assert first == {slug: second[slug] for slug in first}


@pytest.mark.parametrize(
    ("status", "certainty", "becomes"),
    [
        ("Existing", "Confirmed", ("active", "high", "reported")),
        ("Planned", "Likely", ("intended", "medium", "reported")),
        ("Decommissioned", "Unlikely", ("terminated", "low", "rumoured")),
    ],
)
async def test_status_and_certainty_become_stage_and_confidence(
    tmp_path: Path, status: str, certainty: str, becomes: tuple[str, str, str]
) -> None:
    fleet = await only(tmp_path, Status=status, Certainty=certainty)
    (citation,) = fleet["citations"]
    assert (fleet["stage"], citation["confidence"], citation["evidence"]) == becomes
    assert citation["source"] == "epoch-ai-gpu-clusters"
    assert citation["locator"] == "A"
    assert f"as {status.lower()} (certainty: {certainty.lower()})" in citation["claim"]


async def test_what_the_row_says_stands_in_the_fields_of_the_fleet(tmp_path: Path) -> None:
    row = {
        "Name": "Acme Grove",
        "Owner": "Acme",
        "Users": "Birch,Cloud,researchers in the north,ACME",
        "Country": "Norway",
        "Location": "Somewhere 60.123456, 10.5000001",
        "First Operational Date": "11/15/2024",
        "First Operational Date Note": "Q4 2024",
        "GPU Supplier (primary)": "NVIDIA",
        "Chip type (primary)": "NVIDIA Q9",
        "Chip quantity (primary)": "1000",
        "GPU supplier (secondary)": "Unknown",
        "Chip type (secondary)": "Abacus 1",
        "Total number of AI chips": "1200",
        "Calculated Power Capacity (MW)": "1.23456",
        "Reported Power Capacity (MW)": "2",
        "Possible Duplicate": "TRUE",
        "Builds Upon": "Acme Copse",
        "Source 1": "https://example.org/a",
        "Source 3": "https://example.org/a",
    }
    (fleet,) = fleets(await adapt(tmp_path, row)).values()
    (citation,) = fleet.pop("citations")
    assert fleet == {
        "slug": "epoch-acme-grove",
        "operator": "acme",
        "as_of": "2024-Q4",
        "accelerators": {"qualifier": "exact", "amount": 1200, "unit": "accelerator"},
        "power": {"qualifier": "exact", "amount": 2, "unit": "MW"},
        "hardware": [
            {"vendor": "chipco", "product": "Q9", "quantity": {"qualifier": "exact", "amount": 1000, "unit": "gpu"}}
        ],
        "users": ["birch", "acme"],
        "country": "NO",
        "latitude": fleet["latitude"],
        "longitude": fleet["longitude"],
        "stage": "active",
    }
    assert (str(fleet["latitude"]), str(fleet["longitude"])) == ("60.123456", "10.500000")
    for said in (
        "possible duplicate of another",
        "also says of users: Cloud, researchers in the north",
        "builds upon Acme Copse",
        "says: Q4 2024",
        "calculates 1.23456 MW",
        "without their supplier: Abacus 1",
        "Its sources: https://example.org/a",
    ):
        assert said in citation["claim"]
    assert citation["claim"].count("example.org") == 1


@pytest.mark.parametrize(
    ("cells", "accelerators"),
    [
        ({"Total number of AI chips": "24000"}, ("exact", 24000, "accelerator")),
        ({"Total number of AI chips": "24000", "Certainty": "Likely"}, ("approximately", 24000, "accelerator")),
        ({"Total number of AI chips": "24000", "Status": "Planned"}, ("approximately", 24000, "accelerator")),
        ({"Total number of AI chips": "24000", "Note": "a rough guess"}, ("approximately", 24000, "accelerator")),
        ({"Total number of AI chips": "24000", "Chip type (primary)": "AMD Q"}, ("exact", 24000, "gpu")),
        ({"H100 equivalents": "123.6"}, ("approximately", 124, "h100_equivalent")),
        ({}, None),
    ],
)
async def test_a_number_is_exact_only_where_nothing_hedges_it(
    tmp_path: Path, cells: dict[str, str], accelerators: tuple[str, int, str] | None
) -> None:
    (fleet,) = fleets(await adapt(tmp_path, {"Name": "A", "Owner": "Acme"} | cells)).values()
    found = fleet["accelerators"]
    assert (found and (found["qualifier"], found["amount"], found["unit"])) == accelerators


async def test_a_power_of_four_decimals_is_a_range_and_the_claim_has_all_of_them(tmp_path: Path) -> None:
    fleet = await only(tmp_path, **{"Reported Power Capacity (MW)": "1.4999"})
    assert (fleet["power"]["low"], fleet["power"]["high"]) == (Decimal("1.499"), Decimal("1.5"))
    assert "Of its power it says: 1.4999 MW." in fleet["citations"][0]["claim"]


async def test_what_an_import_would_refuse_is_skipped_by_its_line_and_makes_no_company(tmp_path: Path) -> None:
    rows = (
        {"Name": "", "Owner": "Acme"},
        {"Name": "Far north", "Owner": "Cedar", "Location": "95.123456, 10.500"},
        {"Name": "Wordy", "Owner": "Cedar", "Note": "many words " * 2_000},
        {"Name": "Good", "Owner": "Acme", "Users": "Dogwood"},
    )
    result = await adapt(tmp_path, *rows, create=True)
    nameless, north, wordy, good = told(result)
    assert nameless == "line 2: skipped it has no name"
    assert north.startswith("line 3: skipped /latitude: ")
    assert wordy.startswith("line 4: skipped /citations/0/excerpt: ")
    assert good == "line 5: taken epoch-good"
    assert [one["slug"] for one in result.statements["companies"]] == ["dogwood"]


async def test_of_several_owners_the_first_runs_it_and_that_is_less_sure(tmp_path: Path) -> None:
    fleet = await only(tmp_path, Owner="Birch,Cedar")
    assert fleet["operator"] == "birch"
    assert fleet["citations"][0]["confidence"] == "medium"
    assert "several owners, of which the first is taken to run it: Birch, Cedar" in fleet["citations"][0]["claim"]


async def test_a_person_decides_what_a_cell_means(tmp_path: Path) -> None:
    rows = (
        {"Name": "Whole", "Owner": "Birch,Cedar", "Users": "Cloud,Dogwood"},
        {"Name": "Next", "Owner": "Dogwood,Birch", "GPU Supplier (primary)": "Elm"},
        {"Name": "None", "Owner": "Dogwood"},
    )
    mapping = {"birch,cedar": "acme", "cloud": "birch", "dogwood": "", "elm": ""}
    result = await adapt(tmp_path, *rows, mapping=mapping)
    whole, next_ = fleets(result).values()
    assert (whole["operator"], whole["users"]) == ("acme", ["birch"])
    assert (next_["operator"], next_["hardware"]) == ("birch", [])
    assert "says of users: Dogwood" in whole["citations"][0]["claim"]
    assert told(result)[2] == "line 4: skipped 'Dogwood' is left out, as decided"


async def test_what_follows_another_supersedes_it(tmp_path: Path) -> None:
    rows = [
        {"Name": "One", "Owner": "Acme", "Superseded by": "Three"},
        {"Name": "Two", "Owner": "Acme", "Superseded by": "Three"},
        {"Name": "Three", "Owner": "Acme", "Builds Upon": "Two"},
        {"Name": "Alone", "Owner": "Acme", "Superseded by": "Skipped"},
        {"Name": "Skipped"},
        {"Name": "Itself", "Owner": "Acme", "Superseded by": "Itself"},
    ]
    made = fleets(await adapt(tmp_path, *rows))
    assert {slug: (one["stage"], one.get("supersedes")) for slug, one in made.items()} == {
        "epoch-one": ("superseded", None),
        "epoch-two": ("superseded", None),
        "epoch-three": ("active", "epoch-two"),
        "epoch-alone": ("superseded", None),
        "epoch-itself": ("superseded", None),
    }


async def test_what_was_taken_down_ends_on_that_day(tmp_path: Path) -> None:
    row = {"Name": "A", "Owner": "Acme", "Status": "Decommissioned", "GPU Supplier (primary)": "NVIDIA"}
    dates = {"First Operational Date": "6/8/2018", "Decommissioned Date (if applicable)": "2021-07"}
    fleet, end = fleets(await adapt(tmp_path, row | dates)).values()
    assert (fleet["as_of"], fleet["stage"], len(fleet["hardware"])) == ("2018-06-08", "terminated", 1)
    assert (end["as_of"], end["stage"], end["supersedes"]) == ("2021-07", "terminated", fleet["slug"])
    assert "hardware" not in end


async def test_missing_companies_are_made_for_the_rows_that_are_taken(tmp_path: Path) -> None:
    rows = (
        {"Name": "A", "Owner": "Cedar", "Users": "Academia,Dogwood", "GPU Supplier (primary)": "Elm"},
        {"Name": "B", "Owner": "Fir", "Users": "Acme Labs"},
    )
    result = await adapt(tmp_path, *rows, create=True)
    made = {one["slug"]: one["kind"] for one in result.statements["companies"]}
    assert made == {"cedar": "other", "dogwood": "other", "elm": "chip_vendor"}
    assert told(result)[1] == "line 3: skipped a person has to say who 'Acme Labs' is: acme?"


async def test_the_data_set_is_cited_with_its_licence(tmp_path: Path) -> None:
    path = clusters(tmp_path, {"Name": "A", "Owner": "Acme"})
    result = await run("epoch-gpu-clusters", Companies(Directory(**COMPANIES)), path, accessed_on="2025-12")
    (source,) = result.statements["sources"]
    assert (source["publisher"], source["kind"], source["accessed_on"]) == ("Epoch AI", "dataset", "2025-12")
    assert "CC BY 4.0" in source["title"]
    assert "CC BY 4.0" in source["citations"][0]["claim"]
    assert len(source["sha256"]) == 64


async def test_nothing_taken_states_nothing(tmp_path: Path) -> None:
    assert (await adapt(tmp_path, {"Name": "A"})).statements == {}


async def test_a_report_is_a_table_that_no_spreadsheet_runs(tmp_path: Path) -> None:
    result = await adapt(tmp_path, {"Name": "=1+1"})
    assert result.as_csv().splitlines() == [
        "file,place,row,outcome,record,why",
        "clusters.csv,line 2,'=1+1,skipped,,no owner is named",
    ]


async def test_a_changed_header_is_refused(tmp_path: Path) -> None:
    path = clusters(tmp_path)
    path.write_text(path.read_text().replace("Owner,", "Operator,"))
    with pytest.raises(Unreadable, match="misses columns: 'Owner'"):
        await run("epoch-gpu-clusters", Companies(Directory()), path)
