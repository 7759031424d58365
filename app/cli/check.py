"""``dealgraph check``."""

from typing import Final

import typer

from app.cli.running import run, say, settings
from app.ledger import check as ledger
from app.shared.database import Database
from app.transfer.resources import IN_ORDER

PATIENCE_MS: Final = 600_000
"""How long one statement may take: a large store takes longer than a reader should wait for an answer."""


def check() -> None:
    """Prove that the store holds together and print its digest; say what is wrong, and exit with 1, if not."""
    run(settings().model_copy(update={"statement_timeout_ms": PATIENCE_MS}), check_store)


async def check_store(database: Database) -> None:
    """Check a store and say what was found; end the command with 1 where something is wrong."""
    async with database.snapshot() as connection:
        report = await ledger.check(connection, IN_ORDER)
    for finding in report.findings:
        say(f"wrong: {finding}")
    number = len(report.findings)
    said = f"{number} thing{'s are' if number > 1 else ' is'} wrong" if number else "all is as it should be"
    say(f"{report.records} records, {report.versions} versions, {report.changes} changes, {report.edges} edges: {said}")
    say(f"revision {report.revision}, sha256 {report.digest}")
    if report.findings:
        raise typer.Exit(1)
