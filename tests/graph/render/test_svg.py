import asyncio
import re
import sys
import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph.render.layout import Graphviz
from app.graph.render.measure import pixels
from app.graph.render.palette import KINDS
from app.graph.render.picture import Picture
from app.graph.render.plan import LABEL_SIZE, NAME_SIZE
from app.graph.render.svg import MAX_EDGES, MAX_NODES, render
from tests.graph.render.pictures import EDGES, NODES, article, edge, large, node, single
from tests.graph.render.test_layout import GRAPHVIZ

SVG = "{http://www.w3.org/2000/svg}"
# Never ends where labels are to be laid out ("labels"), or never at all ("all").
SLOW = f"""
import subprocess, sys, time
dot = sys.stdin.read()
if "table" in dot or sys.argv[1] == "all":
    time.sleep(60)
sys.exit(subprocess.run([{str(GRAPHVIZ)!r}, *sys.argv[2:]], input=dot, text=True).returncode)
"""


async def drawn(picture: Picture, *, width: int | None = None, graphviz: Graphviz | None = None) -> ET.Element:
    return ET.fromstring((await render(picture, width=width, graphviz=graphviz)).svg)  # noqa: S314  we made it


def slow(what: str) -> Graphviz:
    return Graphviz(command=[sys.executable, "-c", SLOW, what], deadline=1.0)


def of_class(svg: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in svg.iter() if name in (element.get("class") or "").split()]


def text_in(element: ET.Element) -> str:
    """Read what is shown, without the titles that are shown on pointing."""
    return (element.text or "") + "".join((child.text or "") * (child.tag != f"{SVG}title") + (child.tail or "")
                                          for child in element)  # fmt: skip


def texts(svg: ET.Element, name: str) -> list[str]:
    return [text_in(element) for element in of_class(svg, name)]


def strokes(svg: ET.Element) -> list[ET.Element]:
    """Find the strokes on the lines, not those of the legend."""
    return [stroke for line in of_class(svg, "dg-line") for stroke in of_class(line, "dg-stroke")]


def style(svg: ET.Element) -> str:
    return svg.findtext(f"{SVG}style") or ""


async def test_it_is_an_image_with_a_title_and_a_description_for_those_who_cannot_see_it() -> None:
    svg = await drawn(article(unknowns=("what the power costs.",)))
    title, description = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "OpenAI depends on (as of 2025-03-12)"
    assert "8 companies, 14 dependencies." in (description.text or "")
    assert "what the power costs." in (description.text or "")


async def test_what_else_was_asked_for_stands_whole_below_the_subtitle_however_long_it_is() -> None:
    kinds = "kind compute or hardware or technology or energy or colocation or partnership"
    svg = await drawn(single(narrowed=("as known at 2026-01-01T00:00:00Z", "published by 2025-03-12", kinds)))
    said = " ".join(texts(svg, "dg-small"))
    assert f"as known at 2026-01-01T00:00:00Z · published by 2025-03-12 · {kinds}" in said
    assert f"Asked for: as known at 2026-01-01T00:00:00Z · published by 2025-03-12 · {kinds}." in (
        svg.findtext(f"{SVG}desc") or ""
    )
    assert "Asked for" not in (await render(single())).svg


async def test_two_pictures_on_one_page_have_ids_of_their_own() -> None:
    one, other = await drawn(article()), await drawn(article(as_of="2024-01-01"))
    assert not {one.get("aria-labelledby")} & {other.get("aria-labelledby")}


async def test_every_company_is_drawn_once_and_leads_to_its_page() -> None:
    svg = await drawn(article())
    nodes = of_class(svg, "dg-node")
    links = [link.get("href") for one in nodes for link in one.iter(f"{SVG}a")]
    assert sorted(links, key=str) == sorted(f"/v1/companies/{one.slug}" for one in NODES)
    assert sorted(texts(svg, "dg-name")) == sorted(one.name for one in NODES)
    assert [text_in(one) for one in of_class(svg, "dg-root")[0].iter(f"{SVG}text")] == ["OpenAI", "AI lab"]
    assert len(of_class(svg, "dg-root")) == 1


async def test_all_links_are_relative_and_nothing_can_run_or_be_loaded() -> None:
    svg = await drawn(large(80, 200))
    allowed = {"svg", "title", "desc", "style", "rect", "g", "path", "polygon", "text", "tspan", "a"}
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= allowed
    names = {name for element in svg.iter() for name in element.attrib}
    assert not {name for name in names if name.lower().startswith("on") or name == "src"}
    assert all((element.get("href") or "/v1/").startswith("/v1/") for element in svg.iter())
    assert not re.search(r"url\(|@import|https?:", style(svg))


async def test_parallel_dependencies_are_one_line_with_a_stroke_for_each_kind() -> None:
    svg = await drawn(article())
    lines = of_class(svg, "dg-line")
    assert len(lines) == len({(one.dependent, one.on) for one in EDGES}) == 11
    assert len(strokes(svg)) == len(EDGES) == 14
    capital, hardware = next(
        [stroke.get("d") for stroke in of_class(line, "dg-stroke")]
        for line in lines
        if "Nvidia: hardware" in (line.findtext(f".//{SVG}title") or "")
    )
    assert capital != hardware


async def test_pointing_at_a_line_tells_all_its_summaries() -> None:
    tips = [line.findtext(f".//{SVG}title") or "" for line in of_class(await drawn(article()), "dg-line")]
    assert "OpenAI buys compute from CoreWeave for five years." in tips
    assert any(tip.count("\n") == 1 and "CoreWeave depends on Nvidia: capital" in tip for tip in tips)


async def test_a_line_of_one_record_leads_to_it() -> None:
    svg = await drawn(article())
    links = {link.get("href") for line in of_class(svg, "dg-line") for link in line.iter(f"{SVG}a")}
    assert "/v1/contracts/openai-coreweave-2025-03-10" in links
    assert not any("nvidia" in str(link) for link in links)


async def test_the_legend_names_the_kinds_that_are_there_and_no_others() -> None:
    svg = await drawn(article())
    said = texts(svg, "dg-small")
    assert {"compute", "hardware", "technology", "partnership", "capital", "revenue"} <= set(said)
    assert {"possible", "intended or rumoured", "part of a loop"} <= set(said)
    assert not {"energy", "colocation", "ownership"} & set(said)


async def test_a_picture_of_firm_edges_without_a_loop_explains_neither() -> None:
    said = texts(await drawn(single()), "dg-small")
    assert not {"possible", "intended or rumoured", "part of a loop"} & set(said)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_has_its_colour_on_light_and_on_dark(kind: str) -> None:
    svg = await drawn(single(edges=(edge("a", "b", kind),)))
    assert of_class(svg, f"dg-k-{kind}")
    light, dark = style(svg).split("@media (prefers-color-scheme:dark)")
    assert f".dg-k-{kind}{{stroke:{KINDS[kind].light}}}" in light
    assert f".dg-k-{kind}{{stroke:{KINDS[kind].dark}}}" in dark


async def test_a_kind_that_nobody_knows_yet_is_drawn_as_other_under_its_own_name() -> None:
    svg = await drawn(single(edges=(edge("a", "b", "water_supply"),)))
    assert of_class(svg, "dg-k-other")
    assert texts(svg, "dg-label") == ["● water supply"]


async def test_a_possible_edge_is_dashed_and_an_intended_one_dotted() -> None:
    edges = (edge("a", "b", "compute", possible=True), edge("a", "b", "capital", stage="rumoured"))
    svg = await drawn(single(edges=(*edges, edge("a", "b", "hardware"))))
    assert [str(stroke.get("class")).split()[1:] for stroke in strokes(svg)] == [
        ["dg-k-compute", "dg-dashed"], ["dg-k-capital", "dg-dotted"], ["dg-k-hardware"],
    ]  # fmt: skip


async def test_a_rumoured_edge_beside_a_firm_one_of_its_kind_has_a_stroke_and_a_label_of_its_own() -> None:
    firm, rumoured = edge("a", "b", "capital", "r1"), edge("a", "b", "capital", "r2", stage="rumoured")
    svg = await drawn(single(edges=(firm, rumoured)))
    solid, dotted = strokes(svg)
    assert [solid.get("class"), dotted.get("class")] == ["dg-stroke dg-k-capital", "dg-stroke dg-k-capital dg-dotted"]
    assert solid.get("d") != dotted.get("d")
    assert texts(svg, "dg-label") == ["● capital", "● capital · rumoured"]
    assert [head.get("class") for head in svg.iter(f"{SVG}polygon")] == ["dg-h-capital"]


async def test_firm_edges_of_one_kind_share_a_stroke() -> None:
    edges = (edge("a", "b", record="r1"), edge("a", "b", record="r2", stage="completed"))
    assert len(strokes(await drawn(single(edges=edges)))) == 1


@pytest.mark.parametrize("fields", [{"possible": True}, {"stage": "intended"}, {"possible": True, "stage": "rumoured"}])
async def test_every_line_that_the_legend_explains_is_drawn(fields: dict[str, Any]) -> None:
    svg = await drawn(single(edges=(edge("a", "b", record="r1", **fields), edge("a", "b", record="r2"))))
    explained = {"possible": "dg-dashed", "intended or rumoured": "dg-dotted"}
    drawn_ones = {name for stroke in strokes(svg) for name in str(stroke.get("class")).split()}
    assert {style for said, style in explained.items() if said in texts(svg, "dg-small")} == (
        drawn_ones & set(explained.values())
    )


async def test_the_loop_is_seen_as_one() -> None:
    svg = await drawn(article())
    marked = [line for line in of_class(svg, "dg-line") if of_class(line, "dg-loop")]
    assert len(marked) == 4


async def test_amounts_stand_on_the_lines_while_they_fit() -> None:
    few, many = await drawn(article()), await drawn(large(25, 31))
    assert "● compute · USD 11.9 billion" in texts(few, "dg-label")
    assert "● revenue · 62 percent" in texts(few, "dg-label")
    assert texts(many, "dg-label") == []


async def test_above_its_caps_it_shows_the_closest_says_so_and_leads_to_the_table() -> None:
    svg = await drawn(large(214, 900))
    assert len(of_class(svg, "dg-node")) == MAX_NODES
    assert 60 <= len(strokes(svg)) <= MAX_EDGES
    assert texts(svg, "dg-name").count("Hub Systems") == 1
    (note,) = [link for link in svg.findall(f"{SVG}a") if "Showing 60 of 214 companies" in text_in(link[0])]
    assert note.get("href") == "/v1/companies/openai/dependencies?format=csv"
    assert "all in the table." in text_in(note[0])
    assert "214 companies, 900 dependencies" in " ".join(texts(svg, "dg-small"))


async def test_a_cut_answer_never_promises_all_in_the_table() -> None:
    said = " ".join(texts(await drawn(large(214, 900)), "dg-small"))
    cut = article(nodes=large(214, 900).nodes, edges=large(214, 900).edges, root="c0", truncated=("nodes",))
    said_cut = " ".join(texts(await drawn(cut), "dg-small"))
    assert "all in the table" in said
    assert "all in the table" not in said_cut
    assert "more in the table" in said_cut
    assert "Cut at the limit of nodes: there is more." in said_cut


async def test_many_unknowns_do_not_push_the_picture_away_but_are_counted_and_described() -> None:
    svg = await drawn(article(unknowns=tuple(f"fact {number}." for number in range(40))))
    assert sum("Not known" in said for said in texts(svg, "dg-small")) == 5
    assert "And 35 more, which the other formats list." in texts(svg, "dg-small")
    assert "fact 39." in (svg.findtext(f"{SVG}desc") or "")


def test_pictures_can_be_drawn_at_once_in_one_event_loop_after_another() -> None:
    async def many(first: int) -> None:
        await asyncio.gather(*(drawn(single(f"Company {first + number} " * number)) for number in range(6)))

    asyncio.run(many(100))
    asyncio.run(many(200))


async def test_without_a_table_it_promises_none() -> None:
    picture = large(214, 900)
    without = article(nodes=picture.nodes, edges=picture.edges, root="c0", table_url=None)
    said = " ".join(texts(await drawn(without), "dg-small"))
    assert "Showing 60 of 214 companies" in said
    assert "table" not in said


async def test_a_layout_that_takes_too_long_is_tried_again_without_labels() -> None:
    began = time.monotonic()
    svg = await drawn(article(), graphviz=slow("labels"))
    assert time.monotonic() - began < 10
    assert len(of_class(svg, "dg-node")) == len(NODES)
    assert texts(svg, "dg-label") == []


async def test_a_layout_that_never_comes_gives_a_picture_that_says_so() -> None:
    svg = await drawn(article(), graphviz=slow("all"))
    assert of_class(svg, "dg-node") == []
    assert "This picture could not be laid out; all in the table." in texts(svg, "dg-small")
    assert svg.findtext(f"{SVG}title") == "OpenAI depends on (as of 2025-03-12)"
    assert [link.get("href") for link in svg.iter(f"{SVG}a")] == ["/v1/companies/openai/dependencies?format=csv"]


async def test_it_scales_to_a_width_and_keeps_its_shape() -> None:
    natural, narrow = await drawn(article()), await drawn(article(), width=400)
    _, _, width, height = map(float, str(natural.get("viewBox")).split())
    assert (natural.get("width"), natural.get("height")) == (f"{width:.0f}", f"{height:.0f}")
    assert narrow.get("width") == "400"
    assert narrow.get("viewBox") == natural.get("viewBox")
    assert int(narrow.get("height") or 0) == pytest.approx(400 * height / width, abs=1)


async def test_the_root_comes_first_from_the_left_and_last_for_dependents() -> None:
    def place(svg: ET.Element, name: str) -> float:
        return next(float(one.get("x") or 0) for one in of_class(svg, "dg-name") if text_in(one) == name)

    forward = await drawn(article())
    assert place(forward, "OpenAI") == min(float(one.get("x") or 0) for one in of_class(forward, "dg-name"))
    nodes = (NODES[4], node("coreweave", "CoreWeave", "cloud_provider", "nvidia"))
    back = await drawn(article(root="nvidia", direction="depended_on_by", nodes=nodes, edges=EDGES[1:3]))
    assert place(back, "CoreWeave") < place(back, "Nvidia")


async def test_an_arrow_of_a_value_flow_points_where_the_value_goes() -> None:
    nodes = (NODES[1], NODES[4])
    edges = (edge("coreweave", "nvidia", "capital", flow="against"), edge("coreweave", "nvidia", "hardware", "r"))
    loops = frozenset({("nvidia", "coreweave"), ("coreweave", "nvidia")})
    svg = await drawn(article(root=None, direction="value_flow", nodes=nodes, edges=edges, loops=loops))
    assert len(of_class(svg, "dg-line")) == 2
    assert any("value goes from A to B" in said for said in texts(svg, "dg-small"))


@pytest.mark.parametrize(("nodes", "edges"), [(8, 11), (20, 29), (25, 30)])
async def test_no_text_lies_over_a_box_and_every_name_fits_its_own(nodes: int, edges: int) -> None:
    svg = await drawn(large(nodes, edges))
    boxes = [[float(box.get(name) or 0) for name in ("x", "y", "width", "height")] for box in of_class(svg, "dg-box")]
    for text in of_class(svg, "dg-label"):
        x, y, half = float(text.get("x") or 0), float(text.get("y") or 0), pixels(text_in(text), LABEL_SIZE) / 2
        assert not [b for b in boxes if b[0] < x + half and x - half < b[0] + b[2] and b[1] < y and y - 9 < b[1] + b[3]]
    for box, name in zip(boxes, texts(svg, "dg-name"), strict=True):
        assert pixels(name, NAME_SIZE) <= box[2]


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "]]> & \"q\" 'a'",
        "株式会社",
        "شركة (OpenAI)",
        "</style><script>alert(1)</script>",
    ],
)
async def test_a_hostile_or_foreign_name_is_text_and_nothing_else(name: str) -> None:
    picture = single(name, title=name, description=name, unknowns=(name,), edges=(edge("a", "b", summary=name),))
    svg = await drawn(picture)
    assert svg.findtext(f"{SVG}title") == f"{name} (as of 2025-03-12)"
    assert of_class(svg, "dg-node")[0].findtext(f"{SVG}title") == f"{name} (AI lab)"
    assert not [element for element in svg.iter() if element.tag in {f"{SVG}script", f"{SVG}img"}]


@pytest.mark.parametrize("name", ["W" * 200, "i" * 200, "株" * 200, "ش" * 200])
async def test_a_long_name_is_cut_in_its_box_and_whole_on_pointing(name: str) -> None:
    svg = await drawn(single(name))
    shown = texts(svg, "dg-name")[0]
    assert shown.endswith("…")
    assert pixels(shown, NAME_SIZE) <= 190
    assert of_class(svg, "dg-node")[0].findtext(f"{SVG}title") == f"{name} (AI lab)"


@settings(max_examples=25, deadline=None)
@given(name=st.text(max_size=60), said=st.text(max_size=60))
async def test_no_text_whatever_breaks_the_file(name: str, said: str) -> None:
    svg = await drawn(single(name, title=said, edges=(edge("a", "b", summary=said),)))
    assert len(of_class(svg, "dg-node")) == 2


async def test_lone_surrogates_and_control_characters_are_replaced() -> None:
    text = (await render(single("a\ud800\x00\x1b\ufffeb"))).svg
    assert "a\ufffd\ufffd\ufffd\ufffdb" in text
    text.encode()


async def test_a_company_that_depends_on_itself_is_drawn() -> None:
    svg = await drawn(single(edges=(edge("a", "a", "ownership"), edge("a", "b"))))
    assert len(of_class(svg, "dg-line")) == 2


async def test_one_company_alone_says_that_nothing_is_recorded() -> None:
    svg = await drawn(article(nodes=NODES[:1], edges=(), loops=frozenset()))
    assert "Nothing is recorded." in texts(svg, "dg-small")
    assert len(of_class(svg, "dg-node")) == 1


async def test_no_company_at_all_is_still_a_picture() -> None:
    svg = await drawn(article(root=None, nodes=(), edges=(), loops=frozenset()))
    assert "Nothing is recorded." in texts(svg, "dg-small")


async def test_the_lines_of_a_hub_of_many_fan_out_in_the_order_of_its_neighbours_and_so_never_cross() -> None:
    nodes = (node("hub", "Hub", "other"), *(node(f"c{n}", f"C{n}", "other", "hub") for n in range(59)))
    edges = tuple(edge("hub", f"c{n}") for n in range(59))
    svg = await drawn(article(root="hub", nodes=nodes, edges=edges, loops=frozenset()))
    ends = []
    for stroke in strokes(svg):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", stroke.get("d") or "")]
        ends.append((numbers[1], numbers[-1]))
    from_the_hub, at_the_neighbours = zip(*sorted(ends), strict=True)
    assert list(at_the_neighbours) == sorted(at_the_neighbours)
    assert len(set(from_the_hub)) == len(ends) == 59
    (hub,) = (one for one in of_class(svg, "dg-node") if "dg-root" in (one.get("class") or ""))
    assert [float(box.get("height") or 0) <= 150 for box in hub.iter(f"{SVG}rect")] == [True]


async def test_the_same_question_gives_the_same_bytes() -> None:
    assert await render(article()) == await render(article(), graphviz=Graphviz())


async def test_the_densest_picture_comes_in_time() -> None:
    nodes = tuple(node(f"c{n:02}", f"C{n}", "other") for n in range(60))
    edges = tuple(edge(one.slug, other.slug) for one in nodes for other in nodes if one is not other)
    began = time.monotonic()
    await drawn(article(root="c00", nodes=nodes, edges=edges, loops=frozenset()), graphviz=Graphviz())
    assert time.monotonic() - began < 2
