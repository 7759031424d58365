from pathlib import Path

import pytest

from benchmarks.report import Promise, Table, publish

PAGE = """# Figures
<!-- measured: reads -->
what was before
<!-- end -->
between
<!-- measured: reads unchanged -->
<!-- end -->
after
"""


def table(figure: float) -> Table:
    return Table(("what", "ours", "ratio"), [("one record", 12345.6, Promise(figure, at_least=0.9))], "Twice")


def test_a_table_takes_the_place_of_the_one_that_bears_its_name_and_of_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE)
    publish("reads", table(0.95), page)
    publish("reads", table(0.951), page)
    text = page.read_text()
    assert text.startswith("# Figures\n<!-- measured: reads -->\n\n| what | ours | ratio |\n| --- | --- | --- |\n")
    assert text.count("| one record | 12,346 | 0.951 (at least 0.9) |\n") == 1
    assert "before" not in text
    assert "\nTwice. Measured on 20" in text
    assert text.endswith("<!-- end -->\nbetween\n<!-- measured: reads unchanged -->\n<!-- end -->\nafter\n")


def test_a_table_that_has_no_place_is_an_error_that_says_where_it_belongs(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE)
    with pytest.raises(ValueError, match=r"<!-- measured: writes -->"):
        publish("writes", table(0.95), page)
    assert page.read_text() == PAGE


@pytest.mark.parametrize("promise", [Promise(0.8, at_least=0.9), Promise(3, at_most=1.5), Promise(float("nan"), 0.1)])
def test_one_promise_that_is_missed_is_told_and_counts_for_the_whole_table(promise: Promise) -> None:
    missed = Table(("what", "ratio"), [("good", Promise(1, at_least=1, at_most=1)), ("bad", promise)], "Once")
    assert not missed.is_kept
    assert str(missed).count("missed") == 1


@pytest.mark.parametrize("rows", [[], [("one record", 1.0)]])
def test_a_table_of_nothing_or_with_a_cell_missing_is_refused(rows: list[tuple[str, float]]) -> None:
    with pytest.raises(ValueError, match="a table has rows"):
        Table(("what", "ours", "ratio"), rows, "Never")
