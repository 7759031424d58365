"""What is searched of a record: every text that its resource has, unless there is a reason."""

import pytest

from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds
from app.projection.searched import CALLED, CITED, CONTENT, MOST_WORDS, entry
from app.transfer.resources import IN_ORDER
from tests.factories import company

# What nobody would look for by words: codes, and what a filter of its own is for.
LEFT_OUT = {"country", "language", "sha256", "identifiers.scheme"}
TITLES = {"name", "title"}


def texts(shapes: tuple[FieldShape, ...], before: str = "") -> set[str]:
    """The paths of all fields that hold free text, or name a company."""
    found = set[str]()
    for shape in shapes:
        path = f"{before}{shape.name}"
        if shape.holds is Holds.OBJECT:
            found |= texts(shape.parts, f"{path}.")
        elif shape.refers_to == "companies" or (
            shape.holds is Holds.SCALAR and shape.python is str and not shape.choices
        ):
            found.add(path)
    return found


@pytest.mark.parametrize("resource", IN_ORDER, ids=lambda resource: resource.type)
def test_every_text_of_a_resource_is_searched(resource: Resource) -> None:
    known = {*CALLED.get(resource.type, ()), *CONTENT[resource.type], *CITED, *TITLES, "slug"}
    assert texts(resource.shape) - known - LEFT_OUT == set()
    named = {path for path in known - TITLES if not path.startswith("citations")}
    assert named <= texts(resource.shape) | {"slug"}


def test_a_record_of_many_words_keeps_the_first_of_them() -> None:
    stated = company(name="Long", description=" ".join(f"w{n}" for n in range(MOST_WORDS + 100)), aliases=[])
    shown = {"parent": None, "website": None, "identifiers": [], "citations": []} | stated
    row, names = entry(7, "companies", shown)
    assert len(row["content"].split()) == MOST_WORDS
    assert (row["title"], row["words"], len(names)) == ("long", 1, 1)
