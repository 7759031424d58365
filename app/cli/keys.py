"""``dealgraph keys``: make, list, rotate and revoke keys."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli.running import hint, run, say, settings
from app.ledger import keys
from app.ledger.keys import Key
from app.models.ledger import Scope
from app.shared.database import Database

commands = typer.Typer(help="The keys that requests carry: who may read, write or administer.", no_args_is_help=True)

_Id = Annotated[str, typer.Argument(metavar="ID", help="The id of the key, the part between dg_ and the next _.")]


@commands.command()
def create(
    scope: Annotated[Scope, typer.Option(help="What the key may do; each scope includes those before it.")],
    name: Annotated[str, typer.Option(help="Whose key it is; it stands beside what is written with it.")],
) -> None:
    """Make a key and print it, this once."""

    async def work(database: Database) -> None:
        _show(await keys.create(database, name, scope))

    run(settings(), work)


@commands.command("list")
def listed() -> None:
    """List all keys, the oldest first: id, name, scope, when each was made, and whether it is valid."""

    async def work(database: Database) -> None:
        found = await keys.listed(database)
        widest = max((len(key.name) for key in found), default=0)
        for key in found:
            say(f"{key.id}  {key.name:<{widest}}  {key.scope:<5}  {_second(key.created_at)}  {_state(key)}")
        if not found:
            hint("there is no key yet: dealgraph keys create --scope write --name NAME makes one")

    run(settings(), work)


@commands.command()
def rotate(key_id: _Id) -> None:
    """Make a key of the same name and scope, print it this once, and revoke the old one at the same instant."""

    async def work(database: Database) -> None:
        _show(await keys.rotate(database, key_id))

    run(settings(), work)


@commands.command()
def revoke(key_id: _Id) -> None:
    """End a key: the next request that carries it is refused."""

    async def work(database: Database) -> None:
        await keys.revoke(database, key_id)
        say(f"{key_id} revoked")

    run(settings(), work)


def _show(key: str) -> None:
    say(key)
    hint("Keep this key: it is not shown again. Send it as the header  Authorization: Bearer KEY")


def _state(key: Key) -> str:
    return "valid" if key.revoked_at is None else f"revoked {_second(key.revoked_at)}"


def _second(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
