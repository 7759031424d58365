"""The SEC's list of companies with their CIK and tickers: identifiers for companies of the store (docs/adapters.md)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.projection.names import CIK_DIGITS, identifier_form
from app.search.matching import Asked
from app.transfer.adapters.cells import slug_of
from app.transfer.adapters.companies import Answer, Companies
from app.transfer.adapters.drafts import takeable
from app.transfer.adapters.origin import DataSet, Read
from app.transfer.adapters.outcomes import Adapted, Outcome, Skipped
from app.transfer.adapters.tables import Row, Table, json_table

_CIK, _TICKER, _TITLE = "cik_str", "ticker", "title"
DATA_SET: Final = DataSet(
    "sec-company-tickers",
    "Company tickers (public domain)",
    "US Securities and Exchange Commission",
    "https://www.sec.gov/files/company_tickers.json",
    "As a work of the United States government the data are in the public domain.",
)


@dataclass(frozen=True)
class _Listed:
    """A company of the file: its CIK in ten digits, and a row for each of its tickers."""

    cik: str
    rows: Sequence[Row]

    @property
    def title(self) -> str:
        return self.rows[0][_TITLE]

    @property
    def tickers(self) -> list[str]:
        return list(dict.fromkeys(row[_TICKER] for row in self.rows))

    @property
    def identifiers(self) -> list[dict[str, str]]:
        tickers = [{"scheme": "ticker", "value": ticker} for ticker in self.tickers]
        return [{"scheme": "cik", "value": self.cik}, *tickers]

    @property
    def by_cik(self) -> Asked:
        return Asked(self.title, (("cik", self.cik),))

    @property
    def by_tickers(self) -> Asked:
        # What stands behind a hyphen is a class of shares: T-PC and TPC are two companies.
        tickers = (("ticker", ticker) for ticker in self.tickers if ticker.isalnum())
        return Asked(self.title, (("cik", self.cik), *tickers))

    @property
    def citation(self) -> dict[str, str]:
        return {
            "source": DATA_SET.slug,
            "locator": f"CIK {self.cik}",
            "claim": f"The SEC lists it as {self.title}, ticker {', '.join(self.tickers)}.",
            "evidence": "reported",
            "confidence": "high",
        }


def tables(files: Sequence[Path]) -> list[Table]:
    """Read the one file. Raises Unreadable for what it is not."""
    (file,) = files
    return [json_table(file, (_CIK, _TICKER, _TITLE))]


async def adapt(given: Sequence[Table], companies: Companies, read: Read) -> Adapted:
    """The companies of the file that are in the store, with the identifiers that they did not have yet."""
    (table,) = given
    listed, outcomes = _listed(table)
    answers = await _answers(listed, companies)
    there = await companies.directory.records(sorted({one.slug for one in answers if one.decision == "found"}))
    meant, records = Counter(one.slug for one in answers), dict[str, dict[str, Any]]()
    for one, answer in zip(listed, answers, strict=True):
        try:
            record = takeable("companies", _stated(one, answer, there, meant))
        except Skipped as reason:
            outcomes += [Outcome(table.name, row, one.title, "skipped", why=str(reason)) for row in one.rows]
            continue
        if record != there.get(record["slug"]):
            records[record["slug"]] = record
        outcomes += _outcomes(table, one, record["slug"], new=record["slug"] in records)
    statements = {"sources": [DATA_SET.source(table, read)] if records else [], "companies": list(records.values())}
    return Adapted(statements, outcomes, [one for one in answers if one.decision == "unclear"])


async def _answers(listed: Sequence[_Listed], companies: Companies) -> list[Answer]:
    """Who is meant: the CIK decides before any ticker does, and who is known by another CIK is not meant."""
    await companies.ask(one.by_cik for one in listed)
    found = [answer if (answer := companies.answer(one.by_cik)).decision == "found" else None for one in listed]
    known = {answer.slug for answer in found if answer}
    await companies.ask(one.by_tickers for one, answer in zip(listed, found, strict=True) if not answer)
    return [answer or companies.exclude(one.by_tickers, known) for one, answer in zip(listed, found, strict=True)]


def _listed(table: Table) -> tuple[list[_Listed], list[Outcome]]:
    """The companies of the file by CIK, each with the rows of all its share classes; and the rows that name none."""
    by_cik: dict[str, list[Row]] = {}
    outcomes = []
    for row in table.rows:
        if flaw := row.flaw or _flaw(row):
            outcomes.append(Outcome(table.name, row, row[_TITLE], "skipped", why=flaw))
        else:
            by_cik.setdefault(row[_CIK].zfill(CIK_DIGITS), []).append(row)
    return [_Listed(cik, rows) for cik, rows in by_cik.items()], outcomes


def _flaw(row: Row) -> str:
    if not re.fullmatch(rf"[0-9]{{1,{CIK_DIGITS}}}", row[_CIK]):
        return f"{row[_CIK]!r} is not a CIK"
    return "" if row[_TICKER] and row[_TITLE] else "it has no ticker or no title"


def _stated(
    one: _Listed, answer: Answer, there: Mapping[str, dict[str, Any]], meant: Mapping[str, int]
) -> dict[str, Any]:
    """The company with all its identifiers. Raises Skipped where it is not known which company that is."""
    if answer.decision in ("unclear", "unknown"):
        raise Skipped(answer.why)
    if answer.decision == "new":
        slug = answer.slug if meant[answer.slug] == 1 else slug_of(answer.slug, one.cik)
        return {
            "slug": slug,
            "name": one.title,
            "kind": "other",
            "identifiers": one.identifiers,
            "citations": [one.citation],
        }
    if meant[answer.slug] > 1:
        raise Skipped(f"several companies of the file may be {answer.slug!r}")
    return _added(one, there[answer.slug])


def _added(one: _Listed, record: dict[str, Any]) -> dict[str, Any]:
    has = [(one["scheme"], one["value"]) for one in record["identifiers"]]
    known = {(scheme, identifier_form(scheme, value)) for scheme, value in has}
    if any(scheme == "cik" for scheme, _ in known) and ("cik", identifier_form("cik", one.cik)) not in known:
        raise Skipped(f"the store has another CIK for {record['slug']!r}")
    more = [
        new for new in one.identifiers if (new["scheme"], identifier_form(new["scheme"], new["value"])) not in known
    ]
    if not more:
        return record
    return record | {
        "identifiers": [*record["identifiers"], *more],
        "citations": [*record["citations"], one.citation],
    }


def _outcomes(table: Table, one: _Listed, slug: str, *, new: bool) -> Iterator[Outcome]:
    for place, row in enumerate(one.rows):
        if not new:
            yield Outcome(table.name, row, one.title, "merged", slug, "the store says so already")
        elif place:
            yield Outcome(table.name, row, one.title, "merged", slug, "another ticker of the same company")
        else:
            yield Outcome(table.name, row, one.title, "taken", slug)
