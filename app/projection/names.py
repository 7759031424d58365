"""Names of companies in the forms by which they are looked up. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.shared.folding import words

MOST_WORDS: Final = 6
"""From how many words of a name, the first included, what follows can be looked up."""
_LONGEST: Final = 200
CIK_DIGITS: Final = 10
"""How many digits the SEC writes a CIK with, by zeros before it."""
_KNOWN_FORMS: Final = """
ab ag aps as asa bv co company corp corporation gmbh inc incorporated kabushiki kaisha kg kgaa kk limited llc llp lp ltd
nv oy oyj plc pte pty sa sab sarl sas se sl spa srl
"""
_LEGAL_FORMS: Final = frozenset(_KNOWN_FORMS.split())
# The letters of an abbreviation belong together: S.p.A. is SpA.
_POINT: Final = re.compile(r"(?<=\b\w)\.(?=\w\b)")
# How the SEC marks where a company of its list was founded: /DE/.
_STATE: Final = re.compile(r"(?:/[A-Za-z ]{2,6}/?)\s*$")


def name_words(name: str) -> list[str]:
    """The words of a name as they are compared."""
    return words(_POINT.sub("", _STATE.sub("", name)) or name)


def key_of(text: str) -> str:
    """The letters and digits of a name, without what people write differently: case, accents, blanks and signs."""
    return "".join(name_words(text))[:_LONGEST]


def core_of(name: str) -> str:
    """The same without the article before a name and the legal form after it: ``coreweave`` of CoreWeave, Inc."""
    return "".join(core_words(name_words(name)))[:_LONGEST]


def core_words(found: list[str]) -> list[str]:
    """The words of a name without its article and its legal form; of one that is nothing else, all."""
    start = 1 if found[:1] == ["the"] and len(found) > 1 else 0
    end = len(found)
    while end > start + 1 and found[end - 1] in _LEGAL_FORMS:
        end -= 1
    return found[start:end]


def identifier_form(scheme: str, value: str) -> str:
    """The one form of an identifier: two are the same where it is the same.

    Case does not count, nor do the zeros before a CIK. Of the signs, only those inside a ticker do: T-PC is not TPC.
    """
    found = words(value)
    if scheme == "ticker":
        return "-".join(found)
    form = "".join(found)
    return (form.lstrip("0") or form) if scheme == "cik" else form


def identifier_key(scheme: str, value: str) -> str:
    """How an identifier is looked up: the letters and digits of its form."""
    return identifier_form(scheme, value).replace("-", "")[:_LONGEST]


def typed_key(text: str) -> str:
    """What names and identifiers begin with that may be meant by what was typed; ten digits are those of a CIK."""
    key = key_of(text)
    return identifier_key("cik", key) if key.isdigit() and len(key) == CIK_DIGITS else key


def name_rows(company_id: int, company: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of ``name_keys`` for a company as its document shows it."""
    rows = [row for name in _named(company) for row in name]
    return [{"company_id": company_id, "position": position, **row} for position, row in enumerate(rows)]


def _named(company: Mapping[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
    yield _of_name("name", company["name"])
    for alias in company["aliases"]:
        yield _of_name("alias", alias)
    yield (
        _row("identifier", one["value"], identifier_key(one["scheme"], one["value"]), scheme=one["scheme"])
        for one in company["identifiers"]
    )


def _of_name(what: str, name: str) -> Iterator[dict[str, Any]]:
    found = name_words(name)
    if not found:
        return
    core = "".join(core_words(found))[:_LONGEST]
    yield _row(what, name, "".join(found)[:_LONGEST], core=core, backwards=core[::-1], letters=len(core))
    for place, word in enumerate(found[1:MOST_WORDS], 1):
        if word not in _LEGAL_FORMS:
            yield _row(what, name, "".join(found[place:])[:_LONGEST], inside=True)


def _row(what: str, value: str, key: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - columns
    row = {"what": what, "scheme": None, "value": value, "inside": False, "key": key}
    return row | {"core": None, "backwards": None, "letters": None} | more
