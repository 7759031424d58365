"""Names to companies: who may be meant, how likely, and why; and when nobody has to be asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Final

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.companies import companies
from app.models.search import name_keys
from app.projection.names import core_of, core_words, identifier_form, identifier_key, key_of, name_words
from app.search.lookup import END, ONLY, Named, Range, look_up, slips
from app.shared.among import any_of
from app.shared.chunks import in_chunks

_CHUNK: Final = 200
"""For how many names one statement looks."""
_CERTAIN: Final = 100.0
_SAME_NAME: Final = 98.0
_SAME_CORE: Final = 95.0
_ALIKE: Final = 0.92
_PART: Final = 0.75
_LEAST: Final = 55.0
_OTHER_COUNTRY: Final = 15.0
_OTHER_KIND: Final = 5.0
_OTHER_IDENTIFIER: Final = 40.0
_FEWEST_LETTERS: Final = 3
_COMPANIES: Final = (
    select(companies.c.id, companies.c.slug, companies.c.name, companies.c.kind, companies.c.country)
).where(any_of(companies.c.id, "ids"))
_IDENTIFIERS: Final = select(name_keys.c.company_id, name_keys.c.scheme, name_keys.c.value).where(
    any_of(name_keys.c.company_id, "ids"), name_keys.c.what == "identifier"
)


@dataclass(frozen=True)
class Asked:
    """A name to find a company for, with what else is known of it: identifiers are pairs of scheme and value.

    It is compared with each name that was found, so its forms are made once.
    """

    name: str
    identifiers: tuple[tuple[str, str], ...] = ()
    kind: str | None = None
    country: str | None = None

    @cached_property
    def key(self) -> str:
        """Its letters and digits."""
        return key_of(self.name)

    @cached_property
    def words(self) -> list[str]:
        """Its words without its article and its legal form."""
        return core_words(name_words(self.name))

    @cached_property
    def core(self) -> str:
        """The letters and digits of those."""
        return core_of(self.name)

    @cached_property
    def forms(self) -> frozenset[tuple[str, str]]:
        """The schemes and forms of its identifiers."""
        return frozenset((scheme, identifier_form(scheme, value)) for scheme, value in self.identifiers)

    def has(self, scheme: str, value: str) -> bool:
        """Whether it was asked for by an identifier, however that is written."""
        return (scheme, identifier_form(scheme, value)) in self.forms


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that may be meant. ``score`` is from 0 to 100, ``why`` says in words what speaks for and against it.

    ``decided``: it may be taken without asking a person. It alone has an identifier that was asked for, or, where none
    was, it alone has the name or the alias, the legal form aside; and nothing that is known of both differs.
    """

    slug: str
    name: str
    kind: str
    score: float
    decided: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A company of the store; ``identifiers`` has, by scheme, how each is compared and how it is written."""

    id: int
    slug: str
    name: str
    kind: str
    country: str | None
    identifiers: dict[str, dict[str, str]] = field(default_factory=dict)


async def candidates(connection: AsyncConnection, asked: Sequence[Asked], limit: int = 5) -> list[list[Candidate]]:
    """For each name the companies that may be meant, the best first: at most four statements for 200 names."""
    found: list[list[Candidate]] = []
    for some in in_chunks(asked, _CHUNK):
        found += [one[:limit] for one in await _of_some(connection, some)]
    return found


def weigh(asked: Asked, names: Iterable[Named], known: Mapping[int, Known]) -> list[Candidate]:
    """The companies among ``names`` that may be meant by what is asked, the best first. Pure."""
    by_company = dict[int, list[Named]]()
    for name in names:
        if name.company_id in known:
            by_company.setdefault(name.company_id, []).append(name)
    weighed = [_Weighed.of(asked, known[id_], its) for id_, its in by_company.items()]
    certain = [one for one in weighed if one.identified] or [one for one in weighed if one.same]
    only = certain[0] if len(certain) == 1 and not certain[0].against else None
    shown = [one.shown(decided=one is only) for one in weighed if one.score >= _LEAST]
    return sorted(shown, key=lambda one: (not one.decided, -one.score, one.slug))


async def _of_some(connection: AsyncConnection, asked: Sequence[Asked]) -> list[list[Candidate]]:
    exactly = await look_up(connection, [r for number, one in enumerate(asked) for r in _exactly(number, one)])
    found = [name for name in exactly if not name.scheme or asked[name.number].has(name.scheme, name.value)]
    certain = {name.number for name in found if name.scheme or name.core == asked[name.number].core}
    further = [r for number, one in enumerate(asked) if number not in certain for r in _nearly(number, one)]
    by_number: list[list[Named]] = [[] for _ in asked]
    for name in (*found, *await look_up(connection, further)):
        by_number[name.number].append(name)
    ids = sorted({name.company_id for names in by_number for name in names})
    known = await _known(connection, ids, identified=any(one.identifiers for one in asked))
    return [weigh(one, names, known) for one, names in zip(asked, by_number, strict=True)]


def _exactly(number: int, asked: Asked) -> Iterator[Range]:
    """Ranges of who has an identifier that was asked for, and of who has the name, the legal form aside."""
    for scheme, value in asked.identifiers:
        if key := identifier_key(scheme, value):
            yield Range(number, "key", key, key + ONLY)
    if core := asked.core:
        yield Range(number, "core", core, core + ONLY, len(core))


def _nearly(number: int, asked: Asked) -> Iterator[Range]:
    """Ranges of whose name is a slip away, is longer than the one that was asked for, or is only the start of that."""
    found, core = asked.words, asked.core
    yield from slips(number, core)
    if len(core) >= _FEWEST_LETTERS:
        yield Range(number, "key", core, core + END)
    for end in range(1, len(found)):
        start = "".join(found[:end])
        if len(start) >= _FEWEST_LETTERS:
            yield Range(number, "core", start, start + ONLY, len(start))


async def _known(connection: AsyncConnection, ids: Sequence[int], *, identified: bool) -> dict[int, Known]:
    """Companies by their ids, with their identifiers where any are to be compared."""
    known: dict[int, Known] = {}
    for some in in_chunks(ids, 1_000):
        known |= {row.id: Known(*row) for row in await connection.execute(_COMPANIES, {"ids": some})}
        identifiers = await connection.execute(_IDENTIFIERS, {"ids": some}) if identified else ()
        for id_, scheme, value in identifiers:
            if id_ in known:
                known[id_].identifiers.setdefault(scheme, {})[identifier_form(scheme, value)] = value
    return known


@dataclass(frozen=True, slots=True)
class _Weighed:
    known: Known
    score: float
    identified: bool
    same: bool
    against: bool
    why: tuple[str, ...]

    @classmethod
    def of(cls, asked: Asked, known: Known, names: Sequence[Named]) -> "_Weighed":
        score, words = max((_by_name(asked, name) for name in names), key=itemgetter(0))
        shared, others = _by_identifier(asked, known)
        differing = [
            (penalty, f"its {what} is {its}, not {wanted}")
            for what, penalty, its, wanted in (
                ("country", _OTHER_COUNTRY, known.country, asked.country),
                ("kind", _OTHER_KIND, known.kind, asked.kind),
            )
            if its and wanted and its != wanted
        ]
        against = bool(others) or any(penalty == _OTHER_COUNTRY for penalty, _ in differing)
        penalty = sum(one for one, _ in differing) + _OTHER_IDENTIFIER * bool(others)
        why = (*shared, *([words] if words else ()), *others, *(text for _, text in differing))
        total = _CERTAIN if shared and not others else max(0.0, score - penalty)
        return cls(known, round(total, 1), bool(shared), score >= _SAME_CORE, against, why)

    def shown(self, *, decided: bool) -> Candidate:
        return Candidate(self.known.slug, self.known.name, self.known.kind, self.score, decided, self.why)


def _by_name(asked: Asked, name: Named) -> tuple[float, str]:
    """How alike a name is to the one that was asked for, from 0 to 100, and how to say so."""
    if name.core is None:
        return 0.0, ""
    said = f"its {name.what} is {name.value!r}"
    if name.key == asked.key:
        return _SAME_NAME, said
    if name.core == asked.core:
        return _SAME_CORE, f"{said}, the same but for the legal form"
    wanted, its = " ".join(asked.words), " ".join(core_words(name_words(name.value)))
    alike = _ALIKE * max(fuzz.ratio(asked.core, name.core), fuzz.token_sort_ratio(wanted, its))
    part = _PART * fuzz.token_set_ratio(wanted, its)
    score = max(alike, part)
    return score, f"{said}, which is {'in part the same' if part > alike else f'{alike / _ALIKE:.0f} % alike'}"


def _by_identifier(asked: Asked, known: Known) -> tuple[list[str], list[str]]:
    """What the identifiers say for a company, and against it: that it has others of a scheme, and none of these."""
    shared, others = [], []
    for scheme in dict.fromkeys(scheme for scheme, _ in asked.identifiers):
        its = known.identifiers.get(scheme, {})
        wanted = [value for one, value in asked.identifiers if one == scheme]
        same = [value for value in wanted if identifier_form(scheme, value) in its]
        shared += [f"its {scheme} is {value}" for value in same]
        if its and not same:
            others.append(f"its {scheme} is {', '.join(its.values())}, not {', '.join(wanted)}")
    return shared, others
