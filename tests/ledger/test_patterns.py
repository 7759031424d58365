import pytest

from app.ledger.filters.patterns import pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("company-1999", ["company-", "-1999"]),
        ("agreed at the pole", ["agreed ", " at ", " the ", " pole"]),
        ("at the", [" the"]),
        ("C++", []),
        ("power", ["power"]),
        ("--", []),
    ],
)
def test_a_piece_is_a_word_with_the_signs_that_mark_its_ends(text: str, found: list[str]) -> None:
    assert pieces(text) == found
    assert all(piece in text for piece in found)
