import csv
from io import StringIO

import pytest

from app.graph.render.csv import COLUMNS, LOOP_COLUMNS, render
from tests.graph.render.pictures import EDGES, article, edge, percent, single


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_one_row_an_edge_with_every_column() -> None:
    read = rows(render(article()))
    assert len(read) == len(EDGES)
    assert list(read[0]) == list(COLUMNS)
    contract = next(row for row in read if row["from"] == "openai" and row["to"] == "coreweave")
    assert contract == {
        "from": "openai", "from_name": "OpenAI", "to": "coreweave", "to_name": "CoreWeave", "kind": "compute",
        "record_type": "contracts", "record": "openai-coreweave-2025-03-10", "stage": "announced",
        "amount_low": "11900000000", "amount_high": "11900000000", "amount_unit": "USD",
        "amount_text": "USD 11.9 billion", "share_low": "", "share_high": "", "since": "2025-03-10",
        "until": "2030-03", "possible": "false", "part_of": "",
        "summary": "OpenAI buys compute from CoreWeave for five years.",
    }  # fmt: skip


def test_an_open_bound_is_empty_and_a_share_has_its_own_columns() -> None:
    read = rows(render(article()))
    invested = next(row for row in read if row["amount_text"] == "more than USD 10 billion")
    assert (invested["amount_low"], invested["amount_high"]) == ("10000000000", "")
    assert [row["share_low"] for row in read if row["share_low"]] == ["62"]


def test_the_part_of_another_record_is_told_so_that_no_sum_counts_it_twice() -> None:
    read = rows(render(article()))
    assert [row["record"] for row in read if row["part_of"] == "openai-coreweave-2025-03-10"] == [
        "coreweave-openai-capital"
    ]


def test_an_edge_that_is_in_two_loops_has_a_row_in_each_which_goes_as_value_does() -> None:
    funds, pays = edge("a", "b", "capital", flow="against"), edge("a", "b", "hardware", flow="along")
    flows = single(direction="value_flow", edges=(funds, pays), rings=((pays, funds), (pays,)))
    ways = [(row["loop"], row["from"], row["to"], row["kind"], row["flow"]) for row in rows(render(flows))]
    assert ways == [
        ("1", "a", "b", "hardware", "along"),
        ("1", "b", "a", "capital", "against"),
        ("2", "a", "b", "hardware", "along"),
    ]


def test_an_answer_without_loops_has_the_columns_of_one_with_them() -> None:
    assert render(article(nodes=(), edges=(), rings=())) == ",".join((*COLUMNS, *LOOP_COLUMNS)) + "\r\n"


def test_lines_end_in_crlf_also_the_last_one() -> None:
    text = render(single())
    assert text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == 2


def test_a_name_with_quotes_commas_and_breaks_comes_back() -> None:
    name = 'say "hi", then\r\nleave'
    assert rows(render(single(name)))[0]["from_name"] == name


def test_no_graph_is_a_header_only() -> None:
    assert render(article(nodes=(), edges=())) == ",".join(COLUMNS) + "\r\n"


def test_numbers_are_plain_digits() -> None:
    row = rows(render(single(edges=(edge("a", "b", share=percent("1E+2")),))))[0]
    assert row["share_low"] == row["share_high"] == "100"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'=", "\uff1d"])
def test_a_spreadsheet_runs_no_name(start: str) -> None:
    name = f"{start}cmd|' /C calc'!A0"
    assert rows(render(single(name)))[0]["from_name"] == f"'{name}"
