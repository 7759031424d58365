"""The command line: a file for each group of commands, put together here."""

import gc
from collections import UserDict
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

_COMMANDS: Final = {
    "serve": "serve.serve",
    "deps": "questions.near",
    "dependents": "questions.near",
    "path": "questions.path",
    "loops": "questions.loops",
    "show": "records.show",
    "search": "records.search",
    "timeline": "records.timeline",
    "mcp": "mcp.command.mcp",
    "import": "importing.import_",
    "export": "exporting.export",
    "migrate": "store.migrate",
    "seed": "store.seed",
    "check": "check.check",
    "backup": "backup.backup",
    "restore": "backup.restore",
    "edges": "store.edges",
    "index": "store.index",
    "deliver": "deliver.deliver",
    "keys": "keys.commands",
}
"""Where each command stands, in the order in which the help lists them."""


_HELP: Final = {
    "deps": "Show what a company depends on, directly and through others.",
    "dependents": "Show who depends on a company, directly and through others.",
}
"""What the help says of a command that is one of several names of the same."""


class _Commands(UserDict[str, Any]):
    """Commands that are imported when they are asked for: one that asks a server does not wait for the rest."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a command of Typer, which has no public name for it
        module, _, attribute = super().__getitem__(name).rpartition(".")
        found = getattr(import_module(f"app.cli.{module}"), attribute)
        gc.freeze()
        gc.enable()
        if isinstance(found, typer.Typer):
            group = get_group(found)
            group.name = name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(name, help=_HELP.get(name))(found)
        return get_command(alone)


class _Group(TyperGroup):
    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - as Typer gives them
        super().__init__(**attributes)
        self.commands = _Commands(_COMMANDS)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as Typer asks
        """Run a command; what is wrong with an option is said without Pydantic's name for an error."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - as Typer asks
        """The names of all commands, without importing them."""
        return list(_COMMANDS)


app = typer.Typer(cls=_Group, no_args_is_help=True, pretty_exceptions_enable=False)


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if wanted:
        typer.echo(f"dealgraph {version('dealgraph')}")
        raise typer.Exit


@app.callback()
def _help(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version, and end.")
    ] = False,
) -> None:
    """Who depends on whom in AI infrastructure."""


def main() -> None:
    """Run the command line."""
    # What a start imports stays for good: looking for garbage in it every 700 new objects took a fifth of the start.
    gc.disable()
    gc.set_threshold(50_000, 10, 10)
    app()
