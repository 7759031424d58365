"""YAML files: numbers and dates come out as they were written, and what is wrong is told with its place."""

from decimal import Decimal
from pathlib import Path

import pytest

from app.transfer.yaml_file import read


def written(folder: Path, text: str | bytes) -> Path:
    """A file with a content."""
    path = folder / "records.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_fraction_is_exact_and_a_date_is_text(tmp_path: Path) -> None:
    text = "metrics:\n- {value: 0.1, big: 11_900_000_000.5, day: 2025-03-10, at: 2025-03-10T09:00:00Z, year: 2025}\n"
    assert read(written(tmp_path, text)) == {
        "metrics": [
            {
                "value": Decimal("0.1"),
                "big": Decimal("11900000000.5"),
                "day": "2025-03-10",
                "at": "2025-03-10T09:00:00Z",
                "year": 2025,
            }
        ]
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("companies: [\n", "is not YAML that we can read"),
        ("companies:\n- {slug: a, slug: b}\n", "the key 'slug' stands twice"),
        ("companies: []\ncompanies: []\n", "the key 'companies' stands twice"),
        ("companies: [{value: .nan}]", "is not YAML that we can read"),
        ("companies: !!python/object/apply:os.getcwd []", "is not YAML that we can read"),
        ("- companies\n", "is not a mapping from resource to a list of records"),
        ("companies: {slug: a}\n", "is not a mapping from resource to a list of records"),
        ("", "is not a mapping from resource to a list of records"),
        (b"companies: [\xff]", "is not UTF-8: byte 12"),
        ("companies: [\0]", "is not YAML that we can read"),
    ],
)
def test_what_is_no_file_of_records_is_refused_by_name(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=r"records\.yaml") as refused:
        read(written(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_line_of_a_slip_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 3"):
        read(written(tmp_path, "companies:\n- slug: a\n  slug: b\n"))
