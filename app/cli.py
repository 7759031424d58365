"""The command line."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from itertools import chain
from pathlib import Path
from socket import AddressFamily, create_server, socket
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.supervisors import Multiprocess

from app.projection import rebuild as projection
from app.shared.database import Database
from app.shared.errors import said
from app.shared.migration import migrate as run_migrations
from app.shared.settings import Settings
from app.transfer.load import ImportRefused
from app.transfer.seed import seed as run_seed

_SHOWN = 20
"""How many edges of each kind of difference are named."""

app = typer.Typer(
    help="Who depends on whom in AI infrastructure.", no_args_is_help=True, pretty_exceptions_enable=False
)
edges = typer.Typer(help="The dependency edges that follow from the records.", no_args_is_help=True)
app.add_typer(edges, name="edges")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
    *,
    no_seed: Annotated[bool, typer.Option("--no-seed", help="Leave the store as it is.")] = False,
) -> None:
    """Migrate the store, seed it, and serve the API."""
    settings = _settings()
    _run(settings, lambda database: _prepare(database, settings, seeding=not no_seed))
    listener = _listen(host, port)
    address = f"{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    _say(f"Dealgraph listens on http://{address}")
    _say(f"  documentation  http://{address}/docs")
    _say(f"  try            curl '{address}/v1/companies/openai/dependencies?format=text'")
    config = uvicorn.Config(
        "app.main:create_app_to_serve",
        factory=True,
        workers=workers,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    if workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        uvicorn.Server(config).run(sockets=[listener])


@app.command()
def migrate() -> None:
    """Bring the store to the newest schema."""
    _run(_settings(), _migrate)


@app.command()
def seed(
    folder: Annotated[Path | None, typer.Argument(help="A folder of YAML files; our own by default.")] = None,
) -> None:
    """Load the seed; what the store has already is left as it is."""
    settings = _settings()
    _run(settings, lambda database: _seed(database, folder or settings.seed_path))


@edges.command()
def check() -> None:
    """Prove that the edges which are kept equal a rebuild from the records; exit with 1 where they differ."""
    _run(_settings(), _check_edges)


@edges.command()
def rebuild() -> None:
    """Make all edges anew from the records and their history."""
    _run(_settings(), _rebuild_edges)


def main() -> None:
    """Run the command line."""
    app()


async def _prepare(database: Database, settings: Settings, *, seeding: bool) -> None:
    await _migrate(database)
    if seeding:
        await _seed(database, settings.seed_path)


async def _migrate(database: Database) -> None:
    before, after = await run_migrations(database)
    _say(f"schema {after}" + ("" if before == after else f" (was {before or 'empty'})"))


async def _seed(database: Database, folder: Path | None) -> None:
    for name, report in (await run_seed(database, folder)).items():
        _say(f"{name}: {report}")


async def _check_edges(database: Database) -> None:
    async with database.snapshot() as connection:
        difference = await projection.compare(connection)
        shown = {"not implied": difference.surplus[:_SHOWN], "missing": difference.missing[:_SHOWN]}
        slugs = await projection.slugs_of(connection, chain(*shown.values()))
    surplus, missing = len(difference.surplus), len(difference.missing)
    _say(f"{difference.kept} edges kept, {surplus} of them not implied, {missing} missing")
    for word, rows in shown.items():
        for row in rows:
            ends = f"{slugs[row['dependent_id']]} on {slugs[row['on_id']]}"
            _say(f"  {word}: {row['kind']} of {ends}, from {row['record_type']}/{row['record_slug']}")
    if not difference.clean:
        raise typer.Exit(1)


async def _rebuild_edges(database: Database) -> None:
    async with database.writing() as connection:
        _say(f"{await projection.rebuild(connection)} edges rebuilt")


def _listen(host: str, port: int) -> socket:
    try:
        return create_server((host, port), family=AddressFamily.AF_INET6 if ":" in host else AddressFamily.AF_INET)
    except OSError as error:
        _fail(f"cannot listen: {error.strerror}")


def _run(settings: Settings, work: Callable[[Database], Coroutine[Any, Any, None]]) -> None:
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
        _fail(f"nothing was loaded:\n{refused}")
    except ValueError as error:
        _fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        _fail(f"the store at {_shown(settings.database_url)} cannot be used: {_first_line(error)}")


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        _fail("; ".join(f"DEALGRAPH_{'_'.join(map(str, e['loc'])).upper()}: {said(e)}" for e in error.errors()))


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__


def _say(text: str) -> None:
    typer.echo(text)


def _fail(text: str) -> NoReturn:
    typer.echo(f"dealgraph: {text}", err=True)
    sys.exit(1)
