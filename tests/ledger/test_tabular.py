"""Rows of a table: whatever a record says, its row says the same, and reads back as that record."""

import csv
from decimal import Decimal
from io import StringIO

import pytest

from app.ledger.resource import Resource
from app.ledger.tabular import columns_of, flat, read_cells
from app.ledger.validating import record_of
from app.shared.csv_cells import original, written
from app.shared.json import loads_own
from app.transfer.resources import BY_TYPE, IN_ORDER
from tests.factories import contract
from tests.ledger.drawn import drawn

RECORDED_AT = "2025-03-13T09:00:00Z"


@pytest.mark.parametrize("resource", IN_ORDER, ids=lambda resource: resource.type)
def test_a_record_comes_back_from_its_row_in_a_file(resource: Resource) -> None:
    documents = [resource.document(record_of(resource, record), 1, RECORDED_AT) for record in drawn(resource.type, 30)]
    columns = columns_of(resource)
    text = written([columns, *(flat(columns, loads_own(document)) for document in documents)])
    header, *rows = csv.reader(StringIO(text, newline=""))
    assert header == columns
    read = [record_of(resource, read_cells(resource, header, [original(cell) for cell in row])[0]) for row in rows]
    assert [resource.document(record, 1, RECORDED_AT) for record in read] == documents


def test_a_quantity_has_a_column_for_each_of_its_parts() -> None:
    contracts = BY_TYPE["contracts"]
    value = {"qualifier": "more_than", "amount": Decimal("1e3"), "unit": "USD"}
    document = loads_own(contracts.document(record_of(contracts, contract(value=value)), 1, RECORDED_AT))
    row = dict(zip(columns_of(contracts), flat(columns_of(contracts), document), strict=True))
    parts = {name: cell for name, cell in row.items() if name.startswith("value.")}
    assert parts == {
        "value.qualifier": "more_than", "value.amount": "1000", "value.low": "1000", "value.high": "",
        "value.unit": "USD", "value.approximate": "false",
    }  # fmt: skip
    assert row["parties"] == '[{"company":"openai","role":"customer"},{"company":"coreweave","role":"supplier"}]'
    assert row["capacities"] == row["signed_on"] == row["disputed"] == ""


def test_a_row_states_only_what_is_in_it() -> None:
    columns = ["slug", "title", "value.qualifier", "value.amount", "value.unit", "products", "exclusive"]
    stated, _ = read_cells(BY_TYPE["contracts"], columns, ["a", "[1]", "", "5", "USD", "", "true"])
    assert stated == {"slug": "a", "title": "[1]", "value": {"amount": Decimal(5), "unit": "USD"}, "exclusive": "true"}


def test_a_cell_that_should_be_json_is_refused_by_its_column() -> None:
    _, flaws = read_cells(BY_TYPE["contracts"], ["title", "products", "parties"], ["t", "A100; H100", '[{"company"'])
    assert [flaw.pointer for flaw in flaws] == ["/products", "/parties"]
