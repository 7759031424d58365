"""The place for answers that were sent: bounded in bytes, and of one moment."""

import tracemalloc
from datetime import date

import pytest

from app.ledger.shelf import Answer, Moment, Question, Shelf

DAY = date(2025, 3, 12)
NOW, LATER = Moment(DAY, 7), Moment(DAY, 8)


def answer(content: bytes | None = b"{}") -> Answer:
    return Answer([(b"content-type", b"application/json")], [], content, "/v1/companies/{slug}")


def question(path: str, query: bytes = b"") -> Question:
    return (path, query, "http", (b"host", b"localhost"))


def test_an_answer_is_for_its_own_question_and_moment() -> None:
    shelf = Shelf(1_000_000)
    shelf.put(question("/a"), NOW, answer(b"a"))
    assert shelf.get(question("/a"), NOW) == answer(b"a")
    assert shelf.get(question("/b"), NOW) is None
    assert shelf.get(question("/a"), LATER) is None
    # What was of another moment is not there any more, whatever comes back.
    assert shelf.get(question("/a"), NOW) is None


@pytest.mark.parametrize("other", [LATER, Moment(date(2025, 3, 13), 7), Moment(DAY, 6)])
def test_a_clock_or_a_store_that_is_put_back_keeps_nothing_from_being_kept(other: Moment) -> None:
    shelf = Shelf(1_000_000)
    shelf.put(question("/a"), other, answer(b"other"))
    shelf.put(question("/b"), other, answer(b"other"))
    shelf.put(question("/a"), NOW, answer(b"now"))
    assert shelf.get(question("/a"), NOW) == answer(b"now")
    assert shelf.get(question("/b"), NOW) is None


def test_that_nothing_changed_does_not_take_the_place_of_an_answer() -> None:
    shelf = Shelf(1_000_000)
    shelf.put(question("/a"), NOW, answer(None))
    shelf.put(question("/a"), NOW, answer(b"whole"))
    shelf.put(question("/a"), NOW, answer(None))
    assert shelf.get(question("/a"), NOW) == answer(b"whole")


def test_those_that_were_asked_for_longest_ago_make_place() -> None:
    shelf = Shelf(20_000)
    for number in range(8):
        shelf.put(question(f"/{number}"), NOW, answer())
    assert shelf.get(question("/0"), NOW)
    for number in range(8, 16):
        shelf.put(question(f"/{number}"), NOW, answer())
        shelf.get(question("/0"), NOW)
    assert question("/0") in shelf
    assert question("/1") not in shelf
    assert question("/15") in shelf


@pytest.mark.parametrize(
    ("content", "path", "query"),
    [(20_000, 10, 10), (10, 10, 10), (10, 10, 20_000), (10, 20_000, 10)],
    ids=["large answers", "many small ones", "long queries", "long paths"],
)
def test_whatever_is_asked_it_takes_no_more_memory_than_its_room(content: int, path: int, query: int) -> None:
    room = 4_000_000
    tracemalloc.start()
    shelf = Shelf(room)
    for number in range(6_000):
        sign = chr(0x4E00 + number % 1_000)
        asked = question(f"/{number}" + sign * path, str(number).encode() * query)
        shelf.put(asked, NOW, answer(number.to_bytes(2) * content))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert room / 4 < held < room * 1.1
