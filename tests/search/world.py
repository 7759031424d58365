"""Companies that are easily taken for each other, and records that say hard words."""

from typing import Any

from tests.factories import citation, company, contract, event, fleet, investment, metric, source

HOSTILE = "<script>alert(1)</script> & <b>Überlandwerk</b>"


def world() -> dict[str, list[dict[str, Any]]]:
    """The records, by resource."""
    return {
        "sources": [
            source(),
            source(slug="gazette", title="A survey", publisher="Gazette of Zürich", author="Zoë Faß"),
        ],
        "companies": [
            company("openai", name="OpenAI", kind="ai_lab", aliases=["Open A.I. Global"]),
            company("coreweave", name="CoreWeave", kind="cloud_provider", country="US", aliases=["Atlantic Crypto"]),
            company(
                "nvidia",
                name="Nvidia",
                kind="chip_vendor",
                country="US",
                aliases=["NVIDIA Corporation", "엔비디아"],
                identifiers=[{"scheme": "cik", "value": "1045810"}, {"scheme": "ticker", "value": "NVDA"}],
            ),
            company(
                "microsoft", name="Microsoft", kind="cloud_provider", identifiers=[{"scheme": "cik", "value": "789019"}]
            ),
            company("meta", name="Meta Platforms, Inc.", kind="software"),
            company("acme-us", name="Acme Corp.", country="US"),
            company("acme-de", name="ACME GmbH", country="DE"),
            company("aws", name="Amazon Web Services", aliases=["AWS"], description="Rents compute by the hour."),
            company("ueber", name="Überlandwerk S.p.A.", kind="energy", description=HOSTILE),
            company("signs", name="!!!"),
            company("ohara", name="O'Hara Systems"),
            company("hp", name="H.P."),
            company("beijing", name="北京云计算"),
        ],
        "contracts": [
            contract(
                products=["H100 pods"],
                conditions="Regulators agree.",
                citations=[citation(claim="They rent GPUs.", excerpt="thousands of liquid-cooled racks")],
            ),
            contract(slug="long", title="A contract", description=f"{'word ' * 200}needle {'word ' * 200}"),
        ],
        "investments": [investment()],
        "fleets": [fleet(hardware=[{"vendor": "nvidia", "product": "Blackwell"}])],
        "metrics": [metric()],
        "events": [
            event(),
            *(event(slug=f"note-{n}", title=f"Note {n}", summary="The gizmo again.") for n in range(7)),
        ],
    }
