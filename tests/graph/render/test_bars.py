"""Rankings and exposure as bars."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph.render import bars
from app.graph.render.chart import MAX_ROWS
from app.shared.json import dumps, loads_own
from tests.graph.render.charts import (
    HOSTILE,
    SVG,
    WIDTHS,
    amount,
    exposure,
    group,
    left_out,
    marks,
    of_class,
    party,
    place,
    ranking,
    read,
    record,
    texts,
    whole,
)

NAMES = {"a": "Alpha", "b": "Beta", "c": "Gamma", "hub": "Hub"}


def test_it_is_an_image_with_a_title_and_a_description_that_hold_every_bound() -> None:
    rows = [place("a", 10, None, left_out=[left_out("a", "x")], worst_rank=2), place("b", 5, 8, best_rank=2)]
    svg = read(bars.ranking(ranking(*rows), NAMES))
    assert svg.get("role") == "img"
    title, described = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert described is not None
    assert svg.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
    assert title.text == "Companies by the value of what they supply (as of 2025-03-12)"
    said = described.text or ""
    assert "Alpha: at least USD 10, rank 1 to 2; left out: 1 × undisclosed amount." in said  # noqa: RUF001
    assert "Beta: between USD 5 and 8, rank 2 to 1." in said


def test_a_place_among_more_than_was_looked_at_has_no_last_rank() -> None:
    svg = read(bars.ranking(ranking(place("a", 10, None, worst_rank=None)), NAMES))
    described = svg.find(f"{SVG}desc")
    assert described is not None
    assert "Alpha: at least USD 10, rank 1 to any." in (described.text or "")


def test_a_bar_is_solid_to_the_low_bound_lighter_to_the_high_one_and_open_to_the_end() -> None:
    rows = [place("a", 60, 60), place("b", 20, 80), place("c", 40, None)]
    svg = read(bars.ranking(ranking(*rows), NAMES))
    (start, first), (_, second), (_, third) = marks(svg, "certain")
    ((low, high),) = marks(svg, "possible")
    ((opens, end),) = marks(svg, "open")
    unit = (end - start) / 100
    assert [first - start, second - start, third - start] == pytest.approx([60 * unit, 20 * unit, 40 * unit], abs=0.2)
    assert (low, high - start, opens) == pytest.approx((second, 80 * unit, third), abs=0.2)
    assert {"certain", "possible, up to its bound", "open: it may be any amount more"} <= set(texts(svg, "dg-small"))


def test_what_is_not_known_at_all_has_no_solid_part_and_no_number_on_the_scale() -> None:
    svg = read(bars.ranking(ranking(place("a", 0, None)), NAMES))
    assert (marks(svg, "certain"), len(marks(svg, "open"))) == ([], 1)
    assert texts(svg, "dg-tick") == []
    assert "unknown" in texts(svg, "dg-said")


def test_what_is_intended_stands_in_a_row_apart() -> None:
    svg = read(bars.ranking(ranking(place("a", 10, 10, tentative=amount(40, 40))), NAMES))
    (firm,), (planned,) = marks(svg, "certain"), marks(svg, "planned")
    assert planned[1] - planned[0] == pytest.approx(4 * (firm[1] - firm[0]), abs=0.5)
    assert texts(svg, "dg-item") == ["Alpha", "intended or rumoured"]
    assert "Alpha, intended or rumoured: USD 40." in (svg.findtext(f"{SVG}desc") or "")


def test_counts_have_no_halves_on_their_scale() -> None:
    rows = [place("a", 2, 2) | {"value": amount(2, 2, "company")}]
    svg = read(bars.ranking(ranking(*rows, by="dependents", unit="company"), NAMES))
    assert texts(svg, "dg-tick") == ["0", "1 company", "2 companies"]


def test_exposure_draws_shares_between_their_bounds_the_largest_first() -> None:
    parties = [party("a", 0, 40, amount(0, None)), party("b", 50, 75, amount(5, 6))]
    answer = exposure(group(whole(*parties, remainder=amount(10, 25, "percent"), left_out=[left_out("a", "x")])))
    svg = read(bars.exposure(answer, NAMES))
    assert texts(svg, "dg-item") == ["Beta", "Alpha", "Others, not named"]
    assert texts(svg, "dg-head") == ["Compute suppliers: by amounts in USD"]
    assert "50 to 75 % · between USD 5 and 6" in texts(svg, "dg-said")
    assert "0 to 40 % · amount unknown" in texts(svg, "dg-said")
    assert "left out: 1 × undisclosed amount" in " ".join(texts(svg, "dg-said"))  # noqa: RUF001
    described = svg.findtext(f"{SVG}desc") or ""
    assert "Beta: between 50 and 75 percent · between USD 5 and 6." in described
    assert "concentration (HHI) between 1,200 and 5,000 points" in described


def test_exposure_says_what_no_share_counts_and_what_is_derived() -> None:
    stake = {"company": "c", "share": amount(5, 9, "percent"), "record": left_out("c", "round")["record"]}
    stakes = [stake | {"stage": "intended", "period": None, "possible": False}]
    derived = {"name": "revenue from c", "counterparty": "c", "period": "2024", "value": amount(7, 7)}
    told, untold = left_out("a", "x"), [left_out("b", "y"), left_out("b", "z")]
    counted = whole(party("a", 0, 100), left_out=[told], hhi=None, tentative=True)
    one = group(counted, by="investor", kind="capital", stated_shares=stakes, left_out=[told, *untold])
    svg = read(bars.exposure(exposure(one, derived=[derived]), NAMES))
    assert texts(svg, "dg-head") == [
        "Investors: by amounts in USD",
        "Investors: stated shares",
        "Investors: not counted",
        "Derived, not stated",
    ]
    assert texts(svg, "dg-item") == ["Alpha", "Gamma", "Beta", "Revenue from Gamma, 2024"]
    said = texts(svg, "dg-said")
    assert {"5 to 9 % · intended", "undisclosed amount, 2 times", "USD 7"} <= set(said)
    assert any("the shares contradict each other · only intended or rumoured" in one for one in said)


def test_shares_of_what_is_only_intended_or_rumoured_are_outlines_and_no_bar_is_solid() -> None:
    stake = {"company": "c", "share": amount(5, 9, "percent"), "record": record("round"), "period": None}
    stakes = [stake | {"stage": "rumoured", "possible": False}]
    planned = whole(party("a", 30, 60), remainder=amount(40, 70, "percent"), tentative=True)
    svg = read(bars.exposure(exposure(group(planned, by="investor", kind="capital", stated_shares=stakes)), NAMES))
    assert [len(marks(svg, style)) for style in ("planned", "certain", "possible", "open")] == [3, 0, 0, 0]
    assert "only intended or rumoured" in texts(svg, "dg-small")
    assert "certain" not in texts(svg, "dg-small")


def test_a_share_that_is_firm_stays_solid_beside_one_that_is_planned() -> None:
    planned = whole(party("a", 100, 100), tentative=True)
    svg = read(bars.exposure(exposure(group(whole(party("b", 100, 100)), planned)), NAMES))
    assert (len(marks(svg, "certain")), len(marks(svg, "planned"))) == (1, 1)


def test_past_its_cap_a_picture_says_so_and_leads_to_the_numbers() -> None:
    places = [place(f"c{number}", 100 - number, None) for number in range(MAX_ROWS + 30)]
    numbers = "/v1/rankings?by=gpus&format=json"
    svg = read(bars.ranking(ranking(*places, truncated=True, truncated_by=["companies"]), {}, link=numbers))
    assert len(of_class(svg, "dg-row")) == MAX_ROWS
    (note,) = [link for link in svg.findall(f"{SVG}a") if link.get("href") == numbers]
    assert "Showing 60 of 90 rows; all are in the numbers." in "".join(note.itertext())
    assert "Cut at the limit of companies: there is more." in texts(svg, "dg-small")


def test_a_large_group_leaves_room_for_the_others() -> None:
    parties = [party(f"c{number}", 1, 2) for number in range(200)]
    answer = exposure(group(whole(*parties)), group(whole(party("a", 0, 100)), by="customer", kind="revenue"))
    svg = read(bars.exposure(answer, NAMES))
    assert len(of_class(svg, "dg-row")) == MAX_ROWS
    assert texts(svg, "dg-head") == ["Compute suppliers: by amounts in USD (59 of 200)", "Customers: by amounts in USD"]


def test_a_cut_answer_and_an_empty_one_say_so_and_no_more_is_promised() -> None:
    empty = ranking(unit=None, unknowns=["Nothing is recorded that could be ranked as of 2025-03-12."])
    svg = read(bars.ranking(empty, {}, link="/v1/rankings"))
    assert texts(svg, "dg-small") == ["0 companies", "Nothing is recorded that could be ranked as of 2025-03-12."]
    assert list(svg.iter(f"{SVG}a")) == []
    cut = read(bars.exposure(exposure(truncated=True, truncated_by=["edges"]), {}, link="/v1/rankings"))
    assert "Cut at the limit of edges: there is more." in texts(cut, "dg-small")


def test_the_same_is_drawn_of_an_answer_and_of_its_json() -> None:
    answer = exposure(group(whole(party("a", 0.5, 62.25))))
    assert bars.exposure(loads_own(dumps(answer)), NAMES) == bars.exposure(answer, NAMES)
    ranked = ranking(place("a", 2.5, None))
    assert bars.ranking(loads_own(dumps(ranked)), NAMES) == bars.ranking(ranked, NAMES)


@pytest.mark.parametrize("width", WIDTHS)
def test_whatever_the_names_are_the_picture_holds_them_as_text_at_every_width(width: int) -> None:
    names = {f"c{number}": name for number, name in enumerate(HOSTILE)} | {"hub": HOSTILE[1]}
    places = [place(slug, 10, None, tentative=amount(3, None)) for slug in names]
    parties = [party(slug, 1, 10, amount(1_234_567_890, 9_876_543_210)) for slug in names]
    for svg in (
        read(bars.ranking(ranking(*places), names, width=width)),
        read(bars.exposure(exposure(group(whole(*parties)), unknowns=[HOSTILE[1] * 9]), names, width=width)),
    ):
        allowed = {"svg", "title", "desc", "style", "rect", "g", "path", "text", "a"}
        assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= allowed
        attributes = {name for element in svg.iter() for name in element.attrib}
        assert not {name for name in attributes if name.startswith("on") or name in {"style", "src"}}
        assert svg.get("width") == str(width)
        _, _, drawn, height = map(float, str(svg.get("viewBox")).split())
        assert drawn == min(max(width, 320), 1600)
        assert int(svg.get("height") or 0) == pytest.approx(height * width / drawn, abs=1)
        assert any(HOSTILE[0] in (row.findtext(f"{SVG}title") or "") for row in of_class(svg, "dg-row"))
        assert all(float(text.get("x") or 0) < drawn for text in svg.iter(f"{SVG}text"))


@settings(max_examples=30, deadline=None)
@given(name=st.text(max_size=80), low=st.integers(0, 9 * 10**15), more=st.none() | st.integers(0, 9 * 10**15))
def test_no_name_and_no_amount_breaks_the_file(name: str, low: int, more: int | None) -> None:
    answer = ranking(place("a", low, None if more is None else low + more, tentative=amount(low, None)))
    svg = read(bars.ranking(answer, {"a": name}, width=480))
    assert len(of_class(svg, "dg-row")) == 2
    assert all(
        0 <= start <= end <= 480 for style in ("certain", "possible", "open") for start, end in marks(svg, style)
    )
