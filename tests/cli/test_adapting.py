"""``dealgraph import --as``: what it says, what it writes, and how it ends."""

from pathlib import Path

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.cli.test_cli import assert_failed, told
from tests.factories import company, put
from tests.transfer.adapters.files import clusters

ROWS = ({"Name": "Acme Grove", "Owner": "Acme"}, {"Name": "Copse", "Owner": "Acmes"}, {"Name": "Nobody's"})


async def test_a_person_is_asked_and_answers_in_a_file(
    store: Database, store_url: str, client: AsyncClient, tmp_path: Path
) -> None:
    await put(store, companies=[company("acme", name="Acme")])
    decided, report = tmp_path / "companies.csv", tmp_path / "report.csv"
    given = ("import", "--as", "epoch-gpu-clusters", str(clusters(tmp_path, *ROWS)))
    dry = await told(store_url, *given, "--dry-run", "--report", str(report))
    assert dry.stdout.splitlines() == [
        "clusters.csv: 3 rows, 1 taken, 0 merged, 2 skipped",
        "epoch-gpu-clusters: would be 2 created (1 sources, 1 fleets)",
    ]
    assert dry.stderr.startswith("to be decided: 'Acmes' may be acme (")
    assert report.read_bytes().splitlines()[2:] == [
        b"clusters.csv,line 3,Copse,skipped,,a person has to say who 'Acmes' is: acme?",
        b"clusters.csv,line 4,Nobody's,skipped,,no owner is named",
    ]
    assert (await client.get("/v1/fleets")).json()["data"] == []
    decided.write_text("name,slug\nAcmes,no-such\nNobody Inc,acme\n")
    assert (await told(store_url, *given, "--dry-run", "--companies", str(decided))).stderr.splitlines() == [
        "decided in vain: no row that can be read names 'Nobody Inc'",
        "decided in vain: 'Acmes' was decided to be 'no-such', which does not exist",
    ]
    decided.write_text("name,slug\nAcmes,acme\n")
    options = ("--companies", str(decided), "--accessed", "2025-12", "--published", "2025-11-30")
    done = await told(store_url, *given, *options)
    assert done.stdout.splitlines()[1] == "epoch-gpu-clusters: 3 created (1 sources, 2 fleets)"
    assert done.stderr == ""
    source = (await client.get("/v1/sources/epoch-ai-gpu-clusters")).json()
    assert (source["accessed_on"], source["published_on"]) == ("2025-12", "2025-11-30")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--as", "epoch-gpu-cluster"), ["there is no adapter 'epoch-gpu-cluster': one of epoch-gpu-clusters, "]),
        (("--as", "epoch-data-centers"), ["clusters.csv misses columns: 'Handle'"]),
        (("--as", "sec-tickers"), ["clusters.csv: not valid JSON"]),
        (("--as", "epoch-gpu-clusters", "--accessed", "yesterday"), ["'yesterday' is not a date"]),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], words: list[str]
) -> None:
    url = f"sqlite:///{tmp_path}/none.db"
    assert_failed(await told(url, "import", str(clusters(tmp_path)), *arguments), *words)


async def test_the_options_of_adapters_go_with_an_adapter(tmp_path: Path) -> None:
    result = await told(f"sqlite:///{tmp_path}/none.db", "import", str(clusters(tmp_path)), "--accessed", "2025")
    assert_failed(result, "--accessed go with --as")
