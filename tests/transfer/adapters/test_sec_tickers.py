"""Tickers: identifiers for companies that are known, all share classes of one together, nothing added twice."""

from pathlib import Path

from app.transfer.adapters.companies import Companies
from app.transfer.adapters.outcomes import Adapted
from tests.transfer.adapters.files import Directory, company, run, tickers, told

ROWS = (("0000000012", "ACM", "Acme"), ("0000000034", "CDR", "Cedar"), ("0000000012", "ACM-B", "Acme"))


async def adapt(folder: Path, directory: Directory, *rows: tuple[str, str, str], create: bool = False) -> Adapted:
    return await run("sec-tickers", Companies(directory, create_missing=create), tickers(folder, *rows))


async def test_share_classes_are_identifiers_of_one_company(tmp_path: Path) -> None:
    directory = Directory(acme="Acme")
    result = await adapt(tmp_path, directory, *ROWS)
    assert sorted(told(result)) == [
        "row 1: taken acme",
        "row 2: skipped no company of the store is called 'Cedar'",
        "row 3: merged acme",
    ]
    (acme,) = result.statements["companies"]
    assert acme["identifiers"] == [
        {"scheme": "cik", "value": "0000000012"},
        {"scheme": "ticker", "value": "ACM"},
        {"scheme": "ticker", "value": "ACM-B"},
    ]
    assert acme["citations"][0]["source"] == result.statements["sources"][0]["slug"] == "sec-company-tickers"
    directory.known["acme"] = acme
    again = await adapt(tmp_path, directory, *ROWS)
    assert again.statements == {"sources": [], "companies": []}
    assert str(again) == "tickers.json: 3 rows, 0 taken, 2 merged, 1 skipped"


async def test_an_identifier_decides_and_only_what_is_new_is_added(tmp_path: Path) -> None:
    directory = Directory()
    directory.known["acme"] = company("acme", "Another name", ("cik", "0000000012"), ("isin", "US67066G1040"))
    (acme,) = (await adapt(tmp_path, directory, *ROWS)).statements["companies"]
    assert [one["value"] for one in acme["identifiers"]] == ["0000000012", "US67066G1040", "ACM", "ACM-B"]
    assert acme["name"] == "Another name"


async def test_a_number_decides_before_a_ticker_does(tmp_path: Path) -> None:
    directory = Directory()
    directory.known |= {
        "acme": company("acme", "Another name", ("cik", "0000000012")),
        "birch": company("birch", "Birch", ("ticker", "ACM")),
        "cedar": company("cedar", "Yet another", ("ticker", "CDR")),
    }
    result = await adapt(tmp_path, directory, *ROWS)
    assert [one.record for one in result.outcomes if one.what == "taken"] == ["acme", "cedar"]


async def test_who_has_another_number_is_not_meant(tmp_path: Path) -> None:
    directory = Directory()
    directory.known["acme"] = company("acme", "Acme", ("cik", "99"))
    assert "row 1: skipped the store has another CIK for 'acme'" in told(await adapt(tmp_path, directory, *ROWS))


async def test_what_an_import_would_refuse_skips_its_rows_alone(tmp_path: Path) -> None:
    rows = (("12", "A", "Cedar " * 100), ("34", "B", "Birch"))
    result = await adapt(tmp_path, Directory(), *rows, create=True)
    assert told(result)[0].startswith("row 1: skipped /name: ")
    assert [one["name"] for one in result.statements["companies"]] == ["Birch"]


async def test_two_of_the_file_are_never_one_of_the_store(tmp_path: Path) -> None:
    rows = (("12", "A", "Acme"), ("34", "B", "ACME"))
    result = await adapt(tmp_path, Directory(acme="Acme"), *rows)
    assert told(result) == [
        "row 1: skipped several companies of the file may be 'acme'",
        "row 2: skipped several companies of the file may be 'acme'",
    ]


async def test_missing_companies_are_made_each_by_itself(tmp_path: Path) -> None:
    rows = (("12", "A", "Cedar Inc"), ("34", "B", "CEDAR CORP"), ("56", "C", "Fir"), ("56", "D", "Fir"))
    result = await adapt(tmp_path, Directory(acme="Acme"), *rows, create=True)
    assert [(one["slug"], one["name"], len(one["identifiers"])) for one in result.statements["companies"]] == [
        ("cedar-inc-0000000012", "Cedar Inc", 2),
        ("cedar-inc-0000000034", "CEDAR CORP", 2),
        ("fir", "Fir", 3),
    ]
    assert str(result) == "tickers.json: 4 rows, 3 taken, 1 merged, 0 skipped"


async def test_a_row_that_names_nobody_is_skipped(tmp_path: Path) -> None:
    rows = (("x", "A", "Acme"), ("12", "", "Acme"), ("12", "A", ""))
    assert told(await adapt(tmp_path, Directory(acme="Acme"), *rows)) == [
        "row 1: skipped 'x' is not a CIK",
        "row 2: skipped it has no ticker or no title",
        "row 3: skipped it has no ticker or no title",
    ]


async def test_who_is_known_to_be_another_of_the_file_is_not_asked_about(tmp_path: Path) -> None:
    rows = (("12", "A", "Acme"), ("34", "B", "Acme Holdings"), ("56", "C", "Acmes"))
    directory = Directory(acme="Acme", acmex="Acmex")
    result = await adapt(tmp_path, directory, *rows, create=True)
    assert [str(one) for one in result.unclear] == [
        "'Acme Holdings' may be acmex (90: alike)",
        "'Acmes' may be acmex (90: alike)",
    ]
    del directory.known["acmex"]
    assert [one.what for one in (await adapt(tmp_path, directory, *rows, create=True)).outcomes] == ["taken"] * 3
