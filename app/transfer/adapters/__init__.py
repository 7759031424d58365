"""Other people's files, each by an adapter of its own: rows in, records and what became of every row out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.transfer.adapters import epoch_data_centers, epoch_gpu_clusters, sec_tickers
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.origin import Read
from app.transfer.adapters.outcomes import Adapted
from app.transfer.adapters.tables import Table, Unreadable


@dataclass(frozen=True, slots=True)
class Adapter:
    """How to read files of one kind: ``files`` are their usual names, of which only the first has to be given."""

    name: str
    files: Sequence[str]
    tables: Callable[[Sequence[Path]], list[Table]]
    adapt: Callable[[Sequence[Table], Companies, Read], Awaitable[Adapted]]


ADAPTERS: Final = {
    one.name: one
    for one in (
        Adapter("epoch-gpu-clusters", ("gpu_clusters.csv",), epoch_gpu_clusters.tables, epoch_gpu_clusters.adapt),
        Adapter(
            "epoch-data-centers",
            ("data_centers.csv", "data_center_timelines.csv"),
            epoch_data_centers.tables,
            epoch_data_centers.adapt,
        ),
        Adapter("sec-tickers", ("company_tickers.json",), sec_tickers.tables, sec_tickers.adapt),
    )
}


async def adapted(adapter: Adapter, files: Sequence[Path], companies: Companies, read: Read) -> Adapted:
    """What an adapter makes of files, with every row accounted for.

    Raises Unreadable for files that are not what it reads.
    """
    if len(files) > len(adapter.files):
        raise Unreadable(f"{adapter.name} reads {' and '.join(adapter.files)}: {len(files)} files are too many")
    tables = adapter.tables(files)
    result = await adapter.adapt(tables, companies, read)
    result.check(tables)
    result.in_vain = companies.in_vain
    return result
