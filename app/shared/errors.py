"""Errors as classes with their status, shown as problem details (RFC 9457) in one place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.shared.elsewhere import names_here


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong: where (a query parameter, a JSON pointer, RFC 6901, or a line), what, what instead."""

    detail: str
    parameter: str | None = None
    pointer: str | None = None
    suggestion: str | None = None
    line: int | None = None

    def shown(self) -> dict[str, str | int]:
        """The flaw as a member of ``errors``, without what does not apply."""
        place = {"parameter": self.parameter, "line": self.line, "pointer": self.pointer}
        return {
            k: v for k, v in (*place.items(), ("detail", self.detail), ("suggestion", self.suggestion)) if v is not None
        }


class Unreadable(ValueError):  # noqa: N818 - Pydantic and the filters tell it as a ValueError
    """A text that cannot be what it is meant for; ``suggestion`` is one that can, and that may have been meant."""

    def __init__(self, detail: str, suggestion: str | None = None) -> None:
        super().__init__(detail)
        self.suggestion = suggestion


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """Base of every error that a client is told of; a subclass gives its status and title."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal server error"
    headers: dict[str, str] = {}  # noqa: RUF012 - a reply's own headers replace it

    def __init__(self, detail: str, *flaws: Flaw, **extra: Any) -> None:  # noqa: ANN401 - extension members, RFC 9457 3.2
        super().__init__(detail)
        self.detail = detail
        self.flaws: Sequence[Flaw] = flaws
        self.extra = extra


class BadRequest(Problem):
    """A parameter that we cannot read."""

    status, title = 400, "Bad request"


class Unauthorized(Problem):
    """A key is needed and none was sent, or the one that was sent is not valid."""

    status, title = 401, "Unauthorized"


class Forbidden(Problem):
    """The key is valid, but its scope does not reach as far."""

    status, title = 403, "Forbidden"


class NotFound(Problem):
    """No such record."""

    status, title = 404, "Not found"


class MethodNotAllowed(Problem):
    """The path exists, the method on it does not."""

    status, title = 405, "Method not allowed"


class NotAcceptable(Problem):
    """None of the shapes that the client accepts is one of ours (RFC 9110, 15.5.7)."""

    status, title = 406, "Not acceptable"


class RequestTimeout(Problem):
    """The request did not come whole in the time that a client has for it (RFC 9110, 15.5.9)."""

    status, title = 408, "Request timeout"


class Conflict(Problem):
    """The request contradicts what is stored."""

    status, title = 409, "Conflict"


class Gone(Problem):
    """The record was retracted."""

    status, title = 410, "Gone"


class PreconditionFailed(Problem):
    """A condition that the request sets does not hold: the record has changed meanwhile, or is there already."""

    status, title = 412, "Precondition failed"


class ContentTooLarge(Problem):
    """The body is larger than the server takes."""

    status, title = 413, "Content too large"
    # What is left of the body is not read, so the connection cannot be used again.
    headers = {"Connection": "close"}  # noqa: RUF012 - the same


class UnsupportedMediaType(Problem):
    """The body is of a kind that this address does not take."""

    status, title = 415, "Unsupported media type"


class Unprocessable(Problem):
    """The body is well-formed, but not a valid record."""

    status, title = 422, "Unprocessable content"


class PreconditionRequired(Problem):
    """The request has to say which version it means to change (RFC 6585, 3)."""

    status, title = 428, "Precondition required"


class HeaderTooLarge(Problem):
    """The request line and the header are larger than the server takes (RFC 6585, 5)."""

    status, title = 431, "Request header fields too large"


class TooManyRequests(Problem):
    """More requests than the limit lets through; ``Retry-After`` says when to ask again (RFC 6585, 4)."""

    status, title = 429, "Too many requests"


class NotImplementedHere(Problem):
    """The server was installed without what this needs."""

    status, title = 501, "Not implemented"


class Unavailable(Problem):
    """The store cannot answer now; asking again later may help."""

    status, title = 503, "Service unavailable"
    headers = {"Retry-After": "2"}  # noqa: RUF012 - the same


class NotModified(Exception):  # noqa: N818 - no error: the client has the answer already
    """The answer is what the client has (304, RFC 9110, 15.4.5), with the headers that go with that."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("not modified")
        self.headers = headers


class Moved(Exception):  # noqa: N818 - no error: the record is elsewhere
    """The record has another address, for good: a client is sent there (308, RFC 9110, 15.4.9); ``slug`` is its own."""

    def __init__(self, address: str, slug: str) -> None:
        super().__init__(address)
        self.slug = slug


PROBLEMS: tuple[type[Problem], ...] = (
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Conflict,
    Gone,
    PreconditionFailed,
    ContentTooLarge,
    UnsupportedMediaType,
    Unprocessable,
    PreconditionRequired,
    TooManyRequests,
    HeaderTooLarge,
    NotImplementedHere,
    Unavailable,
)


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a place in a document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def in_a_line(flaw: Mapping[str, Any]) -> str:
    """A flaw as it is shown, in a line: where, what, and what was perhaps meant, unless that is said already."""
    where = [f"line {flaw['line']}"] if "line" in flaw else []
    where += [flaw[name] for name in ("pointer", "parameter") if flaw.get(name)]
    said = "suggestion" not in flaw or "did you mean" in flaw["detail"]
    meant = "" if said else f" (did you mean {flaw['suggestion']!r}?)"
    return f"{': '.join([*where, flaw['detail']])}{meant}"


def nearest(word: str, choices: Iterable[str], limit: int = 3) -> list[str]:
    """The choices that ``word`` may be a slip for, best first; none where nothing is close.

    The whole of a word has to be close, or one begins or ends with the other: whoever followed what only shares some
    letters would ask something else.
    """
    found = process.extract(
        word, list(choices), processor=str.casefold, scorer=_closeness, limit=limit, score_cutoff=_CLOSE
    )
    return [choice for choice, _, _ in found]


_CLOSE: Final = 0.62
_PART: Final = 3
"""How many letters of a word, where it begins or after its underscore, say which it is."""


def _closeness(word: str, choice: str, **_options: Any) -> float:  # noqa: ANN401 - as process calls it
    """How close a word is to a choice, from 0 to 1; to a dotted path also by its last name alone."""
    last = choice.rpartition(".")[2]
    return max(_alike(word, choice), 0 if "." in word or last == choice else _alike(word, last) - 0.01)


def _alike(word: str, other: str) -> float:
    """How alike two words are, from 0 to 1: by the slips between them, of which a short word may have one."""
    slips, (short, long) = OSA.distance(word, other), sorted((word, other), key=len)
    alike = 1 - slips / max(len(long), 1)
    is_part = len(short) >= _PART and (long.startswith(short) or long.endswith(f"_{short}"))
    is_one_slip = slips <= 1 < len(word)
    return max(alike, _CLOSE + alike / 100) if is_part or is_one_slip else alike


def unknown(kind: str, word: str, choices: Iterable[str], parameter: str, told: Iterable[str] = ()) -> Flaw:
    """A flaw for a word that is not one of ``choices``, with the nearest of them.

    It lists what is ``told`` of them, otherwise all when they are few.
    """
    choices = sorted(choices)
    if here := names_here(word, choices):
        detail = f"unknown {kind} {word!r}; here it is {' and '.join(here)}"
        return Flaw(detail, parameter=parameter, suggestion=here[0])
    close = nearest(word, choices, limit=1)
    listed = ", ".join(told or (choices if len(choices) <= _FEW else ()))
    known = f"; one of {listed}" if listed else ""
    return Flaw(f"unknown {kind} {word!r}{known}", parameter=parameter, suggestion=close[0] if close else None)


_FEW: Final = 12
"""As many as read well in a line."""
