"""The explorer: pages over the same answers that the API gives (docs/explorer.md)."""

from fastapi import FastAPI

from app.web import assets, companies, errors, home, questions, records
from app.web.aside import Aside
from app.web.kept import Pages

__all__ = ["install"]


def install(app: FastAPI) -> None:
    """Add the pages, their style and script, and have problems shown as pages where a page was asked for."""
    app.state.problem_as_page, app.state.pages, app.state.aside = errors.as_page, Pages(), Aside()
    for part in (home, questions, companies, records, assets):
        app.include_router(part.router, include_in_schema=False)
