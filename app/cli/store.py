"""Commands on the store as a whole: ``dealgraph migrate``, ``seed``, ``edges`` and ``index``."""

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from app.cli.running import run, say, settings
from app.ledger import lacking
from app.projection import rebuild as projection
from app.projection import search
from app.shared.database import Database
from app.shared.schema import is_later, schema_of, suits
from app.transfer.resources import IN_ORDER
from app.transfer.seed import seed as run_seed

edges = typer.Typer(help="The dependency edges that follow from the records.", no_args_is_help=True)
index = typer.Typer(help="What is searched: the words and names of the records.", no_args_is_help=True)


def migrate() -> None:
    """Bring the store to the newest schema."""
    run(settings(), migrate_store)


def seed(
    folder: Annotated[Path | None, typer.Argument(help="A folder of YAML files; our own by default.")] = None,
) -> None:
    """Load the seed: records of its slugs are then as it states them."""
    given = settings()
    run(given, lambda database: seed_store(database, folder or given.seed_path))


@edges.command()
def check() -> None:
    """Prove that the edges which are kept equal a rebuild from the records; exit with 1 where they differ."""
    run(settings(), _check_edges)


@edges.command()
def rebuild() -> None:
    """Make all edges anew from the records and their history."""
    run(settings(), _rebuild_edges)


@index.command("rebuild")
def rebuild_index() -> None:
    """Make anew what is searched, from the records."""
    run(settings(), _rebuild_index)


async def migrate_store(database: Database) -> None:
    """Bring a store to the newest schema, and say which it has; fill what is searched where there was no search."""
    before = after = await schema_of(database)
    if not suits(before):
        # Only here: most stores need none of it.
        from app.shared.migration import migrate as run_migrations  # noqa: PLC0415

        before, after = await run_migrations(database)
    later = ", later than this code" if is_later(after) else ""
    say(f"schema {after}{later}" if before == after else f"schema {after} (was {before or 'empty'})")
    async with database.writing() as connection:
        if filled := await search.fill(connection):
            say(f"{filled} records can be searched now")
    for resource in IN_ORDER:
        if filled := await lacking.fill(database, resource):
            say(f"{filled} {resource.type} can be filtered by what their lists lack")


async def seed_store(database: Database, folder: Path | None) -> None:
    """Load a seed, and say what each of its files did."""
    for name, report in (await run_seed(database, folder)).items():
        say(f"{name}: {report}")


async def _check_edges(database: Database) -> None:
    async with database.snapshot() as connection:
        difference = await projection.compare(connection)
        shown = {"not implied": difference.surplus.first, "missing": difference.missing.first}
        slugs = await projection.slugs_of(connection, chain(*shown.values()))
    surplus, missing = difference.surplus.number, difference.missing.number
    say(f"{difference.kept} edges kept, {surplus} of them not implied, {missing} missing")
    for word, rows in shown.items():
        for row in rows:
            ends = f"{slugs[row['dependent_id']]} on {slugs[row['on_id']]}"
            say(f"  {word}: {row['kind']} of {ends}, from {row['record_type']}/{row['record_slug']}")
    if not difference.clean:
        raise typer.Exit(1)


async def _rebuild_edges(database: Database) -> None:
    async with database.writing() as connection:
        say(f"{await projection.rebuild(connection)} edges rebuilt")


async def _rebuild_index(database: Database) -> None:
    async with database.writing() as connection:
        say(f"{await search.rebuild(connection)} records can be searched")
