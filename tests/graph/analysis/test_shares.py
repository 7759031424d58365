from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.intervals import UNKNOWN, Bounds
from app.graph.analysis.shares import Piece, shares_of

COMPANIES = ("amd", "broadcom", "nvidia")


def exact(value: int) -> Bounds:
    return Bounds(Decimal(value), Decimal(value))


@st.composite
def divided(draw: st.DrawFn) -> tuple[list[Piece], dict[str, Decimal]]:
    """Pieces within bounds, and what each company truly has of them together."""
    pieces, truth = [], dict.fromkeys(COMPANIES, Decimal(0))
    for _ in range(draw(st.integers(1, 6))):
        owners = tuple(sorted(draw(st.sets(st.sampled_from(COMPANIES), min_size=1))))
        parts = [draw(st.integers(0, 1000)) for _ in owners]
        low, high = sum(parts) - draw(st.integers(0, 50)), sum(parts) + draw(st.integers(0, 50))
        pieces.append(Piece(Bounds(Decimal(max(0, low)), draw(st.sampled_from([Decimal(high), None]))), owners))
        for owner, part in zip(owners, parts, strict=True):
            truth[owner] += part
    return pieces, truth


@given(divided())
def test_every_share_holds_the_true_one_however_shared_pieces_are_divided(
    case: tuple[list[Piece], dict[str, Decimal]],
) -> None:
    pieces, truth = case
    whole = sum(truth.values())
    with localcontext(prec=60):
        for company, found in shares_of(pieces).items():
            assert found.high is not None
            assert 0 <= found.low <= found.high <= 100
            assert whole == 0 or found.low <= 100 * truth[company] / whole <= found.high


def test_a_piece_of_two_companies_is_all_of_either_or_none_of_it() -> None:
    pieces = [Piece(exact(10), ("amd", "nvidia")), Piece(exact(5), ("amd",)), Piece(exact(5), ("broadcom",))]
    assert shares_of(pieces) == {
        "amd": Bounds(Decimal(25), Decimal(75)),
        "broadcom": Bounds(Decimal(25), Decimal(25)),
        "nvidia": Bounds(Decimal(0), Decimal(50)),
    }


def test_a_companys_own_range_does_not_count_twice_in_the_whole() -> None:
    # 1 of 1+4 at least, 2 of 2+3 at most: dividing by the whole as if it varied apart would give 1/6 to 2/4.
    pieces = [Piece(Bounds(Decimal(1), Decimal(2)), ("amd",)), Piece(Bounds(Decimal(3), Decimal(4)), ("nvidia",))]
    assert shares_of(pieces)["amd"] == Bounds(Decimal(20), Decimal(40))


def test_an_unknown_piece_of_another_leaves_only_the_most_certain() -> None:
    shares = shares_of([Piece(exact(10), ("amd",)), Piece(exact(30), ("broadcom",)), Piece(UNKNOWN, ("nvidia",))])
    assert shares["broadcom"] == Bounds(Decimal(0), Decimal(75))
    assert shares["nvidia"] == Bounds(Decimal(0), Decimal(100))
