"""``dealgraph export``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import httpx
import typer
from pydantic import ValidationError

from app.cli.remote import Again, client, persistently, refuse
from app.cli.running import fail, run, settings
from app.models.ledger import ResourceType
from app.shared.database import Database
from app.shared.errors import Problem
from app.shared.json import loads_own
from app.shared.reasons import detail_of
from app.transfer.export_formats import Format, written_as
from app.transfer.exporting import ExportQuestion, Pairs, export_of, read_filters

_NAMED_BY = "Dealgraph-Revision"


def export(  # noqa: PLR0913 - each is an option of the command
    *,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="The file to write; standard output if not.")] = None,
    resource: Annotated[ResourceType | None, typer.Option(help="Only the records of one resource.")] = None,
    kind: Annotated[Format, typer.Option("--format", help="CSV and Parquet are of one resource.")] = "ndjson",
    known_at: Annotated[str | None, typer.Option(help="As the store knew it then (RFC 3339).")] = None,
    narrowed: Annotated[
        list[str] | None, typer.Option("--filter", metavar="NAME=VALUE", help="A filter of that resource's list.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="A server to read from; the store itself when left out.")] = None,
    key: Annotated[str | None, typer.Option(envvar="DEALGRAPH_KEY", help="A key of that server.")] = None,
) -> None:
    """Write all records as they are at one revision, in an order that imports back."""
    stated = {"resource": resource, "format": kind, "known_at": known_at}
    asked = {name: text for name, text in stated.items() if text}
    pairs = [_pair(text) for text in narrowed or ()]
    with _written_to(out) as file:
        if url:
            _fetch(url, key, [*asked.items(), *pairs], file, resumable=kind == "ndjson")
        else:
            _read(asked, pairs, file)


def _read(asked: dict[str, str], pairs: Pairs, file: BinaryIO) -> None:
    try:
        question = ExportQuestion.model_validate(asked)
    except ValidationError as error:
        raise typer.BadParameter("; ".join(map(detail_of, error.errors()))) from None

    async def work(database: Database) -> None:
        try:
            wanted = await export_of(database, question, read_filters(question, pairs))
            async for piece in written_as(question.format or "ndjson", database, wanted):
                file.write(piece)
        except Problem as problem:
            fail("\n".join([problem.detail, *(flaw.detail for flaw in problem.flaws)]))

    run(settings(), work)


def _fetch(url: str, key: str | None, asked: Pairs, file: BinaryIO, *, resumable: bool) -> None:
    """Write what a server exports. Where the connection breaks, go on after the last whole line, at that revision."""
    held = _Held(file)

    def attempt() -> None:
        parameters = httpx.QueryParams(list(held.going_on(asked)))
        with client(url, key) as remote, remote.stream("GET", "/v1/export", params=parameters) as reply:
            refuse(reply)
            held.revision = reply.headers[_NAMED_BY]
            try:
                for piece in reply.iter_bytes():
                    held.take(piece)
            except httpx.TransportError as error:
                if not resumable:
                    fail(f"the connection broke: {error}")
                raise Again(f"the connection broke: {error}") from None
        held.end()

    persistently(attempt)


class _Held:
    """What has arrived: whole lines are written, the rest of one waits for what follows it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rest = b""
        self._last = b""
        self.revision: str | None = None

    def going_on(self, asked: Pairs) -> Pairs:
        """The parameters that go on where it ends; the revision says what known_at said."""
        self._rest = b""
        if not self._last or self.revision is None:
            return asked
        line: dict[str, Any] = loads_own(self._last.decode())
        kept = [pair for pair in asked if pair[0] != "known_at"]
        return [*kept, ("after", f"{line['type']}/{line['slug']}"), ("revision", self.revision)]

    def take(self, piece: bytes) -> None:
        """Write the lines that are whole now."""
        whole, ended, self._rest = (self._rest + piece).rpartition(b"\n")
        if ended:
            self._file.write(whole + ended)
            self._last = whole.rpartition(b"\n")[2]

    def end(self) -> None:
        """Write what is left: the last line of what has none."""
        self._file.write(self._rest)


@contextmanager
def _written_to(path: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there once all of it is written."""
    if path is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # Whoever read it has enough, as head has.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        return
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        yield file
    part.replace(path)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} is no filter: write NAME=VALUE", param_hint="--filter")
    return name, value
