"""The command line: a file for each group of commands, put together here."""

import typer

from app.cli import check, deliver, keys, serve, store

app = typer.Typer(
    help="Who depends on whom in AI infrastructure.", no_args_is_help=True, pretty_exceptions_enable=False
)
app.command()(serve.serve)
app.command()(deliver.deliver)
app.command()(store.migrate)
app.command()(store.seed)
app.command()(check.check)
app.add_typer(store.edges, name="edges")
app.add_typer(keys.commands, name="keys")


def main() -> None:
    """Run the command line."""
    app()
