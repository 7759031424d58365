"""Other people's files end to end, into a store that is reached directly and into one behind a server."""

from pathlib import Path

from httpx import AsyncClient

from app.shared.database import Database
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.directory import Server, Store
from app.transfer.adapters.outcomes import Adapted
from tests.factories import company, put
from tests.transfer.adapters.files import centers, clusters, run, tickers, timelines

CLUSTERS = (
    {
        "Name": "Acme Grove",
        "Owner": "ACME Inc.",
        "Users": "Birch Labs",
        "First Operational Date": "3/15/2024",
        "First Operational Date Note": "2024-03",
        "GPU Supplier (primary)": "Chipco",
        "Chip type (primary)": "Chipco Q9",
        "Chip quantity (primary)": "1000",
        "Total number of AI chips": "1000",
        "Superseded by": "Acme Forest",
        "Location": "60.1234567, 10.5000001",
    },
    {"Name": "Acme Forest", "Owner": "Acme", "Users": "Cloud", "First Operational Date": "6/20/2025"},
    {"Name": "Nobody's"},
)
CENTER = {"Handle": "Acme Copse", "Owner": "Acme #confident", "Users": "Cedar #likely", "Current power (MW)": "80.5"}
DAYS = (
    {"Date": "1/15/2024", "Data center": "Acme Copse", "Power (MW)": "0"},
    {"Date": "2/20/2025", "Data center": "Acme Copse", "Power (MW)": "80.5", "H100 equivalents": "99.9"},
)
NDJSON = {"Content-Type": "application/x-ndjson"}
TICKERS = (("0000000012", "ACM", "ACME INC"), ("0000000012", "ACM-B", "ACME INC"), ("0000000034", "Z", "Zed"))


async def loaded(store: Database, name: str, files: list[Path]) -> tuple[Adapted, str]:
    """Load files by the directory of the store itself; what became of them, and of their records."""
    async with store.reading() as connection:
        result = await run(name, Companies(Store(connection), create_missing=name != "sec-tickers"), *files)
    return result, str(await put(store, **result.statements))


async def test_a_file_that_is_loaded_again_changes_nothing(
    store: Database, client: AsyncClient, tmp_path: Path
) -> None:
    await put(store, companies=[company("acme", name="Acme"), company("dogwood", aliases=["Birch Labs"])])
    files = {
        "epoch-gpu-clusters": [clusters(tmp_path, *CLUSTERS)],
        "epoch-data-centers": [centers(tmp_path, CENTER), timelines(tmp_path, *DAYS)],
        "sec-tickers": [tickers(tmp_path, *TICKERS)],
    }
    first = {name: await loaded(store, name, its) for name, its in files.items()}
    assert [done for _, done in first.values()] == [
        "4 created (1 sources, 1 companies, 2 fleets)",
        "5 created (2 sources, 1 companies, 2 fleets)",
        "1 created, 1 changed (1 sources, 1 companies)",
    ]
    again = {name: await loaded(store, name, its) for name, its in files.items()}
    assert [done.partition(" (")[0] for _, done in again.values()] == ["3 unchanged", "4 unchanged", "nothing to do"]
    assert [str(result).splitlines()[-1].partition(", ")[2] for result, _ in again.values()] == [
        "2 taken, 0 merged, 1 skipped",
        "2 taken, 0 merged, 0 skipped",
        "0 taken, 2 merged, 1 skipped",
    ]
    for day, needed in (("2024-06-01", {"chipco"}), ("2025-07-01", set[str]()), ("2023-01-01", set[str]())):
        graph = (await client.get(f"/v1/companies/acme/dependencies?as_of={day}")).json()
        assert {edge["to"] for edge in graph["edges"]} == needed
    for day, stage in (("2024-06-01", "intended"), ("2025-07-01", "active")):
        graph = (await client.get(f"/v1/companies/cedar/dependencies?as_of={day}&depth=1")).json()
        assert [(edge["to"], edge["stage"]) for edge in graph["edges"]] == [("acme", stage)]
    acme = (await client.get("/v1/companies/acme")).json()
    assert [one["value"] for one in acme["identifiers"]] == ["0000000012", "ACM", "ACM-B"]


async def test_a_server_gives_the_same_answers_and_takes_the_same_records(
    store: Database, writer: AsyncClient, tmp_path: Path
) -> None:
    await put(store, companies=[company("acme", name="Acme"), company("dogwood", aliases=["Birch Labs"])])
    files = {"epoch-gpu-clusters": clusters(tmp_path, *CLUSTERS), "sec-tickers": tickers(tmp_path, *TICKERS)}
    for name, file in files.items():
        there = await through(store, writer, name, file)
        reply = await writer.post("/v1/imports", content=b"".join(there.as_ndjson()), headers=NDJSON)
        assert (reply.status_code, reply.json()["created"]) == (200, {"epoch-gpu-clusters": 4, "sec-tickers": 1}[name])
        again = await through(store, writer, name, file)
        assert (await put(store, **again.statements)).revision is None


async def through(store: Database, client: AsyncClient, name: str, file: Path) -> Adapted:
    """What becomes of a file through the server, which is what becomes of it in the store itself."""
    result = await run(name, Companies(Server(client.request), create_missing=name != "sec-tickers"), file)
    async with store.reading() as connection:
        direct = await run(name, Companies(Store(connection), create_missing=name != "sec-tickers"), file)
    assert result.as_csv() == direct.as_csv()
    assert list(result.as_ndjson()) == list(direct.as_ndjson())
    return result
