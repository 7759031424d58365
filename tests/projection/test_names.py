"""Names in the forms by which they are looked up."""

import unicodedata

import pytest

from app.projection.names import core_of, identifier_key, key_of, name_rows

CORES = {
    "CoreWeave, Inc.": "coreweave",
    "Core Weave": "coreweave",
    "Überlandwerk S.p.A.": "uberlandwerk",
    "The Boeing Company": "boeing",
    "Goldman & Co. KG": "goldman",
    "META PLATFORMS, INC. /DE/": "metaplatforms",
    "L'Oréal S.A.": "loreal",
    "Inc.": "inc",
    "The": "the",
    "SE": "se",
    "01.AI": "01ai",
    "엔비디아": "엔비디아",
    "!!!": "",
}


@pytest.mark.parametrize("name", CORES)
def test_a_legal_form_an_article_accents_and_signs_make_no_other_name(name: str) -> None:
    assert unicodedata.normalize("NFC", core_of(name)) == CORES[name]
    assert core_of(name) in key_of(name)


def test_a_cik_is_the_same_with_zeros_before_it_and_other_identifiers_are_not() -> None:
    assert identifier_key("cik", "0001045810") == identifier_key("cik", "1045810") == "1045810"
    assert identifier_key("cik", "000") == "000"
    assert identifier_key("isin", "00AB") == "00ab"


def test_later_words_can_be_looked_up_but_not_a_legal_form() -> None:
    shown = {"name": "Amazon Web Services Inc", "aliases": ["!!!"], "identifiers": [{"scheme": "cik", "value": "018"}]}
    rows = [(row["position"], row["key"], row["inside"], row["core"]) for row in name_rows(1, shown)]
    assert rows == [
        (0, "amazonwebservicesinc", False, "amazonwebservices"),
        (1, "webservicesinc", True, None),
        (2, "servicesinc", True, None),
        (3, "18", False, None),
    ]
