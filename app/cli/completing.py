"""Slugs of companies for the completion of a shell: whom the rest of the line would ask is asked."""

import os
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Final

import typer

from app.cli.asking import Whom, replies

_OFFERED: Final = 50


def companies(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Companies whose slug begins so, each with its name; none where nobody can be asked."""
    url = context.params.get("url") or os.environ.get("DEALGRAPH_URL")
    whom = Whom(url, os.environ.get("DEALGRAPH_KEY"))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        try:
            begun = {"slug__startswith": incomplete, "sort": "slug", "fields": "name", "limit": _OFFERED}
            (reply,) = replies(whom, ["/v1/companies"], begun, tries=1)
        except SystemExit:
            return
    if reply.is_success:
        yield from ((one["slug"], one["name"]) for one in reply.json()["data"])
