from itertools import pairwise

from tests.graph.render.pictures import EDGES, article, edge, large, node


def test_closest_keeps_the_root_and_the_nearest_companies_first() -> None:
    picture = large(214, 900)
    shown = picture.closest(nodes=60, edges=150)
    depths = [one.depth or 0 for one in shown.nodes]
    assert shown.nodes[0].slug == "c0"
    assert max(depths) <= min(one.depth or 0 for one in picture.nodes if one not in shown.nodes)
    assert len(shown.nodes) == 60


def test_closest_cuts_edges_but_leaves_every_company_connected_to_the_root() -> None:
    shown = large(60, 900).closest(nodes=60, edges=100)
    hops = {frozenset((one.dependent, one.on)) for one in shown.edges}
    assert len(shown.edges) == 100
    assert all(frozenset(hop) in hops for one in shown.nodes for hop in pairwise(one.via))


def test_closest_drops_edges_to_companies_that_are_not_shown() -> None:
    shown = article().closest(nodes=2, edges=150)
    assert {end for one in shown.edges for end in (one.dependent, one.on)} == {"openai", "coreweave"}


def test_closest_without_a_cut_changes_nothing() -> None:
    assert article().closest(nodes=60, edges=150) == article()


def test_companies_without_a_depth_come_last_in_the_order_given() -> None:
    nodes = (node("b", "B", "other"), node("a", "A", "other"), node("z", "Z", "other", "root"))
    shown = article(root="z", nodes=nodes, edges=()).closest(nodes=2, edges=1)
    assert [one.slug for one in shown.nodes] == ["z", "b"]


def test_a_value_flow_against_the_edge_is_drawn_from_the_one_that_gives() -> None:
    funds = edge("coreweave", "nvidia", "capital", flow="against")
    assert article(direction="value_flow").ends(funds) == ("nvidia", "coreweave")
    assert article().ends(funds) == ("coreweave", "nvidia")


def test_a_loop_is_recognised_in_the_direction_that_is_drawn() -> None:
    funds = edge("coreweave", "nvidia", "capital", flow="against")
    loops = frozenset({("nvidia", "coreweave")})
    assert article(direction="value_flow", loops=loops).in_loop(funds)
    assert not article(loops=loops).in_loop(EDGES[1])
