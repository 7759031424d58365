"""What commands on the store share: the store, and how a command ends that cannot use it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.cli.saying import NOTHING, fail, hint, say
from app.shared.database import Database
from app.shared.reasons import detail_of
from app.shared.schema import OUTDATED, schema_of, suits
from app.shared.settings import Settings
from app.transfer.load import ImportRefused

__all__ = ["fail", "hint", "run", "say", "settings", "store_exists", "unusable"]


def run(settings: Settings, work: Callable[[Database], Coroutine[Any, Any, None]]) -> None:
    """Run work on the store, and say in one line why it cannot be done."""

    async def with_database() -> None:
        database = Database(settings)
        try:
            await work(database)
        except SQLAlchemyError as error:
            if await _is_outdated(database):
                error.add_note(OUTDATED)
            raise
        finally:
            await database.close()

    try:
        asyncio.run(with_database())
    except ImportRefused as refused:
        fail(f"nothing was loaded:\n{refused}")
    except ValueError as error:
        fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        fail(unusable(settings, error))


def settings(code: int = NOTHING) -> Settings:
    """The settings of the environment; ends the command with a code, naming each that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        flaws = (f"DEALGRAPH_{'_'.join(map(str, e['loc'])).upper()}: {detail_of(e)}" for e in error.errors())
        fail("; ".join(flaws), code)


def unusable(settings: Settings, error: Exception) -> str:
    """Say in one line, without a password, which store cannot be used and why."""
    reasons = "; ".join([_first_line(error), *getattr(error, "__notes__", ())])
    return f"the store at {_shown(settings.database_url)} cannot be used: {reasons}"


def store_exists(settings: Settings) -> bool:
    """Whether a store in a file has its file: asking one that has none would make it."""
    url = make_url(settings.reads_from)
    name = url.database or ""
    return url.get_backend_name() != "sqlite" or name.startswith("file:") or Path(name).is_file()


async def _is_outdated(database: Database) -> bool:
    """Whether the store has an older schema, as far as that can be told."""
    with suppress(SQLAlchemyError, OSError):
        return not suits(await schema_of(database))
    return False


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
