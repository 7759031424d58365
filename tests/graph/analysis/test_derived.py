from app.graph.analysis.derived import derive
from app.graph.analysis.model import Observation, RecordRef
from tests.graph.analysis.stated import (
    REVENUE_2023,
    REVENUE_2024,
    SHARE_2024,
    about,
    amount,
    article_metrics,
    bounds,
    exactly,
    metric,
)


def test_a_share_times_the_revenue_of_its_period_shows_formula_inputs_and_records() -> None:
    derived, unknowns = derive("coreweave", article_metrics())
    (revenue,) = [figure for figure in derived if figure.counterparty == "microsoft"]
    assert revenue.formula == "revenue_share of microsoft in 2024 * revenue in 2024"
    assert [(part.name, part.value.text, part.record) for part in revenue.inputs] == [
        ("revenue_share", "62 percent", SHARE_2024),
        ("revenue", "1900000000 USD", REVENUE_2024),
    ]
    assert (revenue.name, revenue.period, revenue.value.unit) == ("revenue from microsoft", "2024", "USD")
    assert bounds(revenue.value) == (1_178_000_000, 1_178_000_000)
    assert unknowns == ()


def test_growth_is_relative_to_the_year_before_and_rounded_outward() -> None:
    derived, _ = derive("coreweave", article_metrics())
    (growth,) = [figure for figure in derived if figure.name == "revenue relative to the year before"]
    assert growth.formula == "revenue in 2024 / revenue in 2023 * 100"
    assert [part.record for part in growth.inputs] == [REVENUE_2024, REVENUE_2023]
    assert [str(bound) for bound in bounds(growth.value)] == ["830.056", "830.057"]


def test_years_that_do_not_follow_each_other_and_parts_of_years_give_no_growth() -> None:
    periods = ("2021", "2023", "2024~", "2024-Q1", "2022-12")
    observations = [metric("revenue", period, exactly(1), RecordRef("metrics", period)) for period in periods]
    assert derive("coreweave", observations) == ((), ())


def test_a_share_whose_revenue_is_not_stated_is_listed_as_unknown() -> None:
    share_2025 = metric("revenue_share", "2025", exactly(50, "percent"), RecordRef("metrics", "s"), "microsoft")
    derived, unknowns = derive("coreweave", [share_2025, *article_metrics()[:1]])
    assert derived == ()
    assert unknowns == ("revenue from microsoft in 2025: the revenue of coreweave in 2025 is not stated",)


def test_a_hedged_input_keeps_its_bounds_and_an_unbounded_one_derives_nothing() -> None:
    revenue = metric("revenue", "2024", amount(1000, None), RecordRef("metrics", "r"))
    at_least_half = metric("revenue_share", "2024", amount(50, None, "percent"), RecordRef("metrics", "a"), "a")
    roughly = metric("revenue_share", "2024", about(10, "percent"), RecordRef("metrics", "b"), "b")
    derived, unknowns = derive("coreweave", [revenue, at_least_half, roughly])
    assert [(figure.counterparty, bounds(figure.value)) for figure in derived] == [("a", (500, None))]
    assert len(unknowns) == 1
    assert unknowns[0].startswith("revenue from b in 2024: no certain bounds")


def test_the_revenue_from_one_company_is_no_more_than_all_of_it() -> None:
    revenue = metric("revenue", "2024", exactly(150, "EUR"), RecordRef("metrics", "r"))
    stated = {"open": (62, None), "beyond": (90, 110), "below": (None, 38), "contradictory": (120, None)}
    shares = [
        metric("revenue_share", "2024", amount(*ends, "percent"), RecordRef("metrics", name), name)
        for name, ends in stated.items()
    ]
    derived, _ = derive("coreweave", [revenue, *shares])
    assert {figure.counterparty: (bounds(figure.value), figure.value.text) for figure in derived} == {
        "open": ((93, 150), "between EUR 93 and 150"),
        "beyond": ((135, 150), "between EUR 135 and 150"),
        "below": ((0, 57), "up to EUR 57"),
        "contradictory": ((180, None), "at least EUR 180"),
    }
    assert {part.value.high for figure in derived for part in figure.inputs if figure.counterparty == "open"} == {
        None,
        150,
    }


def test_years_in_two_currencies_are_not_compared() -> None:
    observations = [
        metric("revenue", "2023", exactly(1, "EUR"), RecordRef("metrics", "eur")),
        metric("revenue", "2024", exactly(1, "USD"), RecordRef("metrics", "usd")),
    ]
    derived, unknowns = derive("coreweave", observations)
    assert derived == ()
    assert unknowns == ("revenue relative to the year before in 2024: USD cannot be divided by EUR",)


def test_two_statements_of_one_revenue_give_a_figure_each() -> None:
    other = metric("revenue", "2024", exactly(2_000_000_000), RecordRef("metrics", "other"))
    derived, _ = derive("coreweave", [*article_metrics(), other])
    figures = [figure for figure in derived if figure.counterparty == "microsoft"]
    assert [bounds(figure.value)[0] for figure in figures] == [1_178_000_000, 1_240_000_000]


def test_metrics_of_other_companies_and_shares_that_are_no_growth_derive_nothing() -> None:
    theirs = Observation("openai", None, "revenue", "2023", exactly(1), RecordRef("metrics", "theirs"))
    shares = [
        metric("compute_share", year, exactly(5, "percent"), RecordRef("metrics", year), "a")
        for year in ("2023", "2024")
    ]
    several_things = [metric("other", year, exactly(5), RecordRef("metrics", f"o{year}")) for year in ("2023", "2024")]
    from_one = metric("revenue", "2023", exactly(1), RecordRef("metrics", "from-one"), "microsoft")
    stated = [theirs, from_one, article_metrics()[0], *shares, *several_things]
    assert derive("coreweave", stated) == ((), ())


def test_only_revenue_that_is_the_companys_own_is_a_whole() -> None:
    share = metric("revenue_share", "2024", exactly(50, "percent"), RecordRef("metrics", "s"), "microsoft")
    others = [
        metric("capex", "2024", exactly(9), RecordRef("metrics", "c")),
        metric("revenue", "2024", exactly(9), RecordRef("metrics", "r"), "microsoft"),
    ]
    derived, unknowns = derive("coreweave", [share, *others])
    assert derived == ()
    assert unknowns == ("revenue from microsoft in 2024: the revenue of coreweave in 2024 is not stated",)


def test_figures_are_in_the_order_of_counterparties_whatever_their_records_are_called() -> None:
    shares = [
        metric("revenue_share", "2024", exactly(percent, "percent"), RecordRef("metrics", slug), counterparty)
        for slug, counterparty, percent in (("z", "amd", 10), ("a", "zoom", 20))
    ]
    derived, _ = derive("coreweave", [*shares, metric("revenue", "2024", exactly(100), REVENUE_2024)])
    assert [figure.counterparty for figure in derived] == ["amd", "zoom"]
    assert {figure.company for figure in derived} == {"coreweave"}
    assert [[part.period for part in figure.inputs] for figure in derived] == [["2024", "2024"]] * 2


def test_what_has_no_certain_bounds_is_told_with_what_was_said_of_each_part() -> None:
    revenue = metric("revenue", "2024", about(1000), RecordRef("metrics", "r"))
    roughly = metric("revenue_share", "2024", about(10, "percent"), RecordRef("metrics", "b"), "b")
    _, unknowns = derive("coreweave", [revenue, roughly])
    assert unknowns == (
        "revenue from b in 2024: no certain bounds, as revenue_share is about 10 percent, revenue is about 1000 USD",
    )
