"""What a command says, and how it ends: 0 done or found, 1 not, 2 called wrongly, 3 nobody there to ask."""

import sys
from typing import Final, NoReturn

import typer

NOTHING: Final = 1
"""Nothing was found, or what was to be done could not be."""
USAGE: Final = 2
AWAY: Final = 3
"""A question could not be asked: the store or the server is away, or lets nobody in without another key."""


def say(text: str) -> None:
    """Write a line of what was asked for to standard output."""
    typer.echo(text)


def hint(text: str) -> None:
    """Write a line for people to standard error, so that a script which reads the output does not meet it."""
    typer.echo(text, err=True)


def fail(text: str, code: int = NOTHING) -> NoReturn:
    """End the command with a code and a reason on standard error."""
    typer.echo(f"dealgraph: {text}", err=True)
    sys.exit(code)
