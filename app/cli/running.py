"""What commands share: a store to work on, what is said, and how a command ends that cannot do its work."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.shared.database import Database
from app.shared.errors import said
from app.shared.settings import Settings
from app.transfer.load import ImportRefused


def run(settings: Settings, work: Callable[[Database], Coroutine[Any, Any, None]]) -> None:
    """Run work on the store, and say in one line why it cannot be done."""

    async def with_database() -> None:
        database = Database(settings)
        try:
            await work(database)
        finally:
            await database.close()

    try:
        asyncio.run(with_database())
    except ImportRefused as refused:
        fail(f"nothing was loaded:\n{refused}")
    except ValueError as error:
        fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        fail(f"the store at {_shown(settings.database_url)} cannot be used: {_first_line(error)}")


def settings() -> Settings:
    """The settings of the environment; ends the command, naming each that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        fail("; ".join(f"DEALGRAPH_{'_'.join(map(str, e['loc'])).upper()}: {said(e)}" for e in error.errors()))


def say(text: str) -> None:
    """Write a line of what was asked for to standard output."""
    typer.echo(text)


def hint(text: str) -> None:
    """Write a line for people to standard error, so that a script which reads the output does not meet it."""
    typer.echo(text, err=True)


def fail(text: str) -> NoReturn:
    """End the command with 1 and a reason on standard error."""
    typer.echo(f"dealgraph: {text}", err=True)
    sys.exit(1)


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
