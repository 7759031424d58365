"""Words as search compares them."""

from hypothesis import given
from hypothesis import strategies as st

from app.shared.folding import LONGEST, spans, words


def test_words_lose_case_accents_and_signs() -> None:
    assert words("CoreWeave's GPU-cluster, 2025!") == ["coreweave", "s", "gpu", "cluster", "2025"]
    assert words("Zoë Faß ﬁ U\u0308ber") == words("ZOE FASS fi UBER") == ["zoe", "fass", "fi", "uber"]
    assert words("a_b \U0001f600 ½") == ["a", "b", "12"]


@given(st.text())
def test_each_word_stands_where_it_is_said_to_and_holds_letters_and_digits_only(text: str) -> None:
    found = list(spans(text))
    assert [word for _, _, word in found] == words(text)
    for start, end, word in found:
        assert words(text[start:end]) == [word]
        assert word.isalnum()
        assert len(word) <= LONGEST
        assert words(word) == [word]
