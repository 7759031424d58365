"""Files of others: each row with its place, and a clear refusal of what is no such file."""

from pathlib import Path

import pytest

from app.transfer.adapters.tables import Unreadable, csv_table, json_table


def table(folder: Path, content: bytes) -> Path:
    path = folder / "given.csv"
    path.write_bytes(content)
    return path


def test_rows_know_the_line_on_which_they_begin(tmp_path: Path) -> None:
    content = '\ufeffName,Note,More\r\nA, spaced ,\r\n\r\n"B","two\nlines",x\r\nC,short\r\n'.encode()
    read = csv_table(table(tmp_path, content), ("Name", "Note"))
    assert [(row.place, row["Name"], row["Note"]) for row in read.rows] == [
        ("line 2", "A", "spaced"),
        ("line 4", "B", "two\nlines"),
        ("line 6", "C", "short"),
    ]
    assert [row.flaw for row in read.rows] == ["", "", "it has 2 cells, the header has 3"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Name,Nots\n", "misses columns: 'Note' (is it 'Nots' now?); 'Owner'"),
        (b"", "misses columns: 'Name'; 'Note'; 'Owner'"),
        (b"Name,Note,Owner,Name\n", "columns twice: 'Name'"),
        (b"Name,Note,Owner\nA,\0,\n", "NUL, which is not text: line 2"),
        (b"Name,Note,Owner\nA,\xff,\n", "is not UTF-8: byte 18"),
        (b'Name,Note,Owner\nA,"b" c,\n', "is not CSV: line 2"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_is_missing(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        csv_table(table(tmp_path, content), ("Name", "Note", "Owner"))
    assert said in str(refused.value)
    assert str(refused.value).startswith("given.csv ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"columns": ["cik"], "data": []}', "misses columns: 'title'"),
        (b'{"data": []}', "has no lists columns and data"),
        (b"[]", "has no lists columns and data"),
        (b'{"columns": ', "not valid JSON at line 1"),
    ],
)
def test_json_of_another_shape_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        json_table(table(tmp_path, content), ("cik", "title"))
    assert said in str(refused.value)


def test_a_row_of_json_that_is_no_list_of_cells_is_still_a_row(tmp_path: Path) -> None:
    read = json_table(
        table(tmp_path, b'{"columns": ["cik", "title"], "data": [[1, "A"], "B", ["2"]]}'), ("cik", "title")
    )
    assert [(row.place, row.flaw) for row in read.rows] == [
        ("row 1", ""),
        ("row 2", "it has 1 cells, the header has 2"),
        ("row 3", "it has 1 cells, the header has 2"),
    ]
