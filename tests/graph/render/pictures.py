"""The article's own graph, and makers of larger ones."""

from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

from app.graph.analysis.model import Amount, Edge, RecordRef
from app.graph.render.picture import Picture, PictureNode


def usd(billion: str, *, more: bool = False) -> Amount:
    low = Decimal(billion) * 10**9
    text = f"USD {billion} billion" if low >= 10**9 else f"USD {low // 10**6} million"
    return Amount(low, None if more else low, "USD", f"more than {text}" if more else text)


def percent(value: str) -> Amount:
    return Amount(Decimal(value), Decimal(value), "percent", f"{value} percent")


def edge(dependent: str, on: str, kind: str = "compute", record: str | None = None, **fields: Any) -> Edge:  # noqa: ANN401
    where = "investments" if kind == "capital" else "contracts"
    ref = RecordRef(where, record or f"{dependent}-{on}-{kind}")
    return Edge(dependent, on, kind, ref, **{"stage": "active", **fields})


def node(slug: str, name: str, kind: str, *via: str) -> PictureNode:
    return PictureNode(slug, name, kind, len(via), (*via, slug) if via else ())


COREWEAVE_CONTRACT: dict[str, Any] = {
    "record": "openai-coreweave-2025-03-10",
    "amount": usd("11.9"),
    "since": "2025-03-10",
    "until": "2030-03",
    "stage": "announced",
}

NODES = (
    node("openai", "OpenAI", "ai_lab"),
    node("coreweave", "CoreWeave", "cloud_provider", "openai"),
    node("microsoft", "Microsoft", "cloud_provider", "openai"),
    node("stargate", "Stargate", "joint_venture", "openai"),
    node("nvidia", "Nvidia", "chip_vendor", "openai", "coreweave"),
    node("oracle", "Oracle", "cloud_provider", "openai", "stargate"),
    node("softbank", "SoftBank", "investor", "openai", "stargate"),
    node("mgx", "MGX", "investor", "openai", "stargate"),
)
EDGES = (
    edge(
        "coreweave",
        "microsoft",
        "revenue",
        share=percent("62"),
        since="2024",
        until="2024",
        summary="Microsoft was 62 percent of the revenue of CoreWeave in 2024.",
    ),
    edge("coreweave", "nvidia", "capital", since="2023-04"),
    edge(
        "coreweave",
        "nvidia",
        "hardware",
        amount=Amount(Decimal(250_000), None, "gpu", "more than 250,000 GPUs"),
        since="2024-12",
    ),
    edge(
        "coreweave",
        "openai",
        "capital",
        amount=usd("0.35"),
        since="2025-03-10",
        stage="announced",
        part_of=RecordRef("contracts", "openai-coreweave-2025-03-10"),
        flow="along",
        nature="equity",
    ),
    edge("coreweave", "openai", "revenue", **COREWEAVE_CONTRACT),
    edge("microsoft", "coreweave", "compute", since="2023"),
    edge("microsoft", "openai", "technology", since="2019-07"),
    edge(
        "openai",
        "coreweave",
        "compute",
        summary="OpenAI buys compute from CoreWeave for five years.",
        flow="along",
        nature="money",
        **COREWEAVE_CONTRACT,
    ),
    edge("openai", "microsoft", "capital", amount=usd("10", more=True), since="2019-07", stage="completed"),
    edge("openai", "microsoft", "compute", since="2019-07", until="2030"),
    edge("openai", "stargate", "compute", since="2025-01-21", stage="intended"),
    edge("stargate", "mgx", "partnership", since="2025-01-21"),
    edge("stargate", "oracle", "partnership", since="2025-01-21"),
    edge("stargate", "softbank", "capital", since="2025-01-21", stage="intended", possible=True),
)


def article(**fields: Any) -> Picture:  # noqa: ANN401
    defaults: dict[str, Any] = {
        "title": "OpenAI depends on",
        "description": "What OpenAI depends on, through at most three hops.",
        "root": "openai",
        "direction": "depends_on",
        "nodes": NODES,
        "edges": EDGES,
        "table_url": "/v1/companies/openai/dependencies?format=csv",
        "as_of": "2025-03-12",
        "loops": frozenset(
            {("openai", "coreweave"), ("coreweave", "openai"), ("openai", "microsoft"), ("microsoft", "openai")}
        ),
    }
    return Picture(**(defaults | fields))


def single(name: str = "OpenAI", **fields: Any) -> Picture:  # noqa: ANN401
    """Draw one company with that name, and another one that it depends on."""
    nodes = (PictureNode("a", name, "ai_lab", 0), PictureNode("b", "B", "other", 1, ("a", "b")))
    return article(
        **(
            {"title": "A depends on", "root": "a", "nodes": nodes, "edges": (edge("a", "b"),), "loops": frozenset()}
            | fields
        )
    )


def large(nodes: int, edges: int, seed: int = 7) -> Picture:
    """Draw a random graph in which each company is reached from the first one, some of them at depth 3."""
    random = Random(seed)  # noqa: S311  a seeded graph is wanted
    kinds = ("compute", "hardware", "capital", "revenue", "technology", "energy", "colocation", "partnership")
    company_kinds = ("cloud_provider", "chip_vendor", "investor", "energy", "software", "ai_lab")
    made = [PictureNode("c0", "Hub Systems", "ai_lab", 0, ("c0",))]
    for number in range(1, nodes):
        above = made[random.randrange(min(len(made), max(1, number // 3)))]
        names = ("Northern", "Vela", "Cobalt", "Quarry", "Harbour", "Ion", "Meridian", "Atlas Pacific")
        name = f"{random.choice(names)} {random.choice(('Compute', 'Power', 'Silicon', 'Capital'))} {number}"
        slug = f"c{number}"
        made.append(PictureNode(slug, name, random.choice(company_kinds), len(above.via), (*above.via, slug)))
    hops = [pairwise(one.via) for one in made]
    pairs = [hop[-1] for one in hops if (hop := list(one))]
    while len(pairs) < edges:
        start, end = sorted(random.sample(made, 2), key=lambda one: one.depth or 0)
        pairs.append((start.slug, end.slug) if random.random() < 0.85 else (end.slug, start.slug))
    drawn = tuple(
        edge(start, end, random.choice(kinds), f"r{number}", amount=usd(str(number + 1)) if number % 3 else None)
        for number, (start, end) in enumerate(pairs[:edges])
    )
    ordered = tuple(sorted(made, key=lambda one: (one.depth or 0, one.slug)))
    return article(title="Hub Systems depends on", root="c0", nodes=ordered, edges=drawn, loops=frozenset())
