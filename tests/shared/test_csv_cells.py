import csv
import re
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.shared.csv_cells import neutral, original, written

SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
cells = st.text(alphabet=f"'{SIGNS}ab01.") | st.text()


@given(cells)
@example("''=1")
@example("'-77.03")
@example("-77.03")
def test_a_cell_comes_back_and_no_spreadsheet_runs_it(cell: str) -> None:
    shown = neutral(cell)
    assert original(shown) == cell
    assert not re.match(rf"[{re.escape(SIGNS)}]", shown) or re.fullmatch(r"-[0-9.]+", shown)


@pytest.mark.parametrize("cell", ["'t Hooft", "'quoted'", "-77.03", "-180", "", "2025-03", "a=b"])
def test_what_is_no_formula_stays_as_it_is_both_ways(cell: str) -> None:
    assert (neutral(cell), original(cell)) == (cell, cell)


@pytest.mark.parametrize("cell", ["-2+3+cmd|' /C calc'!A0", "+5", "-", "-1\n", "--1", "-1.", "=1"])
def test_what_only_begins_like_a_number_is_no_number(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@given(st.lists(st.lists(cells.filter(lambda text: "\0" not in text), min_size=1, max_size=3), max_size=3))
def test_rows_come_back_through_any_reader_of_csv(rows: list[list[str]]) -> None:
    text = written(rows)
    assert [[original(cell) for cell in row] for row in csv.reader(StringIO(text, newline=""))] == rows
