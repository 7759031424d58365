import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.intervals import Bounds, interval
from app.graph.analysis.model import Amount, RecordRef
from app.graph.analysis.rankings import Count, Figure, Ranking, Row, rank, rank_counts, ranked
from app.graph.analysis.tally import Item
from tests.graph.analysis.stated import about, amount, bounds, exactly


def item(company: str, slug: str, value: Amount | None, stage: str = "signed", **fields: bool) -> Item:
    return Item(company, RecordRef("contracts", slug), value, stage, **fields)  # type: ignore[arg-type]


def row(found: Ranking, company: str) -> Row:
    (one,) = [one for one in found.rows if one.figure.company == company]
    return one


def ranks(found: Ranking) -> dict[str, tuple[int, int]]:
    return {one.figure.company: (one.best_rank, one.worst_rank) for one in found.rows if one.worst_rank is not None}


Drawn = tuple[list[int], list[Figure]]


@st.composite
def figures(draw: st.DrawFn) -> Drawn:
    """True values, and a figure that holds each."""
    values = draw(st.lists(st.integers(0, 20), min_size=1, max_size=7))
    slack = st.integers(0, 5)
    known = [
        Bounds(Decimal(max(0, value - draw(slack))), draw(st.sampled_from([Decimal(value + draw(slack)), None])))
        for value in values
    ]
    return values, [Figure(f"c{number}", interval(one, "USD"), 1) for number, one in enumerate(known)]


@given(figures())
def test_the_true_rank_lies_between_the_best_and_the_worst(case: Drawn) -> None:
    values, known = case
    for company, (best, worst) in ranks(ranked("contract_value", "USD", known)).items():
        own = values[int(company[1:])]
        assert best <= 1 + sum(value > own for value in values) <= worst


@given(figures())
def test_the_best_and_the_worst_rank_are_those_of_a_pairwise_comparison(case: Drawn) -> None:
    known = {figure.company: bounds(figure.value) for figure in case[1]}
    for company, found in ranks(ranked("contract_value", "USD", case[1])).items():
        low, high = known.pop(company)
        best = 1 + sum(high is not None and other is not None and other > high for other, _ in known.values())
        worst = 1 + sum(other is None or other > low for _, other in known.values())
        assert found == (best, worst)
        known[company] = (low, high)


def test_rows_stand_by_what_is_certain_then_by_slug() -> None:
    items = {
        "small": [item("small", "1", amount(1, 100))],
        "b": [item("b", "2", exactly(7))],
        "a": [item("a", "3", exactly(7))],
        "top": [item("top", "4", exactly(6)), item("top", "5", amount(5, None))],
    }
    found = rank("contract_value", items)
    assert [one.figure.company for one in found.rows] == ["top", "a", "b", "small"]
    assert ranks(found) == {"top": (1, 2), "a": (2, 3), "b": (2, 3), "small": (1, 4)}
    assert row(found, "top").figure.count == 2


def test_the_currency_of_most_records_is_ranked_and_the_other_left_out_with_its_reason() -> None:
    items = {
        "a": [item("a", "1", exactly(5)), item("a", "2", exactly(9, "EUR"))],
        "b": [item("b", "3", exactly(6)), item("b", "4", None), item("b", "5", about(3))],
    }
    found = rank("contract_value", items)
    assert found.unit == "USD"
    assert bounds(row(found, "a").figure.value) == (5, None)
    assert [(one.record.slug, one.reason) for one in row(found, "a").figure.left_out] == [("2", "other currency")]
    assert [one.reason for one in row(found, "b").figure.left_out] == ["undisclosed amount", "no certain bounds"]
    assert ranks(found) == {"b": (1, 2), "a": (1, 2)}
    assert bounds(row(rank("contract_value", items, unit="EUR"), "a").figure.value) == (9, None)


def test_what_is_intended_stands_apart_and_moves_no_rank() -> None:
    items = {
        "stargate": [item("stargate", "1", exactly(500), "intended"), item("stargate", "2", exactly(1))],
        "coreweave": [item("coreweave", "3", exactly(12))],
    }
    found = rank("contract_value", items)
    stargate = row(found, "stargate")
    assert (stargate.best_rank, stargate.worst_rank) == (2, 2)
    assert bounds(stargate.figure.value) == (1, 1)
    assert bounds(stargate.figure.tentative) == (500, 500)
    assert [one.reason for one in stargate.figure.left_out] == ["intended or rumoured"]
    assert row(found, "coreweave").figure.tentative is None


def test_a_record_counts_once_and_a_part_of_one_from_nothing_to_all() -> None:
    twice = item("a", "1", exactly(5))
    items = {"a": [twice, twice], "b": [item("b", "2", exactly(9), partial=True)]}
    found = rank("contract_value", items)
    assert bounds(row(found, "a").figure.value) == (5, 5)
    assert bounds(row(found, "b").figure.value) == (0, 9)
    assert ranks(found) == {"a": (1, 2), "b": (1, 2)}


def test_counts_are_exact_and_equal_counts_share_a_rank() -> None:
    numbers = {"b": 3, "a": 3, "c": 5, "d": 0}
    found = rank_counts("dependents", {slug: Count(number, number) for slug, number in numbers.items()})
    assert [(one.figure.company, bounds(one.figure.value)) for one in found.rows] == [
        ("c", (5, 5)),
        ("a", (3, 3)),
        ("b", (3, 3)),
        ("d", (0, 0)),
    ]
    assert ranks(found) == {"c": (1, 1), "a": (2, 2), "b": (2, 2), "d": (4, 4)}


def test_a_count_has_bounds_and_stands_apart_from_what_is_planned() -> None:
    found = rank_counts("dependents", {"a": Count(2, 4), "b": Count(3, 3, 1, 2), "c": Count(0, 0, 0, 1)})
    assert ranks(found) == {"b": (1, 2), "a": (1, 2), "c": (3, 3)}
    shown = {one.figure.company: (bounds(one.figure.value), one.figure.count) for one in found.rows}
    assert shown == {"b": ((3, 3), 3), "a": ((2, 4), 4), "c": ((0, 0), 0)}
    assert [bounds(row(found, slug).figure.tentative) for slug in "bc"] == [(1, 2), (0, 1)]
    assert row(found, "a").figure.tentative is None


def test_a_store_that_discloses_nothing_ranks_everyone_anywhere() -> None:
    found = rank("investment", {"a": [item("a", "1", None)], "b": [item("b", "2", None)]})
    assert ranks(found) == {"a": (1, 2), "b": (1, 2)}
    assert rank("investment", {}).rows == ()


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(chance: random.Random) -> None:
    own = [
        item("a", "1", exactly(5)),
        item("a", "1", exactly(6)),
        item("a", "2", None),
        item("a", "3", exactly(1, "EUR")),
    ]
    expected = rank("contract_value", {"a": own, "b": [item("b", "4", exactly(2))]})
    shuffled = own[:]
    chance.shuffle(shuffled)
    assert rank("contract_value", {"b": [item("b", "4", exactly(2))], "a": shuffled}) == expected


def test_a_ranking_says_by_what_and_in_which_unit() -> None:
    by_value = rank("contract_value", {"a": [item("a", "1", exactly(5))]})
    by_count = rank_counts("sites", {"a": Count(3, 3)}, "site")
    assert (by_value.by, by_value.unit) == ("contract_value", "USD")
    assert (by_count.by, by_count.unit) == ("sites", "site")
    assert (row(by_count, "a").figure.count, row(by_count, "a").figure.value.unit) == (3, "site")
    assert rank("contract_value", {"a": [item("a", "1", None)]}).unit == ""


def test_what_may_be_more_than_was_counted_is_open_above_in_sums_and_in_counts() -> None:
    items = {"a": [item("a", "1", exactly(5)), item("a", "2", exactly(2), "rumoured")]}
    (summed,) = rank("contract_value", items, partial=True).rows
    (counted,) = rank_counts("dependents", {"a": Count(3, 3)}, partial=True).rows
    assert (bounds(summed.figure.value), bounds(summed.figure.tentative)) == ((5, None), (2, None))
    assert bounds(counted.figure.value) == (3, None)
    assert [(one.best_rank, one.worst_rank) for one in (summed, counted)] == [(1, None)] * 2


def test_the_unit_of_a_ranking_is_that_of_most_bounded_amounts_and_the_first_of_equals() -> None:
    listed = [exactly(1, "USD"), exactly(1, "EUR"), exactly(1, "EUR"), *[about(1, "CHF")] * 3]
    assert rank("contract_value", {"a": [item("a", str(n), one) for n, one in enumerate(listed)]}).unit == "EUR"
    swapped = [exactly(1, "USD"), exactly(1, "USD"), exactly(1, "EUR")]
    assert rank("contract_value", {"a": [item("a", str(n), one) for n, one in enumerate(swapped)]}).unit == "USD"
    assert rank("contract_value", {"a": [item("a", "1", exactly(1)), item("a", "2", exactly(1, "EUR"))]}).unit == "EUR"


def test_amounts_of_another_nature_are_left_out_of_a_sum() -> None:
    money = item("a", "1", exactly(5))._replace(nature="money")
    equity = item("a", "2", exactly(7))._replace(nature="equity")
    (found,) = rank("investment", {"a": [money, equity]}, nature="money").rows
    assert bounds(found.figure.value) == (5, 5)
    assert [left.reason for left in found.figure.left_out] == ["other nature"]
