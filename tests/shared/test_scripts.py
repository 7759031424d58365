"""Names whose letters are of several writing systems."""

import pytest

from app.shared.scripts import mixture

ORDINARY = (
    *(
        "OpenAI",
        "Société Générale",
        "Ørsted",
        "Яндекс",
        "Ελλάδα 2",
        "東京電力",
        "ソフトバンク",
        "SoftBank ソフトバンク",
        "삼성 Samsung",
    ),
    *("台積電 TSMC", "NTTデータ", "µ-Labs", "Zoë e\u0301", "—", "", "อินทัช"),
)


@pytest.mark.parametrize("name", ORDINARY)
def test_a_name_in_one_writing_system_is_ordinary(name: str) -> None:
    assert mixture(name) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Open\u0410I", "Cyrillic and Latin"),
        ("Nvidi\u0430", "Cyrillic and Latin"),
        ("\u039fpenAI", "Greek and Latin"),
        ("\u13aeIO", "Cherokee and Latin"),
        ("Яндекс 東京", "Cyrillic and Han"),
        ("Open\u202eAI", "U+202E"),
        ("Open\u200bAI", "U+200B"),
        ("Core\u00adWeave", "U+00AD"),
    ],
)
def test_letters_that_may_pass_for_others_are_told(name: str, said: str) -> None:
    told = mixture(name)
    assert told
    assert said in told
    assert told.isascii()
