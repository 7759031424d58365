"""Files in the shape of those of other people, with rows of our own making, and a store's companies to match them."""

import csv
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.search.matching import Asked, Candidate
from app.transfer.adapters import ADAPTERS, adapted
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.data_center import CENTER_USED, MOMENT_USED
from app.transfer.adapters.gpu_cluster import USED
from app.transfer.adapters.origin import Read
from app.transfer.adapters.outcomes import Adapted

CLUSTER = {"Status": "Existing", "Certainty": "Confirmed", "GPU Supplier (primary)": "Unknown"}


class Directory:
    """Companies by name: a name that begins alike is a candidate, the same name is decided."""

    def __init__(self, **companies: str) -> None:
        self.known = {slug: company(slug, name) for slug, name in companies.items()}

    async def candidates(self, asked: Sequence[Asked]) -> list[list[Candidate]]:
        return [self._candidates(one) for one in asked]

    async def records(self, slugs: Collection[str]) -> Mapping[str, dict[str, Any]]:
        return {slug: self.known[slug] for slug in slugs if slug in self.known}

    def _candidates(self, asked: Asked) -> list[Candidate]:
        found = [one for one in self.known.values() if self._identified(asked, one)]
        found = found or [one for one in self.known.values() if one["name"].casefold() == asked.name.casefold()]
        alike = found or [one for one in self.known.values() if one["name"][:4] == asked.name[:4]]
        decided = len(found) == 1
        return [Candidate(one["slug"], one["name"], "other", 90.0, decided, ("alike",)) for one in alike]

    def _identified(self, asked: Asked, one: dict[str, Any]) -> bool:
        return any((its["scheme"], its["value"]) in asked.identifiers for its in one["identifiers"])


def company(slug: str, name: str, *identifiers: tuple[str, str]) -> dict[str, Any]:
    """A company as the API shows it, as far as adapters look."""
    listed = [{"scheme": scheme, "value": value} for scheme, value in identifiers]
    return {"slug": slug, "name": name, "kind": "other", "identifiers": listed, "citations": []}


def clusters(folder: Path, *rows: dict[str, str]) -> Path:
    """A file of GPU clusters."""
    return written(folder / "clusters.csv", USED, [CLUSTER | row for row in rows])


def centers(folder: Path, *rows: dict[str, str]) -> Path:
    """A file of data centers."""
    return written(folder / "centers.csv", CENTER_USED, rows)


def timelines(folder: Path, *rows: dict[str, str]) -> Path:
    """A file of their timelines."""
    return written(folder / "timelines.csv", MOMENT_USED, rows)


def tickers(folder: Path, *rows: tuple[str, str, str]) -> Path:
    """A file of tickers: CIK, ticker, title."""
    path = folder / "tickers.json"
    path.write_text(json.dumps({"columns": ["cik_str", "ticker", "title"], "data": rows}))
    return path


def written(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> Path:
    """A CSV file; what a row does not say is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


async def run(name: str, companies: Companies, *files: Path, **read: str) -> Adapted:
    """What an adapter makes of files."""
    return await adapted(ADAPTERS[name], files, companies, Read(**read))


def told(result: Adapted) -> list[str]:
    """What became of each row, in a line."""
    return [f"{one.row.place}: {one.what} {one.record or one.why}" for one in result.outcomes]


def fleets(result: Adapted) -> dict[str, dict[str, Any]]:
    """The fleets by slug."""
    return {one["slug"]: one for one in result.statements.get("fleets", ())}
