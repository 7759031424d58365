"""Dated facts along time."""

import pytest

from app.graph.render.chart import MAX_ROWS
from app.graph.render.timeline import render
from tests.graph.render.charts import HOSTILE, SVG, fact, marks, of_class, read, texts, timeline


def test_a_date_is_as_wide_as_it_was_said() -> None:
    said = ("2024", "2024-Q1", "2024-03", "2024-03-10", "2025~")
    svg = read(render(timeline(*map(fact, said)), "Alpha", width=1600))
    assert svg.findtext(f"{SVG}title") == "Timeline of Alpha"
    (year, quarter, month), (day,), (about,) = (marks(svg, style) for style in ("within", "day", "about"))
    a_day = (year[1] - year[0]) / 366
    assert quarter == pytest.approx((year[0], year[0] + 91 * a_day), abs=0.3)
    assert month == pytest.approx((year[0] + 60 * a_day, quarter[1]), abs=0.3)
    assert sum(day) / 2 == pytest.approx(year[0] + 69.5 * a_day, abs=0.3)
    assert about == pytest.approx((year[1], year[1] + 365 * a_day), abs=0.3)
    assert set(said) <= set(texts(svg, "dg-said"))
    assert {"on that day", "on some day in it", "about then", "contracts"} <= set(texts(svg, "dg-small"))


def test_a_period_is_not_some_day_in_it() -> None:
    svg = read(render(timeline(fact("2024", field="period"), fact("2024-03", "A lot", stage="rumoured"))))
    assert (len(marks(svg, "period")), len(marks(svg, "within"))) == (1, 1)
    assert "of the whole time" in texts(svg, "dg-small")
    assert {"period", "announced on · rumoured"} <= set(texts(svg, "dg-said"))
    assert "2024-03: A lot (announced on · rumoured)." in (svg.findtext(f"{SVG}desc") or "")


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        ("2025-03-10", "2025-04-20", ["2025-03-10", "2025-03-20", "2025-03-30", "2025-04-09", "2025-04-19"]),
        ("2025-01-01", "2025-05-31", ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"]),
        ("2023", "2025-03-12", ["2023-01", "2023-07", "2024-01", "2024-07", "2025-01"]),
        ("2016", "2024", ["2016", "2018", "2020", "2022", "2024"]),
        ("1000", "9999", ["2000", "4000", "6000", "8000"]),
    ],
)
def test_the_axis_names_what_there_is_room_for(first: str, last: str, ticks: list[str]) -> None:
    assert texts(read(render(timeline(fact(first), fact(last)), width=960)), "dg-tick") == ticks


def test_one_fact_and_none_at_all() -> None:
    assert len(of_class(read(render(timeline(fact("9999-12-31")), width=320)), "dg-row")) == 1
    svg = read(render(timeline()))
    assert texts(svg, "dg-small") == ["0 dated facts", "No dated fact is recorded here."]


def test_what_is_on_another_page_or_past_the_cap_is_said_with_a_way_to_it() -> None:
    numbers = "/v1/timeline?limit=100&format=json"
    facts = [fact("2024-03-10") for _ in range(MAX_ROWS + 40)]
    svg = read(render(timeline(*facts, following="/v1/timeline?cursor=x"), link=numbers))
    assert len(of_class(svg, "dg-row")) == MAX_ROWS
    said = texts(svg, "dg-small")
    assert "Showing 60 of 100 rows; all are in the numbers." in said
    assert "There are later facts, which this page of the timeline does not hold." in said
    assert numbers in {link.get("href") for link in svg.findall(f"{SVG}a")}


@pytest.mark.parametrize("width", [320, 480, 1600])
def test_titles_whatever_they_hold_are_text_and_lead_to_their_record(width: int) -> None:
    svg = read(render(timeline(*(fact("2024~", title) for title in HOSTILE)), HOSTILE[0], width=width))
    rows = of_class(svg, "dg-row")
    assert [link.get("href") for row in rows for link in row.iter(f"{SVG}a")] == ["/v1/contracts/a-deal"] * len(HOSTILE)
    assert f"2024~: {HOSTILE[1]} (announced on)." in [row.findtext(f"{SVG}title") for row in rows]
    assert not {element.tag for element in svg.iter()} & {f"{SVG}script", f"{SVG}img"}
