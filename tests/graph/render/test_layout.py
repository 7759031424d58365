import asyncio
import gc
import os
import sys
import sysconfig
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.graph.render.fan import fanned
from app.graph.render.layout import Box, Graphviz, Layout, LayoutError, Line, Point, Route

GRAPHVIZ = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
# Stands in for Graphviz: counts itself among those that run, is slow where told, and leaves the work to the real one.
STAND_IN = f"""
import os, pathlib, subprocess, sys, time
room, pause = pathlib.Path(sys.argv[1]), float(sys.argv[2])
mine = room / f"running-{{os.getpid()}}"
mine.touch()
with (room / "log").open("a") as log:
    log.write(f"{{os.getpid()}} {{len(list(room.glob('running-*')))}}\\n")
dot = sys.stdin.read()
time.sleep(pause)
mine.unlink()
sys.exit(subprocess.run([{str(GRAPHVIZ)!r}, *sys.argv[3:]], input=dot, text=True).returncode)
"""
BOXES = [Box(100, 46), Box(120, 46), Box(90, 46)]
LINES = [Line(0, 1, Box(80, 20)), Line(1, 2), Line(2, 0, back=True)]


def stand_in(room: Path, pause: float = 0.0) -> list[str]:
    return [sys.executable, "-c", STAND_IN, str(room), str(pause)]


def runs(room: Path) -> list[tuple[int, int]]:
    """Read the process id of each run, and how many ran when it began."""
    log = room / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [(int(pid), int(running)) for pid, running in map(str.split, lines)]


async def test_layers_go_from_left_to_right_and_a_line_back_turns_nothing_round() -> None:
    layout = await Graphviz().arrange(BOXES, LINES)
    assert [box.x for box in layout.boxes] == sorted(box.x for box in layout.boxes)
    assert all(0 <= box.x <= layout.width and 0 <= box.y <= layout.height for box in layout.boxes)


async def test_each_route_leads_from_its_start_to_its_end() -> None:
    layout = await Graphviz().arrange(BOXES, LINES)
    for line, route in zip(LINES, layout.routes, strict=True):
        start, end = layout.boxes[line.start], layout.boxes[line.end]
        assert abs(route.points[0].x - start.x) <= BOXES[line.start].width / 2 + 2
        assert abs(route.tip.x - end.x) <= BOXES[line.end].width / 2 + 2
        assert len(route.points) % 3 == 1


async def test_only_a_line_with_a_label_gets_room_for_one() -> None:
    layout = await Graphviz().arrange(BOXES, LINES)
    assert [route.label is not None for route in layout.routes] == [True, False, False]


async def test_nothing_to_lay_out_is_an_empty_layout() -> None:
    layout = await Graphviz().arrange([], [])
    assert (layout.boxes, layout.routes) == ((), ())


async def test_the_deadline_ends_the_process_too(tmp_path: Path) -> None:
    graphviz = Graphviz(command=stand_in(tmp_path, 60), deadline=1.0)
    began = time.monotonic()
    with pytest.raises(LayoutError, match=r"no layout within 1 s"):
        await graphviz.arrange(BOXES, LINES)
    assert time.monotonic() - began < 5
    ((pid, _),) = runs(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_reader_who_goes_away_ends_the_process_too(tmp_path: Path) -> None:
    task = asyncio.create_task(Graphviz(command=stand_in(tmp_path, 60)).arrange(BOXES, LINES))
    while not runs(tmp_path):  # noqa: ASYNC110  the event is in another process
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ((pid, _),) = runs(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_so_many_at_a_time_and_no_more(tmp_path: Path) -> None:
    graphviz = Graphviz(command=stand_in(tmp_path, 0.1), simultaneous=2)
    pictures = [[Box(100 + number, 46)] for number in range(6)]
    await asyncio.gather(*(graphviz.arrange(boxes, []) for boxes in pictures))
    assert len(runs(tmp_path)) == 6
    assert max(running for _, running in runs(tmp_path)) <= 2


async def test_waiting_for_a_turn_counts_towards_the_deadline(tmp_path: Path) -> None:
    graphviz = Graphviz(command=stand_in(tmp_path, 60), deadline=1.0, simultaneous=1)
    began = time.monotonic()
    outcomes = await asyncio.gather(
        *(graphviz.arrange([Box(100 + number, 46)], []) for number in range(4)), return_exceptions=True
    )
    assert all(isinstance(outcome, LayoutError) for outcome in outcomes)
    assert time.monotonic() - began < 3


async def test_the_same_picture_is_laid_out_once_even_when_asked_at_once(tmp_path: Path) -> None:
    graphviz = Graphviz(command=stand_in(tmp_path), simultaneous=1)
    first, second = await asyncio.gather(*(graphviz.arrange(BOXES, LINES) for _ in range(2)))
    third = await graphviz.arrange(BOXES, LINES)
    assert first == second == third
    assert len(runs(tmp_path)) == 1


async def test_the_pictures_kept_are_bounded_and_the_longest_unused_goes_first(tmp_path: Path) -> None:
    graphviz = Graphviz(command=stand_in(tmp_path), kept=2)
    for width in (100, 200, 100, 300, 100):
        await graphviz.arrange([Box(width, 46)], [])
    assert len(runs(tmp_path)) == 3
    await graphviz.arrange([Box(200, 46)], [])
    assert len(runs(tmp_path)) == 4


@pytest.mark.parametrize("script", ["raise SystemExit(3)", "print('{}')", "print('no json')"])
async def test_a_graphviz_that_fails_or_leaves_something_out_is_an_error(script: str) -> None:
    with pytest.raises(LayoutError):
        await Graphviz(command=[sys.executable, "-c", script]).arrange(BOXES, LINES)


async def test_a_graphviz_that_reads_nothing_is_told_of_once() -> None:
    """Asyncio reported what came of its input too, when that was collected: as an error of whoever was next."""
    loop, reported = asyncio.get_running_loop(), list[dict[str, Any]]()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: reported.append(context))
    more_than_a_pipe_holds = [Box(100, 46)] * 5_000
    with pytest.raises(LayoutError, match="Graphviz failed"):
        await Graphviz(command=["false"]).arrange(more_than_a_pipe_holds, [])
    gc.collect()
    await asyncio.sleep(0)
    loop.set_exception_handler(before)
    assert reported == []


async def test_lines_that_meet_at_a_box_are_spread_along_its_side() -> None:
    boxes = [Box(100, 60), *[Box(100, 46)] * 5]
    lines = [Line(0, number) for number in range(1, 6)]
    layout = fanned(await Graphviz().arrange(boxes, lines), tuple(boxes), tuple(lines))
    starts = sorted(route.points[0].y for route in layout.routes)
    assert all(5 < lower - upper < 12 for upper, lower in pairwise(starts))
    assert max(abs(y - layout.boxes[0].y) for y in starts) <= 30


def test_the_line_that_turns_up_starts_above_the_one_that_turns_down() -> None:
    def route(end: float) -> Route:
        return Route((Point(0, 50), Point(20, 50), Point(60, end), Point(80, end)), Point(88, end), None)

    boxes, lines = [Box(100, 46)] * 3, [Line(0, 1), Line(0, 2)]
    layout = Layout(138, 100, (Point(-50, 50), Point(138, 90), Point(138, 10)), (route(90), route(10)))
    down, up = fanned(layout, tuple(boxes), tuple(lines)).routes
    assert up.points[0].y == up.points[1].y == 46
    assert down.points[0].y == down.points[1].y == 54


async def test_spreading_lines_moves_a_straight_one_only_at_the_end_that_is_shared() -> None:
    boxes, lines = BOXES, [Line(0, 2), Line(1, 2)]
    before = await Graphviz().arrange(boxes, lines)
    after = fanned(before, tuple(boxes), tuple(lines))
    for old, new in zip(before.routes, after.routes, strict=True):
        assert old.points[0] == new.points[0]
        assert abs(old.tip.y - new.tip.y) == pytest.approx(4.0)
        assert new.tip.y - old.tip.y == pytest.approx(new.points[-1].y - old.points[-1].y)


async def test_where_graphviz_is_missing_there_is_no_layout(tmp_path: Path) -> None:
    """It was told of as a store that is away."""
    with pytest.raises(LayoutError, match="cannot be run"):
        await Graphviz(command=[str(tmp_path / "missing")]).arrange(BOXES, LINES)
