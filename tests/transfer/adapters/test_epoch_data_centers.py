"""Data centers: a fleet for each day, holding until the next; what is only expected is called intended."""

from pathlib import Path

import pytest

from app.transfer.adapters.companies import Companies
from app.transfer.adapters.outcomes import Adapted
from app.transfer.adapters.tables import Unreadable
from tests.transfer.adapters.files import Directory, centers, fleets, run, timelines, told

ACME = {
    "Handle": "Acme Grove",
    "Owner": "Acme #confident",
    "Users": "Birch #speculative, Acme #likely",
    "Latitude": "35°03'36\"N",
    "Longitude": " 90°09'00\"W",
    "Current power (MW)": "150",
    "Current H100 equivalents": "1000.4",
    "Project": "Canopy #confident",
}


async def adapt(folder: Path, rows: list[dict[str, str]], days: list[dict[str, str]] | None = None) -> Adapted:
    companies = Companies(Directory(acme="Acme", birch="Birch"))
    more = [timelines(folder, *days)] if days is not None else []
    return await run("epoch-data-centers", companies, centers(folder, *rows), *more)


def on(date: str, power: str, *, of: str = "Acme Grove", equivalents: str = "") -> dict[str, str]:
    """A day of a data center."""
    status = {"Construction status": f"As of {date}"}
    return {"Date": date, "Data center": of, "Power (MW)": power, "H100 equivalents": equivalents} | status


async def test_each_day_supersedes_the_one_before_but_what_lies_ahead_is_only_intended(tmp_path: Path) -> None:
    said = (("9/1/2025", "150"), ("1/15/2024", "0"), ("11/30/2026", "400"), ("3/2/2025", "80"), ("5/1/2027", "500"))
    days = [on(date, power, equivalents="1000.4" if power != "0" else "0") for date, power in said]
    result = await adapt(tmp_path, [ACME], days)
    made = sorted(fleets(result).values(), key=lambda fleet: str(fleet["as_of"]))
    assert [(one["as_of"], one["stage"], one["power"]["amount"], one.get("supersedes")) for one in made] == [
        ("2024-01-15", "intended", 0, None),
        ("2025-03-02", "active", 80, "epoch-acme-grove-2024-01-15"),
        ("2025-09-01", "active", 150, "epoch-acme-grove-2025-03-02"),
        ("2026-11-30~", "intended", 400, None),
        ("2027-05-01~", "intended", 500, "epoch-acme-grove-2026-11-30"),
    ]
    assert told(result)[0] == "line 2: merged epoch-acme-grove-2025-09-01"
    assert str(result).splitlines() == [
        "centers.csv: 1 rows, 0 taken, 1 merged, 0 skipped",
        "timelines.csv: 5 rows, 5 taken, 0 merged, 0 skipped",
    ]
    now = made[2]
    assert now["accelerators"] == {"qualifier": "approximately", "amount": 1000, "unit": "h100_equivalent"}
    assert (now["operator"], now["users"]) == ("acme", ["birch", "acme"])
    assert (str(now["latitude"]), str(now["longitude"])) == ("35.060000", "-90.150000")
    assert made[0]["power"]["qualifier"] == "exact"


async def test_each_name_is_cited_as_surely_as_its_tag_says(tmp_path: Path) -> None:
    (fleet,) = fleets(await adapt(tmp_path, [ACME], [on("9/1/2025", "150")])).values()
    assert [(one["source"], one["evidence"], one["confidence"]) for one in fleet["citations"]] == [
        ("epoch-ai-data-center-timelines", "estimated", "medium"),
        ("epoch-ai-data-centers", "reported", "high"),
        ("epoch-ai-data-centers", "rumoured", "low"),
        ("epoch-ai-data-centers", "reported", "medium"),
    ]
    estimate, owner, *_ = fleet["citations"]
    assert (estimate["locator"], estimate["excerpt"]) == ("Acme Grove, 2025-09-01", "As of 9/1/2025")
    assert "the project Canopy (confident)" in owner["claim"]


async def test_a_data_center_without_days_is_as_it_is_now(tmp_path: Path) -> None:
    idle = ACME | {"Handle": "Acme Copse", "Current power (MW)": "0", "Current H100 equivalents": "0"}
    for days in (None, [on("9/1/2025", "1", of="Elsewhere")]):
        result = await adapt(tmp_path, [ACME, idle], days)
        made = fleets(result)
        assert {slug: (one["stage"], one["power"]["amount"]) for slug, one in made.items()} == {
            "epoch-acme-grove": ("active", 150),
            "epoch-acme-copse": ("intended", 0),
        }
        assert all("as_of" not in one and "supersedes" not in one for one in made.values())
    assert told(result)[2] == "line 2: skipped centers.csv has no data center of this name"


async def test_no_row_is_lost(tmp_path: Path) -> None:
    rows = [
        ACME,
        ACME | {"Handle": "Nobody's", "Owner": ""},
        ACME | {"Handle": "Unknown", "Owner": "Cedar #confident"},
        ACME | {"Owner": "Birch"},
        ACME | {"Handle": "Several", "Owner": "Acme #confident,Birch #odd", "Users": "", "Current power (MW)": "1"},
        ACME | {"Handle": "Unread", "Current power (MW)": "much"},
        ACME | {"Handle": ""},
    ]
    days = [
        on("9/1/2025", "150"),
        on("9/1/2025", "150"),
        on("soon", "150"),
        on("9/2/2025", "150", of="Nobody's"),
        on("9/2/2025", "150", of="Unknown"),
        on("9/2/2025", "150", of="Unread"),
        on("9/2/2025", "150", of=""),
    ]
    result = await adapt(tmp_path, rows, days)
    day = result.outcomes[7].record
    assert told(result) == [
        f"line 2: merged {day}",
        "line 3: skipped no owner is named",
        "line 4: skipped no company of the store is called 'Cedar'",
        "line 5: skipped line 2 says something else of this data center",
        "line 6: taken epoch-several",
        "line 7: skipped 'much' is not a number",
        "line 8: skipped it has no name",
        f"line 2: taken {day}",
        f"line 3: merged {day}",
        "line 4: skipped 'soon' is not a date such as 7/22/2025",
        "line 5: skipped centers.csv line 3: no owner is named",
        "line 6: skipped no company of the store is called 'Cedar'",
        "line 7: skipped centers.csv line 7: 'much' is not a number",
        "line 8: skipped centers.csv line 8: it has no name",
    ]
    assert set(fleets(result)) == {day, "epoch-several"}
    (owner,) = fleets(result)["epoch-several"]["citations"]
    assert owner["confidence"] == "medium"
    assert "first is taken to run it: Birch (odd)" in owner["claim"]


async def test_the_files_are_told_apart_by_their_order(tmp_path: Path) -> None:
    swapped = (timelines(tmp_path), centers(tmp_path, ACME))
    with pytest.raises(Unreadable, match=r"timelines\.csv misses columns: 'Handle'"):
        await run("epoch-data-centers", Companies(Directory()), *swapped)
    with pytest.raises(
        Unreadable, match=r"reads data_centers\.csv and data_center_timelines\.csv: 4 files are too many"
    ):
        await run("epoch-data-centers", Companies(Directory()), *swapped, *swapped)
