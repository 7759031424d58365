"""A question for a ranking, and what means nothing to it."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from app.graph.analysis.parties import SUPPLY_KINDS
from app.graph.schemas.questions import DrawnQuestion, EdgeChoice
from app.shared.errors import BadRequest, Flaw
from app.shared.quantity import known_unit
from app.shared.wording import CURRENCIES

By = Literal["dependents", "contract_value", "investment", "gpus", "sites", "power", "hardware", "sole_source"]

# Whose edges a figure is made of, so that the limit is spent on them.
KINDS: Final[dict[str, tuple[str, ...]]] = {"contract_value": SUPPLY_KINDS, "investment": ("capital",)}
# What a ranking would not look at: counts have no unit, and fleets are no dependencies.
_OF_EDGES: Final = ("kind", "stage", "evidence", "kind_not", "stage_not", "evidence_not")
_MEANINGLESS: Final[dict[str, tuple[str, ...]]] = {
    "dependents": ("unit",),
    "sole_source": ("unit",),
    "gpus": _OF_EDGES,
    "sites": _OF_EDGES,
    "power": _OF_EDGES,
    "hardware": _OF_EDGES,
}
_CHIPS: Final = ("gpu", "accelerator", "chip", "h100_equivalent")
# What is counted of fleets, and in which units: the first if no other is asked for.
UNITS_OF_FLEETS: Final[dict[str, tuple[str, ...]]] = {
    "gpus": _CHIPS,
    "sites": ("site",),
    "power": ("MW", "GW"),
    "hardware": _CHIPS,
}


class RankingsQuestion(EdgeChoice, DrawnQuestion):
    """A question about who has the most of something."""

    by: By = Field("dependents", description="What to rank by.", examples=["contract_value"])
    unit: Annotated[str, AfterValidator(known_unit)] | None = Field(
        None,
        description="The unit to rank in, one of what is ranked: a currency (the commonest by default), MW or GW for "
        "power, gpu, accelerator, chip or h100_equivalent for hardware and gpus.",
        examples=["USD"],
    )
    limit: int = Field(50, ge=1, le=1_000, description="How many companies are shown at most.", examples=[10])


def check(question: RankingsQuestion) -> None:
    """Raise BadRequest for parameters that mean nothing to a ranking."""
    flaws = [
        Flaw(f"means nothing with by={question.by}: leave it out", parameter=name.replace("_not", "__not"))
        for name in _MEANINGLESS.get(question.by, ())
        if getattr(question, name)
    ]
    flaws += [*_kinds_apart(question), *([] if flaws else _unit_apart(question))]
    if flaws:
        raise BadRequest("the ranking cannot be narrowed so", *flaws)


def _kinds_apart(question: RankingsQuestion) -> Iterator[Flaw]:
    """What is wrong with kinds that a ranking has nothing of, for which it would look as if nothing was recorded."""
    kinds = KINDS.get(question.by, ())
    ranked = f"by={question.by} ranks {', '.join(kinds)}"
    if kinds and (others := [kind for kind in question.kind if kind not in kinds]):
        meant = kinds[0] if len(kinds) == 1 else None
        yield Flaw(f"{ranked}, and nothing of {' or '.join(others)}", parameter="kind", suggestion=meant)
    if kinds and set(kinds) <= set(question.kind_not):
        yield Flaw(f"{ranked}, and this leaves out all of it", parameter="kind__not")


def _unit_apart(question: RankingsQuestion) -> Iterator[Flaw]:
    """What is wrong with a unit in which nothing of the ranking can be stated."""
    units = UNITS_OF_FLEETS.get(question.by)
    if question.unit and question.unit not in (units or CURRENCIES):
        fitting = " or ".join(units) if units else "an ISO 4217 currency code such as USD"
        detail = f"by={question.by} cannot be ranked in {question.unit}: write {fitting}"
        yield Flaw(detail, parameter="unit", suggestion=units[0] if units else None)
