"""Random small multigraphs: few companies and few records, so that edges run in parallel and share their records."""

from collections.abc import Iterable
from decimal import Decimal

import networkx as nx
from hypothesis import settings
from hypothesis import strategies as st

from app.graph.analysis.model import Amount, Edge, RecordRef, identity

COMPANIES = "abcdef"

# The machine that runs the tests may be busy: no deadline for a single example.
law = settings(deadline=None)

amounts = st.builds(
    lambda low, more, unit: Amount(low, None if low is None or more is None else low + more, unit, "as it was said"),
    st.none() | st.integers(0, 3).map(Decimal),
    st.none() | st.integers(0, 3).map(Decimal),
    st.sampled_from(["USD", "EUR", "gpu"]),
)

edges = st.builds(
    Edge,
    dependent=st.sampled_from(COMPANIES),
    on=st.sampled_from(COMPANIES),
    kind=st.sampled_from(["capital", "compute", "hardware"]),
    record=st.builds(RecordRef, st.sampled_from(["contracts", "investments"]), st.sampled_from("12345")),
    stage=st.sampled_from(["intended", "signed"]),
    amount=st.none() | amounts,
    flow=st.sampled_from(["along", "against", None]),
    nature=st.sampled_from(["money", "equity", "supply", None]),
    possible=st.booleans(),
    **dict.fromkeys(("share", "part_of", "since", "until"), st.none()),
    summary=st.just(""),
    citations=st.sampled_from(["[]", '[{"source":"a"}]']),
)

multigraphs = st.lists(edges, max_size=30, unique_by=identity)


def digraph(hops: Iterable[tuple[str, str]]) -> "nx.DiGraph[str]":
    """Return the hops as networkx sees them, every company among its nodes."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(COMPANIES)
    graph.add_edges_from(hops)
    return graph


def needs(graph: Iterable[Edge]) -> "nx.DiGraph[str]":
    """Return who depends on whom."""
    return digraph((edge.dependent, edge.on) for edge in graph)


def deal(dependent: str, on: str, record: str = "1", kind: str = "compute") -> Edge:
    """Return an edge of a contract, for a scenario."""
    return Edge(dependent, on, kind, RecordRef("contracts", record), "signed", flow="along", nature="supply")


def dense(size: int) -> list[Edge]:
    """Return a graph in which every company has a contract with every other."""
    names = [f"c{number:02}" for number in range(size)]
    return [deal(one, other, f"{one}-{other}") for one in names for other in names if one != other]
