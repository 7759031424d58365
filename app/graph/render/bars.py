"""Rankings and exposure as bars: solid as far as a figure is certain, lighter as far as its bounds let it go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from app.graph.render import chart
from app.graph.render.chart import Chart
from app.graph.render.labels import counted, number, words
from app.graph.render.marks import Mark, of_amount, of_plan
from app.graph.render.rows import Row, Section
from app.graph.render.scale import Scale, of_amounts, of_shares
from app.projection.lifetime import NOT_BINDING
from app.shared.wording import CURRENCIES, UNITS

Shown = Mapping[str, Any]
"""A part of an answer, as it is in its JSON."""
Names = Mapping[str, str]
"""The names of companies by their slugs; one that is missing is called by its slug."""

_TITLES: Final = {
    "dependents": "Companies by dependents",
    "contract_value": "Companies by the value of what they supply",
    "investment": "Companies by investment received",
    "gpus": "Operators by accelerators",
    "sites": "Operators by sites",
    "power": "Operators by power",
    "hardware": "Vendors by accelerators in fleets",
    "sole_source": "Companies by what only they supply",
}
_COLORS: Final = {
    "investment": "capital",
    "gpus": "hardware",
    "sites": "hardware",
    "hardware": "hardware",
    "power": "energy",
    "sole_source": "partnership",
}
"""The kind of dependency whose colour a ranking has; that of compute for others."""
_NATURES: Final = {"equity": "shares in kind", "supply": "supply"}


def ranking(
    answer: Shown, names: Names, *, narrowed: Sequence[str] = (), link: str | None = None, width: int | None = None
) -> str:
    """Return an answer of ``/v1/rankings`` as an SVG document.

    ``narrowed``: what else was asked for than the day; ``link``: where the same answer is in numbers.
    """
    kind = _COLORS.get(answer["by"], "compute")
    ends = (end for row in answer["data"] for one in (row["value"], row["tentative"]) if one for end in _bounds(one))
    rows = [row for one in answer["data"] for row in _place(one, names, kind)]
    sections = [Section(rows, of_amounts(ends, answer["unit"] or ""))] if rows else []
    unit = f" · in {_unit(answer['unit'])}" if answer["unit"] in UNITS or answer["unit"] in CURRENCIES else ""
    order = " · by what is certain; in front, the ranks that the bounds allow" if rows else ""
    subtitle = f"{counted(len(answer['data']), 'company', 'companies')}{unit}{order}"
    return _rendered(answer, _TITLES[answer["by"]], subtitle, sections, narrowed, link, width)


def exposure(
    answer: Shown, names: Names, *, narrowed: Sequence[str] = (), link: str | None = None, width: int | None = None
) -> str:
    """Return an answer of ``/v1/companies/{slug}/exposure`` as an SVG document, as ``ranking`` does."""
    sections = [section for group in answer["groups"] for section in _group(group, names)]
    if answer["derived"]:
        sections.append(Section([_derived(one, names) for one in answer["derived"]], heading="Derived, not stated"))
    subtitle = "The share of a whole that each supplier, customer and investor has, between its bounds"
    return _rendered(answer, f"Exposure of {_name(answer, names)}", subtitle, sections, narrowed, link, width)


def _rendered(  # noqa: PLR0913, PLR0917 - an answer, its picture in parts, and how that is wanted
    answer: Shown,
    title: str,
    subtitle: str,
    sections: Sequence[Section],
    narrowed: Sequence[str],
    link: str | None,
    width: int | None,
) -> str:
    cut = f"Cut at the limit of {' and '.join(map(words, answer['truncated_by']))}: there is more."
    drawn = Chart(
        title=f"{title} (as of {answer['as_of']})",
        subtitle=subtitle,
        sections=sections,
        narrowed=" · ".join(narrowed),
        cut=cut if answer["truncated"] else "",
        notes=answer["unknowns"],
        link=link,
    )
    return chart.render(drawn, width)


def _place(row: Shown, names: Names, kind: str) -> Iterable[Row]:
    name, value, (best, worst) = _name(row, names), row["value"], (row["best_rank"], row["worst_rank"])
    allowed = f"{best}" if best == worst else f"{best} to {worst or 'any'}"
    sentence = f"{name}: {value['text']}, rank {allowed}{_left_out(row['left_out'], '; ')}."
    lead = f"{best}" if best == worst else f"{best}–{worst or '?'}"  # noqa: RUF001 - a range
    yield Row(name, value["text"], sentence, of_amount(*_bounds(value), kind), lead, _page(row))
    if planned := row["tentative"]:
        marks, said = of_plan(*_bounds(planned), kind), planned["text"]
        yield Row("intended or rumoured", said, f"{name}, intended or rumoured: {said}.", marks, minor=True)


def _group(group: Shown, names: Names) -> Iterable[Section]:
    """A section for each whole, for stakes that are parts of none, and for what no figure is known of."""
    who = {"supplier": f"{words(group['kind'])} suppliers"}.get(group["by"], f"{group['by']}s")
    who = who[:1].upper() + who[1:]
    for whole in group["concentrations"]:
        yield _whole(whole, who, group["kind"], names)
    parties = [party for whole in group["concentrations"] for party in whole["parties"]]
    measured = {_identity({**party, "record": one}) for party in parties for one in party["records"]}
    stakes = [one for one in group["stated_shares"] if _identity(one) not in measured]
    if stakes:
        rows = [
            _share(one, names, group["kind"], words(one["stage"] or ""), planned=one["stage"] in NOT_BINDING)
            for one in stakes
        ]
        yield Section(rows, _scale(stakes), heading=f"{who}: stated shares")
    told = {_identity(one) for whole in group["concentrations"] for one in whole["left_out"]}
    untold = [one for one in group["left_out"] if _identity(one) not in told]
    if untold:
        yield Section(_uncounted(untold, names), heading=f"{who}: not counted")


def _whole(whole: Shown, who: str, kind: str, names: Names) -> Section:
    nature = _NATURES.get(whole["nature"], "amounts")
    basis = f"by {nature} in {_unit(whole['unit'])}" if whole["basis"] == "amounts" else "stated shares"
    period = f" of {whole['period']}" if whole["period"] else ""
    hhi = f"concentration (HHI) {whole['hhi']['text']}" if whole["hhi"] else "the shares contradict each other"
    said = [
        f"together {whole['total']['text']}" if whole["total"] else "",
        hhi,
        "only intended or rumoured" if whole["tentative"] else "",
        _left_out(whole["left_out"]),
    ]
    ordered = sorted(
        whole["parties"], key=lambda one: (*(-(end or 0) for end in _bounds(one["share"])), one["company"])
    )
    planned = whole["tentative"]
    rows = [_share(party, names, kind, _amount(party), planned=planned) for party in ordered]
    if (rest := whole["remainder"]) and rest["high"] != 0:
        marks = _marks(rest, "other", planned=planned)
        rows.append(Row("Others, not named", _percent(rest), f"Others, not named: {rest['text']}.", marks))
    return Section(rows, _scale(whole["parties"]), f"{who}: {basis}{period}", " · ".join(filter(None, said)))


def _share(one: Shown, names: Names, kind: str, beside: str, *, planned: bool) -> Row:
    name, share = _name(one, names), one["share"]
    said, full = (" · ".join(filter(None, [text, beside])) for text in (_percent(share), share["text"]))
    return Row(name, said, f"{name}: {full}.", _marks(share, kind, planned=planned), link=_page(one))


def _marks(share: Shown, kind: str, *, planned: bool) -> tuple[Mark, ...]:
    return (of_plan if planned else of_amount)(*_bounds(share), kind)


def _uncounted(ones: Sequence[Shown], names: Names) -> list[Row]:
    """A row for all records of a company that are left out for one reason."""
    alike: dict[tuple[str, str], list[Shown]] = {}
    for one in ones:
        amount = one["amount"] and one["amount"]["text"]
        said = one["reason"] if amount in {None, "undisclosed"} else f"{amount}, {one['reason']}"
        alike.setdefault((one["company"], said), []).append(one)
    rows = []
    for (_, reason), same in alike.items():
        name, said = _name(same[0], names), f"{reason}, {len(same)} times" if len(same) > 1 else reason
        rows.append(
            Row(name, said, f"{name}: {said}.", link=same[0]["record"]["url"] if len(same) == 1 else _page(same[0]))
        )
    return rows


def _amount(party: Shown) -> str:
    text = party["amount"]["text"] if party["amount"] else ""
    return "amount unknown" if text == "unknown" else text


def _derived(figure: Shown, names: Names) -> Row:
    slug, name = figure["counterparty"], figure["name"]
    called = name.removesuffix(slug) + names.get(slug, slug) if slug else name
    full = f"{called}, {figure['period']}"
    return Row(full[:1].upper() + full[1:], figure["value"]["text"], f"{full}: {figure['value']['text']}.")


def _scale(shares: Iterable[Shown]) -> Scale:
    return of_shares(end for one in shares for end in _bounds(one["share"]))


def _identity(one: Shown) -> tuple[str, str, str]:
    return one["company"], one["record"]["type"], one["record"]["slug"]


def _percent(share: Shown) -> str:
    """A share in short: what is said beside it needs the room."""
    low, high = _bounds(share)
    if high is None:
        return str(share["text"])
    return f"{number(low)} %" if low == high else f"{number(low)} to {number(high)} %"


def _left_out(records: Sequence[Shown], before: str = "") -> str:
    """Say what a figure leaves out, by reason."""
    reasons = Counter(one["reason"] for one in records)
    said = ", ".join(f"{times} × {reason}" for reason, times in reasons.items())  # noqa: RUF001 - times
    return f"{before}left out: {said}" if said else ""


def _bounds(amount: Shown) -> tuple[Decimal, Decimal | None]:
    """The ends of an amount; none is below 0."""
    return Decimal(amount["low"] or 0), None if amount["high"] is None else Decimal(amount["high"])


def _unit(unit: str) -> str:
    """A unit in words, for many."""
    return UNITS.get(unit, (unit, unit))[1]


def _name(one: Shown, names: Names) -> str:
    return names.get(one["company"], one["company"])


def _page(one: Shown) -> str:
    return f"/v1/companies/{one['company']}"
