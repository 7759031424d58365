"""ETags, and the conditions that a request sets with them (RFC 9110, sections 8.8.3 and 13).

The ETag of a record is its version in quotes. It is strong: one version is always shown with the same bytes.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeVar

from fastapi import Request, Response
from starlette.types import Scope

from app.shared.errors import BadRequest, PreconditionFailed, PreconditionRequired
from app.shared.http import JSON

Some = TypeVar("Some", PreconditionFailed, PreconditionRequired)

_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS: Final = re.compile(_TAG)
_LIST: Final = re.compile(rf"[ \t,]*{_TAG}[ \t]*(?:,[ \t]*(?:{_TAG}[ \t]*)?)*")
_VERSION: Final = ',"version":'
"""What follows the slug in every document, which therefore begins with ``{"slug":"…","version":N,``."""
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Tags:
    """The ETags of one header: a set of them, or any at all."""

    listed: frozenset[str]

    @property
    def any(self) -> bool:
        """Whether the header is ``*``, which every current representation matches."""
        return ANY in self.listed

    def match_strongly(self, etag: str) -> bool:
        """Compare as If-Match does (RFC 9110, 8.8.3.2): a weak ETag is equal to none."""
        return self.any or etag in self.listed

    def match_weakly(self, etag: str) -> bool:
        """Compare as If-None-Match does: a weak ETag is equal to the strong one."""
        return self.any or etag in self.listed or f"W/{etag}" in self.listed


def etag(version: int) -> str:
    """The ETag of a version of a record."""
    return f'"{version}"'


def etag_of(document: str) -> str:
    """The ETag of a record as it is shown, read from the front of its JSON text."""
    start = document.index(_VERSION) + len(_VERSION)
    return f'"{document[start : document.index(",", start)]}"'


def shown(scope: Scope, document: str) -> Response:
    """A record as the reply to a GET: 304 without the content where If-None-Match has its ETag already."""
    tag = etag_of(document)
    if any(name == b"if-none-match" for name, _ in scope["headers"]):
        tags = read_tags(Request(scope), "If-None-Match")
        if tags and tags.match_weakly(tag):
            return Response(status_code=304, headers={"ETag": tag})
    return Response(document, media_type=JSON, headers={"ETag": tag})


def read_tags(request: Request, header: str) -> Tags | None:
    """The ETags that a header lists, over all its lines; None where there is none. Raises BadRequest for others."""
    lines = request.headers.getlist(header)
    if not lines:
        return None
    tags = parse_tags(", ".join(lines))
    if tags is None:
        raise BadRequest(f'{header} cannot be read: write ETags in double quotes, as in "3", or *')
    return tags


def parse_tags(text: str) -> Tags | None:
    """The ETags in the text of a header; None where it is no list of them."""
    text = text.strip(" \t")
    if text == ANY:
        return Tags(frozenset({ANY}))
    return Tags(frozenset(_TAGS.findall(text))) if _LIST.fullmatch(text) else None


def check(request: Request, version: int | None, *, needed: bool) -> None:
    """Hold the conditions of a write against the version that is current, None where there is no current one.

    Raises PreconditionFailed (412) where one is not met, and PreconditionRequired (428) where ``needed`` is set and the
    request says nothing of the version that it means to change (RFC 6585, section 3).
    """
    wanted, unwanted = read_tags(request, "If-Match"), read_tags(request, "If-None-Match")
    if wanted and not (version and wanted.match_strongly(etag(version))):
        raise _failed("If-Match names another version than the current one", version)
    if unwanted and version and unwanted.match_weakly(etag(version)):
        raise _failed("If-None-Match names what is there", version)
    if needed and version and not wanted:
        detail = "say which version you mean to change: send the ETag of the record in If-Match"
        raise _with_etag(PreconditionRequired(detail, current_version=version), version)


def _failed(detail: str, version: int | None) -> PreconditionFailed:
    now = f": version {version} is current" if version else ": nothing is there now"
    return _with_etag(PreconditionFailed(detail + now, current_version=version), version)


def _with_etag(problem: Some, version: int | None) -> Some:
    if version:
        problem.headers = {"ETag": etag(version)}
    return problem
