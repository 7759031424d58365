import sys
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared.json import MAX_DEPTH, dumps, loads, plain

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
# Text is read in one form (Unicode, Normalization Form C).
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).map(partial(normalize, "NFC"))
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | numbers | words
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=20)


@given(documents)
def test_what_is_written_reads_back_the_same(document: Any) -> None:  # noqa: ANN401  any JSON value
    assert loads(dumps(document)) == document


@given(documents)
def test_writing_is_stable_after_one_round(document: Any) -> None:  # noqa: ANN401  any JSON value
    text = dumps(document)
    assert dumps(loads(text)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.190E+10"), "11900000000"),
        (Decimal("62.000"), "62"),
        (Decimal(100), "100"),
        (Decimal("0.1250"), "0.125"),
        (Decimal("9000000000000000.001"), "9000000000000000.001"),
        (Decimal(2**70), "1180591620717411303424"),
        (Decimal("1E-7"), "0.0000001"),
    ],
)
def test_decimals_are_plain_exact_numbers(value: Decimal, text: str) -> None:
    assert plain(value) == text
    assert dumps({"amount": value}) == f'{{"amount":{text}}}'
    assert loads(text) == value


def test_keys_keep_their_order_text_stays_utf8_and_times_end_in_z() -> None:
    at = datetime(2025, 3, 10, 12, tzinfo=UTC)
    assert dumps({"b": "Zürich", "a": at}) == '{"b":"Zürich","a":"2025-03-10T12:00:00Z"}'


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), object(), {1: 2}, "\ud800"])
def test_what_json_cannot_hold_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        dumps(value)


def test_fractions_are_read_exactly() -> None:
    assert loads("[0.1, 1e2, 3]") == [Decimal("0.1"), Decimal(100), 3]
    assert [type(item) for item in loads("[0.1, 3]")] == [Decimal, int]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "NaN is not a JSON number"),
        ("[-Infinity]", "-Infinity is not a JSON number"),
        ("1e999999999999999999999", "out of range"),
        ("-1e500", "out of range"),
        ("1e-500", "out of range"),
        ("9" * 5000, "out of range"),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "the key 'b' stands twice"),
        ('{"a": 1, "\\u0061": 2}', "the key 'a' stands twice"),
        (b'"\xff"', "not valid UTF-8 at byte 1"),
        (b'"\xed\xa0\x80"', "not valid UTF-8"),
        ('["\\u0000"]', "NUL"),
        ('{"\\u0000": 1}', "NUL"),
        ('[["\\ud800"]]', "lone surrogate"),
        ('{"\\udfff": 1}', "lone surrogate"),
        ('"\ud800"', "lone surrogate"),
        ('{"a": 1,\n "b": }', "line 2, column 7"),
        ("", "line 1, column 1"),
        ("1 2", "Extra data"),
        ("'a'", "line 1, column 1"),
    ],
)
def test_hostile_json_is_refused_with_its_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        loads(text)


@pytest.mark.parametrize("text", ['"e\u0301"', '"e\\u0301"', '"\\u0065\\u0301"', '"\u00e9"'])
def test_text_that_looks_the_same_is_the_same(text: str) -> None:
    assert loads(text) == loads(text.encode()) == "\u00e9"
    assert loads(f"{{{text}: [{text}]}}") == {"\u00e9": ["\u00e9"]}


@pytest.mark.parametrize("pair", ['{"e\u0301": 1, "\u00e9": 2}', '{"e\\u0301": 1, "\\u00e9": 2}'])
def test_keys_that_look_the_same_are_the_same_key(pair: str) -> None:
    with pytest.raises(ValueError, match="stands twice"):
        loads(pair)


def test_a_surrogate_pair_is_one_character() -> None:
    assert loads('"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert loads(r'"\\u0000"') == r"\u0000"


def test_a_byte_order_mark_is_ignored() -> None:
    assert loads(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(("opening", "inner", "closing"), [("[", "", "]"), ("[", "1", "]"), ('{"a":', "{}", "}")])
def test_nesting_is_read_to_the_limit_and_not_beyond(opening: str, inner: str, closing: str) -> None:
    levels = MAX_DEPTH - (inner == "{}")
    loads(opening * levels + inner + closing * levels)
    with pytest.raises(ValueError, match="at most 64 levels"):
        loads(opening * (levels + 1) + inner + closing * (levels + 1))


@pytest.mark.parametrize("levels", [900, sys.getrecursionlimit() + 1, 200_000])
def test_nesting_past_the_stack_is_a_value_error_too(levels: int) -> None:
    with pytest.raises(ValueError, match="at most 64 levels"):
        loads("[" * levels + "]" * levels)


def test_a_late_duplicate_among_many_keys_is_found_without_comparing_all_pairs() -> None:
    keys = [*range(50_000), 49_999]
    with pytest.raises(ValueError, match="'49999' stands twice"):
        loads("{" + ",".join(f'"{key}":0' for key in keys) + "}")
