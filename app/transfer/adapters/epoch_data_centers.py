"""Epoch AI's data on frontier data centers and how they grow: a date of a data center is a fleet (docs/adapters.md)."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final

from app.transfer.adapters.cells import day, day_first, number, slug_of
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.data_center import (
    CENTER_USED,
    HANDLE,
    MOMENT_USED,
    Center,
    Moment,
    center_of,
    moment_of,
    sizes,
)
from app.transfer.adapters.drafts import Draft, Drafts, Fields, slugs_of
from app.transfer.adapters.origin import CC_BY_4, DataSet, Read
from app.transfer.adapters.outcomes import Adapted, Outcome, Skipped
from app.transfer.adapters.tables import Row, Table, csv_table

_URL: Final = "https://epoch.ai/data/data-centers"
CENTERS: Final = DataSet(
    "epoch-ai-data-centers", "Data on frontier data centers (CC BY 4.0)", "Epoch AI", _URL, CC_BY_4
)
TIMELINES: Final = DataSet(
    "epoch-ai-data-center-timelines",
    "Timelines of frontier data centers (CC BY 4.0)",
    "Epoch AI",
    _URL,
    CC_BY_4,
)


def tables(files: Sequence[Path]) -> list[Table]:
    """Read the file of data centers and, where it is given, that of their timelines. Raises Unreadable for others."""
    return [csv_table(file, used) for file, used in zip(files, (CENTER_USED, MOMENT_USED), strict=False)]


async def adapt(given: Sequence[Table], companies: Companies, read: Read) -> Adapted:
    """A fleet for each day of a data center, superseding the one before; one as it is now where no day is given."""
    drafts, site = Drafts(), _Sites(given, companies)
    drafts.read(given[0], HANDLE, site.draft)
    for timelines in given[1:]:
        drafts.read(timelines, "Data center", site.draft_of_day)
    fleets, outcomes = await drafts.settled(companies)
    _chain(fleets, [one for one in outcomes if one.what == "taken"])
    if not fleets:
        return Adapted({}, outcomes, companies.unclear)
    statements = {
        "sources": [data_set.source(one, read) for data_set, one in zip((CENTERS, TIMELINES), given, strict=False)],
        "companies": companies.created(CENTERS.slug),
        "fleets": list(fleets.values()),
    }
    return Adapted(statements, outcomes, companies.unclear)


class _Sites:
    """The data centers of a file, with the days of each that can be read."""

    def __init__(self, given: Sequence[Table], companies: Companies) -> None:
        self.companies = companies
        self.centers, self.timelines = given[0], given[1] if len(given) > 1 else Table("", "", ())
        self.day_first = day_first(row["Date"] for row in self.timelines.rows)
        self.rows = {row[HANDLE]: row for row in reversed(self.centers.rows)}
        self.slug = slugs_of(self.timelines, "epoch", lambda row: f"{row['Data center']} {self._day(row)}")
        self.days: dict[str, list[tuple[Moment, str]]] = {}
        for row in self.timelines.rows:
            with suppress(ValueError):
                moment = moment_of(row, day_first=self.day_first)
                self.days.setdefault(moment.handle, []).append((moment, self.slug(row)))
        self.newest = max(filter(None, map(self._changed, self.rows.values())), default="")

    def draft(self, row: Row) -> Draft:
        """A data center: a fleet as it is now or, where its days are given, what goes into each of those."""
        center, slug = center_of(row, self.companies), slug_of(f"epoch {row[HANDLE]}")
        if self.rows[row[HANDLE]].cells != row.cells:
            raise Skipped(f"{self.rows[row[HANDLE]].place} says something else of this data center")
        if self.days.get(row[HANDLE]):
            return Draft(self.centers.name, row, row[HANDLE], center.names, list, into=self._current(row[HANDLE]))
        return Draft(self.centers.name, row, row[HANDLE], center.names, lambda: [self._fleet(slug, center)])

    def draft_of_day(self, row: Row) -> Draft:
        """A data center on a day."""
        name, of = row["Data center"], self.rows.get(row["Data center"])
        if of is None:
            raise Skipped(f"{self.centers.name} has no data center of this name")
        moment = moment_of(row, day_first=self.day_first)
        try:
            center = center_of(of, self.companies)
        except (Skipped, ValueError) as reason:
            raise Skipped(f"{self.centers.name} {of.place}: {reason}") from None
        return Draft(
            self.timelines.name, row, name, center.names, lambda: [self._on_day(self.slug(row), center, moment)]
        )

    def _day(self, row: Row) -> str:
        try:
            return day(row["Date"], day_first=self.day_first)
        except ValueError:
            return row["Date"]

    def _changed(self, row: Row) -> str | None:
        """Since when a data center has had the power that its row says it has now; None where no day has as much."""
        since = None
        with suppress(ValueError):
            now = number(row["Current power (MW)"])
            days = sorted((moment for moment, _ in self.days.get(row[HANDLE], ())), key=lambda moment: moment.day)
            for before, moment in pairwise([None, *days]):
                if moment and moment.power == now and (before is None or before.power != now):
                    since = moment.day
        return since

    def _current(self, handle: str) -> str:
        """The slug of the newest day that is past, or of the first where none is."""
        days = sorted((moment.day, slug) for moment, slug in self.days[handle])
        return max((one for one in days if one[0] <= self.newest), default=days[0])[1]

    def _fleet(self, slug: str, center: Center) -> Fields:
        runs = bool(center.power or center.equivalents)
        return self._stated(slug, center) | sizes(center.power, center.equivalents) | {"stage": _stage(runs=runs)}

    def _on_day(self, slug: str, center: Center, moment: Moment) -> Fields:
        """What is expected of a day is intended; and so is a data center on a day on which none of it runs yet."""
        past = moment.day <= self.newest
        fleet = self._stated(slug, center) | sizes(moment.power, moment.equivalents)
        seen = {
            "source": TIMELINES.slug,
            "locator": f"{moment.handle}, {moment.day}",
            "claim": moment.claim,
            "excerpt": moment.status or None,
            "evidence": "estimated",
            "confidence": "medium" if past else "low",
        }
        return fleet | {
            "as_of": moment.day if past else f"{moment.day}~",
            "stage": _stage(runs=past and moment.runs),
            "citations": [seen, *fleet["citations"]],
        }

    def _stated(self, slug: str, center: Center) -> Fields:
        return center.fields | {
            "slug": slug,
            "operator": self.companies.use(center.owners[0].asked),
            "users": list(dict.fromkeys(self.companies.use(user.asked) for user in center.users)),
            "citations": [citation | {"source": CENTERS.slug} for citation in center.citations],
        }


def _stage(*, runs: bool) -> str:
    return "active" if runs else "intended"


def _chain(fleets: Mapping[str, Fields], taken: Iterable[Outcome]) -> None:
    """Let each day of a data center supersede the day before it, but no expectation what was seen to run."""
    of: dict[str, list[Fields]] = {}
    for one in taken:
        if "as_of" in (fleet := fleets[one.record]):
            of.setdefault(one.name, []).append(fleet)
    for days in of.values():
        for before, after in pairwise(sorted(days, key=lambda fleet: (fleet["as_of"], fleet["slug"]))):
            if before["stage"] != "active" or not _is_expected(after):
                after["supersedes"] = before["slug"]


def _is_expected(fleet: Fields) -> bool:
    return bool(fleet["as_of"].endswith("~"))
