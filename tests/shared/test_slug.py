"""Slugs: what names a record, as lower-case ASCII words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared.forms import SLUG
from app.shared.slug import MAX_SLUG, slugify


@pytest.mark.parametrize(
    ("parts", "slug"),
    [
        (("OpenAI",), "openai"),
        (("Core Weave, Inc.",), "core-weave-inc"),
        (("Société Générale",), "societe-generale"),
        (("OpenAI", None, "", "2025-03~"), "openai-2025-03"),
        (("東京",), ""),
        (("--",), ""),
        (("a" * 119 + " b",), "a" * 119),
        ((), ""),
    ],
)
def test_words_are_joined_by_hyphens(parts: tuple[str | None, ...], slug: str) -> None:
    assert slugify(*parts) == slug


@given(st.lists(st.text()))
def test_whatever_is_made_is_a_slug_or_nothing_and_stays_what_it_is(parts: list[str]) -> None:
    slug = slugify(*parts)
    assert not slug or (re.fullmatch(SLUG, slug) and len(slug) <= MAX_SLUG)
    assert slugify(slug) == slug
