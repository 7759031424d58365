"""Epoch AI's data on GPU clusters: a row is a fleet (docs/adapters.md)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.transfer.adapters.cells import day_first
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.drafts import Draft, Drafts, Fields, slugs_of
from app.transfer.adapters.gpu_cluster import STARTED, USED, Cluster, cluster_of
from app.transfer.adapters.origin import CC_BY_4, DataSet, Read
from app.transfer.adapters.outcomes import Adapted
from app.transfer.adapters.tables import Row, Table, csv_table

DATA_SET: Final = DataSet(
    "epoch-ai-gpu-clusters",
    "Data on GPU clusters (CC BY 4.0)",
    "Epoch AI",
    "https://epoch.ai/data/gpu-clusters",
    CC_BY_4,
)


def tables(files: Sequence[Path]) -> list[Table]:
    """Read the one file. Raises Unreadable for what it is not."""
    (file,) = files
    return [csv_table(file, USED)]


async def adapt(given: Sequence[Table], companies: Companies, read: Read) -> Adapted:
    """The fleets of a file. A row without an owner is skipped: nobody is known to run it."""
    (table,) = given
    drafts = Drafts()
    drafts.read(table, "Name", _drafting(table, companies))
    fleets, outcomes = await drafts.settled(companies)
    _link(table, fleets, {one.name: one.record for one in outcomes if one.record})
    if not fleets:
        return Adapted({}, outcomes, companies.unclear)
    statements = {
        "sources": [DATA_SET.source(table, read)],
        "companies": companies.created(DATA_SET.slug),
        "fleets": list(fleets.values()),
    }
    return Adapted(statements, outcomes, companies.unclear)


def _drafting(table: Table, companies: Companies) -> Callable[[Row], Draft]:
    slug, order = slugs_of(table, "epoch", lambda row: row["Name"]), day_first(row[STARTED] for row in table.rows)

    def draft(row: Row) -> Draft:
        cluster = cluster_of(row, companies, day_first=order)
        names = [*cluster.owners[:1], *cluster.users, *(chips.supplier for chips in cluster.chips)]
        return Draft(table.name, row, row["Name"], names, lambda: _fleets(slug(row), cluster, companies))

    return draft


def _fleets(slug: str, cluster: Cluster, companies: Companies) -> list[Fields]:
    """The fleet of a row; where the day is known on which it was taken down, also that it was no more from then on."""
    users = [companies.use(user) for user in cluster.users]
    fleet = cluster.fields | {
        "slug": slug,
        "operator": companies.use(cluster.owners[0]),
        "hardware": [
            {"vendor": companies.use(one.supplier, "chip_vendor"), "product": one.product, "quantity": one.quantity}
            for one in cluster.chips
        ],
        "users": list(dict.fromkeys(users)),
        "citations": [cluster.citation | {"source": DATA_SET.slug}],
    }
    if not cluster.ended_on:
        return [fleet]
    return [fleet, _end(fleet, cluster.ended_on)]


def _end(fleet: Mapping[str, Any], ended_on: str) -> Fields:
    """What was decommissioned consists of nothing, so that the dependencies of the fleet end on that day."""
    (citation,) = fleet["citations"]
    claim = f"Epoch AI says that it was decommissioned on {ended_on}."
    kept = {name: fleet[name] for name in ("operator", "country", "latitude", "longitude")}
    return kept | {
        "slug": f"{fleet['slug'][:100]}-decommissioned",
        "as_of": ended_on,
        "stage": "terminated",
        "supersedes": fleet["slug"],
        "citations": [citation | {"claim": claim, "excerpt": None}],
    }


def _link(table: Table, fleets: Mapping[str, Fields], slugs: Mapping[str, str]) -> None:
    """Let each fleet supersede the one whose row says so; of several, the one that it builds upon by its own row."""
    builds_upon = {row["Name"]: row["Builds Upon"] for row in table.rows}
    for row in table.rows:
        earlier, later = slugs.get(row["Name"]), slugs.get(row["Superseded by"])
        if earlier and later and earlier != later:
            fleet = fleets[later]
            if "supersedes" not in fleet or builds_upon[row["Superseded by"]] == row["Name"]:
                fleet["supersedes"] = earlier
