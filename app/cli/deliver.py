"""``dealgraph deliver``."""

from typing import Annotated

import typer

from app.cli.running import run, settings
from app.shared import logs
from app.shared.database import Database
from app.webhooks.deliver import deliverer_of


def deliver(*, once: Annotated[bool, typer.Option("--once", help="Send what is due, and end.")] = False) -> None:
    """Send changes to webhooks as they come."""
    given = settings()
    logs.configure(given.log_format, given.log_level)

    async def work(database: Database) -> None:
        deliverer = deliverer_of(database, given)
        await (deliverer.once() if once else deliverer.run())

    run(given, work)
