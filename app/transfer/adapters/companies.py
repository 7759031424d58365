"""Who is meant by the names in a file: a company of the store, a new one, or a question for a person."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, Self

from app.models.companies import CompanyKind
from app.projection.names import core_of
from app.search.matching import Asked, Candidate
from app.shared.csv_cells import original
from app.shared.forms import SLUG
from app.shared.slug import slugify
from app.transfer.adapters.tables import Unreadable, csv_table

Decision = Literal["found", "new", "unclear", "unknown"]


class Directory(Protocol):
    """The companies of a store, wherever it is."""

    async def candidates(self, asked: Sequence[Asked]) -> Sequence[Sequence[Candidate]]:
        """Who may be meant by each of the names, the best first."""

    async def records(self, slugs: Collection[str]) -> Mapping[str, dict[str, Any]]:
        """The companies of these slugs as the API shows them, without those that do not exist."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is meant by a name: ``slug`` where that is decided, ``candidates`` where a person has to say."""

    asked: Asked
    decision: Decision
    slug: str = ""
    why: str = ""
    candidates: Sequence[Candidate] = ()

    def __str__(self) -> str:
        listed = "; ".join(f"{one.slug} ({one.score:.0f}: {', '.join(one.why)})" for one in self.candidates)
        return f"{self.asked.name!r} may be {listed}"


class _Used(NamedTuple):
    """A name that a record uses for a company that is to be made, and the kind that it is used as."""

    slug: str
    name: str
    kind: CompanyKind


@dataclass
class _New:
    """A company that is to be made: the names that it has in the file, and its kind as far as the file says."""

    names: list[str]
    kind: CompanyKind

    @classmethod
    def of(cls, used: Sequence[_Used]) -> Self:
        kinds = {one.kind for one in used}
        return cls(list(dict.fromkeys(one.name for one in used)), kinds.pop() if len(kinds) == 1 else "other")

    def record(self, slug: str, source: str) -> dict[str, Any]:
        name = next((one for one in self.names if slugify(one) == slug), self.names[0])
        return {
            "slug": slug,
            "name": name,
            "kind": self.kind,
            "aliases": [one for one in self.names if one != name],
            "citations": [
                {
                    "source": source,
                    "claim": f"The data set names it: {'; '.join(self.names)}.",
                    "evidence": "reported",
                    "confidence": "medium",
                }
            ],
        }


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


@dataclass
class Companies:
    """Who is meant by each name of a file, once ``ask`` was called.

    ``mapping``: what a person decided, from name to slug; an empty slug means that the name is no company and is left
    out. ``create_missing``: a name that nobody in the store has becomes a new company.
    """

    directory: Directory
    mapping: Mapping[str, str] = field(default_factory=dict)
    create_missing: bool = False
    _answers: dict[Asked, Answer] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)
    _there: dict[str, dict[str, Any]] = field(default_factory=dict)
    _new: dict[str, str] = field(default_factory=dict)
    _used: list[_Used] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._decisions = {_key(name): slug for name, slug in self.mapping.items()}

    def decided(self, name: str) -> bool:
        """Whether a person said who a name means."""
        self._met.add(key := _key(name))
        return key in self._decisions

    def left_out(self, name: str) -> bool:
        """Whether a person decided that a name is no company."""
        return self.decided(name) and not self._decisions[_key(name)]

    @property
    def in_vain(self) -> list[str]:
        """What a person decided and nothing came of, in sentences: names that no row had, slugs that do not exist."""
        unmet = [name for name in self.mapping if _key(name) not in self._met]
        strangers = (one for one in self._answers.values() if one.decision == "unknown")
        no_such = dict.fromkeys(one.why for one in strangers if self._decisions.get(_key(one.asked.name)))
        return [*(f"no row that can be read names {name!r}" for name in unmet), *no_such]

    async def ask(self, names: Iterable[Asked]) -> None:
        """Find out who is meant by names, all in one go."""
        asked = [one for one in dict.fromkeys(names) if one not in self._answers]
        open_ = [one for one in asked if not self.decided(one.name)]
        found = dict(zip(open_, await self.directory.candidates(open_), strict=True)) if open_ else {}
        slugs = {self._decisions[_key(one.name)] for one in asked if self.decided(one.name)}
        slugs |= {slugify(one.name) for one in open_}
        self._there |= await self.directory.records(sorted(slugs - {""}))
        for one in asked:
            self._answers[one] = self._judged(one, found[one]) if one in found else self._mapped(one)

    def answer(self, asked: Asked) -> Answer:
        """Who is meant by a name that was asked for."""
        return self._answers[asked]

    def exclude(self, asked: Asked, slugs: Collection[str]) -> Answer:
        """Who is meant by a name of which it is not clear who that is, where it is none of some companies."""
        answer = self._answers[asked]
        if answer.decision == "unclear":
            left = [one for one in answer.candidates if one.slug not in slugs]
            self._answers[asked] = self._judged(asked, left)
        return self._answers[asked]

    @property
    def unclear(self) -> list[Answer]:
        """The names that a person has to decide, by name."""
        found = (one for one in self._answers.values() if one.decision == "unclear")
        return sorted(found, key=lambda answer: answer.asked.name)

    def use(self, asked: Asked, kind: CompanyKind = "other") -> str:
        """The slug of a company that a record names; a new one is among ``created`` from now on."""
        answer = self._answers[asked]
        if answer.decision == "new":
            self._used.append(_Used(answer.slug, asked.name, kind))
        return answer.slug

    @contextmanager
    def unless_skipped(self) -> Iterator[None]:
        """What the block uses is not used after all where it raises."""
        before = len(self._used)
        try:
            yield
        except Exception:
            del self._used[before:]
            raise

    def created(self, source: str) -> list[dict[str, Any]]:
        """The new companies that records name, as records by slug, citing the source that names them."""
        used: dict[str, list[_Used]] = {}
        for one in self._used:
            used.setdefault(one.slug, []).append(one)
        return [_New.of(its).record(slug, source) for slug, its in sorted(used.items())]

    def _mapped(self, asked: Asked) -> Answer:
        slug = self._decisions[_key(asked.name)]
        if not slug:
            return Answer(asked, "unknown", why=f"{asked.name!r} is left out, as decided")
        if slug in self._there:
            return Answer(asked, "found", slug)
        if self.create_missing:
            return Answer(asked, "new", slug)
        return Answer(asked, "unknown", why=f"{asked.name!r} was decided to be {slug!r}, which does not exist")

    def _judged(self, asked: Asked, found: Sequence[Candidate]) -> Answer:
        decided = [one for one in found if one.decided]
        if len(decided) == 1:
            return Answer(asked, "found", decided[0].slug)
        if found:
            return _unclear(asked, found)
        slug = self._new.setdefault(core_of(asked.name), slugify(asked.name))
        if slug in self._there:
            of = self._there[slug]
            return _unclear(asked, [Candidate(slug, of["name"], of["kind"], 0.0, decided=False, why=("its slug",))])
        if self.create_missing and slug:
            return Answer(asked, "new", slug)
        return Answer(asked, "unknown", why=f"no company of the store is called {asked.name!r}")


def _unclear(asked: Asked, candidates: Sequence[Candidate]) -> Answer:
    listed = ", ".join(one.slug for one in candidates)
    return Answer(asked, "unclear", why=f"a person has to say who {asked.name!r} is: {listed}?", candidates=candidates)


def read_mapping(path: Path) -> dict[str, str]:
    """What a person decided, by names as they are written, from a CSV file with the columns name and slug.

    Raises Unreadable for what is no such file, says two things of one name, or names what is no slug.
    """
    table = csv_table(path, ("name", "slug"))
    decided: dict[str, str] = {}
    written: dict[str, str] = {}
    for row in table.rows:
        name, slug = original(row["name"]), row["slug"]
        if slug and not re.fullmatch(SLUG, slug):
            raise Unreadable(f"{path.name} {row.place}: {slug!r} is not a slug")
        if decided.setdefault(_key(name), slug) != slug:
            raise Unreadable(f"{path.name} says two things of {row['name']!r}: {row.place}")
        written[name] = slug
    return written
