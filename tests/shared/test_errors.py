"""What is said of a slip: where it is, and what may have been meant."""

import pytest

from app.shared.errors import PROBLEMS, BadRequest, Flaw, NotFound, in_a_line, nearest, pointer_to, unknown

KINDS = ["compute", "hardware", "technology", "energy"]


def test_a_flaw_shows_only_what_applies() -> None:
    assert Flaw("it is wrong").shown() == {"detail": "it is wrong"}
    assert Flaw("it is wrong", parameter="kind", suggestion="compute").shown() == {
        "parameter": "kind",
        "detail": "it is wrong",
        "suggestion": "compute",
    }
    assert Flaw("it is wrong", pointer="").shown() == {"pointer": "", "detail": "it is wrong"}


@pytest.mark.parametrize(
    ("word", "meant"), [("computer", ["compute"]), ("COMPUTE", ["compute"]), ("zzz", []), ("", []), ("\0", [])]
)
def test_the_nearest_is_close_whatever_its_case(word: str, meant: list[str]) -> None:
    assert nearest(word, KINDS) == meant


def test_a_few_letters_are_a_slip_only_for_what_is_about_as_long_or_has_them_inside() -> None:
    assert nearest("nope", ["reuters-openai-coreweave"]) == []
    assert nearest("IBM", ["ibm-research-cloud", "ibn"]) == ["ibn", "ibm-research-cloud"]


def test_a_flaw_in_a_line_says_once_what_was_perhaps_meant() -> None:
    flaw = Flaw("Input should be 'customer' or 'supplier'", pointer="/role", suggestion="customer", line=3)
    assert in_a_line(flaw.shown()) == f"line 3: /role: {flaw.detail} (did you mean 'customer'?)"
    assert in_a_line(Flaw("did you mean 'a'?", suggestion="a").shown()) == "did you mean 'a'?"


def test_the_nearest_come_best_first_and_are_few() -> None:
    slugs = [f"openai-{n}" for n in range(9)] + ["openai"]
    assert nearest("openia", slugs)[0] == "openai"
    assert len(nearest("openia", slugs)) == 3


NAMES = ["cursor", "evidence", "kind", "kind__not", "limit", "slug", "stage", "starts_on", "term_months", "value__gte"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("kin", "kind"),
        ("kind_not", "kind__not"),
        ("start_on", "starts_on"),
        ("term", "term_months"),
        ("months", "term_months"),
        ("stage_id", "stage"),
        ("limt", "limit"),
        ("customer", None),
        ("recorded_at__gte", None),
        ("ki", None),
    ],
)
def test_what_only_shares_letters_with_a_word_is_not_near_it(word: str, meant: str | None) -> None:
    assert unknown("parameter", word, NAMES, word).suggestion == meant


def test_a_dotted_path_is_near_by_its_last_name() -> None:
    assert nearest("role", ["parties.role", "kind"]) == ["parties.role"]
    assert nearest("compny", ["parties.company", "company"]) == ["company", "parties.company"]


def test_a_short_word_may_have_one_slip_but_not_be_all_slips() -> None:
    assert nearest("aa", ["a", "openai"]) == ["a"]
    assert nearest("x", ["q"]) == []
    assert nearest("nope", ["openai", "linkoping-university"]) == []


@pytest.mark.parametrize(
    ("word", "here"),
    [("page", ["cursor", "limit"]), ("per_page", ["limit"]), ("starting_after", ["cursor"]), ("Status", ["stage"])],
)
def test_what_other_apis_call_so_is_told_by_its_name_here(word: str, here: list[str]) -> None:
    assert unknown("parameter", word, NAMES, word) == Flaw(
        f"unknown parameter {word!r}; here it is {' and '.join(here)}", parameter=word, suggestion=here[0]
    )


def test_what_others_call_so_is_not_told_where_there_is_nothing_of_it() -> None:
    assert unknown("parameter", "order_by", NAMES, "order_by").suggestion is None


def test_few_choices_are_all_told_and_many_are_not() -> None:
    assert unknown("kind", "enrgy", KINDS, "kind") == Flaw(
        "unknown kind 'enrgy'; one of compute, energy, hardware, technology", parameter="kind", suggestion="energy"
    )
    assert unknown("kind", "x", map(str, range(100, 113)), "kind").detail == "unknown kind 'x'"


def test_a_pointer_escapes_what_would_divide_it() -> None:
    assert pointer_to(()) == ""
    assert pointer_to(("parties", 0, "a/b", "~1")) == "/parties/0/a~1b/~01"


def test_each_problem_has_a_status_of_its_own() -> None:
    statuses = [problem.status for problem in PROBLEMS]
    assert len(set(statuses)) == len(statuses)
    assert (BadRequest.status, NotFound.status) == (400, 404)


def test_headers_of_one_problem_are_not_those_of_another() -> None:
    one = NotFound("here")
    one.headers = {"Retry-After": "1"}
    assert NotFound("there").headers == {}
