"""YAML files: numbers and dates come out as they were written, and what is wrong is told with its place."""

from decimal import Decimal

import pytest

from app.transfer.yaml_file import Item, Unreadable, parse


def test_a_fraction_is_exact_and_a_date_is_text() -> None:
    text = b"metrics:\n- {value: 0.1, big: 11_900_000_000.5, day: 2025-03-10, at: 2025-03-10T09:00:00Z, year: 2025}\n"
    stated = {
        "value": Decimal("0.1"),
        "big": Decimal("11900000000.5"),
        "day": "2025-03-10",
        "at": "2025-03-10T09:00:00Z",
        "year": 2025,
    }
    assert parse(text) == [Item("metrics", 0, 2, stated)]


def test_an_alias_stands_for_what_it_names() -> None:
    text = b"sources:\n- &one {slug: a}\ncompanies:\n- {of: *one}\n- *one\n"
    assert [(item.resource, item.position, item.stated) for item in parse(text)] == [
        ("sources", 0, {"slug": "a"}),
        ("companies", 0, {"of": {"slug": "a"}}),
        ("companies", 1, {"slug": "a"}),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (b"companies: [\n", 2, "did not find expected"),
        (b"companies:\n- {slug: a, slug: b}\n", 2, "the key 'slug' stands twice"),
        (b"companies: []\ncompanies: []\n", 2, "the key 'companies' stands twice"),
        (b"companies:\n- slug: a\n  slug: b\n", 3, "the key 'slug' stands twice"),
        (b"companies: [{value: .inf}]", 1, "'.inf' is no number that can be kept"),
        (b"companies: [!!python/object/apply:os.getcwd []]", 1, "could not determine a constructor"),
        (b"- companies\n", None, "is not a mapping from resource to a list of records"),
        (b"companies: {slug: a}\n", 1, "is not a mapping from resource to a list of records"),
        (b"", None, "is not a mapping from resource to a list of records"),
        (b"companies:\n- [\xff]", 2, "is not UTF-8: byte 14"),
        (b"companies: [\0]", None, "control characters are not allowed"),
        (b"companies: &a [*a]", None, "more than 2,000,000 values"),
        (b"a: " + b"[" * 100, 1, "nested too deep"),
        (b"a: []\n---\nb: []", 2, "but found another document"),
    ],
    ids=str,
)
def test_what_is_no_file_of_records_is_refused_with_its_line(text: bytes, line: int | None, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert said in refused.value.detail
    assert refused.value.line == line
    assert "\n" not in str(refused.value)
