"""``dealgraph import``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import httpx
import typer

from app.cli.adapting import Adapting, adapt
from app.cli.progress import Advance, progress
from app.cli.remote import client, persistently, refuse
from app.cli.running import fail, hint, run, say, settings
from app.ledger.transaction import Author
from app.models.ledger import Change, ResourceType
from app.shared.database import Database
from app.transfer.adapters import ADAPTERS
from app.transfer.load import ImportRefused, load_rows
from app.transfer.putting import Options, Report
from app.transfer.readers import NDJSON, READERS, media_type_of

ACTOR: Final = "command line"
_PIECE: Final = 65_536


@dataclass(frozen=True, slots=True)
class File:
    """A file of records: its name for people, where its content is, and its media type."""

    name: str
    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class How:
    """What a command says of an import beside its files."""

    options: Options
    resource: ResourceType | None
    reason: str | None
    change: Change | None

    def parameters(self) -> dict[str, str]:
        """The same as query parameters of an import."""
        stated = {"resource": self.resource, "reason": self.reason, "change": self.change}
        flags = {"dry_run": self.options.dry_run, "create_missing": self.options.create_missing}
        return {name: text for name, text in stated.items() if text} | {
            name: "true" for name, on in flags.items() if on
        }


def import_(  # noqa: PLR0913 - each is an option of the command
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", exists=True, dir_okay=False, help="NDJSON, CSV or YAML, as the ending says; in turn."
        ),
    ],
    *,
    url: Annotated[str | None, typer.Option(help="A server to import to; the store itself when left out.")] = None,
    key: Annotated[str | None, typer.Option(envvar="DEALGRAPH_KEY", help="A key of that server, to write.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and keep nothing.")] = False,
    create_missing: Annotated[
        bool, typer.Option("--create-missing", help="Make companies that are named and do not exist.")
    ] = False,
    resource: Annotated[ResourceType | None, typer.Option(help="The resource of a CSV file.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for the history.")] = None,
    change: Annotated[Change | None, typer.Option(help="Whether it corrects, or the world has changed.")] = None,
    adapter: Annotated[
        str | None, typer.Option("--as", metavar="ADAPTER", help=f"Whose files these are: {', '.join(ADAPTERS)}.")
    ] = None,
    companies: Annotated[
        Path | None,
        typer.Option(help="With --as: a CSV file of name and slug, who is meant.", exists=True, dir_okay=False),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="With --as: where to write what became of every row.")] = None,
    published: Annotated[str | None, typer.Option(help="With --as: when the files were published.")] = None,
    accessed: Annotated[str | None, typer.Option(help="With --as: when the files were fetched.")] = None,
) -> None:
    """Record everything in a file, or nothing and say what is wrong with it; of several files, each by itself."""
    if adapter:
        given = Adapting(adapter, companies, report, published, accessed, create_missing)
        with _adapted(files, given, url, key) as made:
            import_files(made, How(Options(dry_run=dry_run), None, reason, change), url, key)
        return
    if companies or report or published or accessed:
        fail("--companies, --report, --published and --accessed go with --as")
    how = How(Options(dry_run=dry_run, create_missing=create_missing), resource, reason, change)
    import_files([_file(path) for path in files], how, url, key)


def import_files(files: Sequence[File], how: How, url: str | None, key: str | None) -> None:
    """Import files in turn, to a server where one is named; ends the command with the first that is refused."""
    for file in files:
        if url:
            _show(file, _send(file, how, url, key))
        else:
            run(settings(), lambda database, file=file: _load(database, file, how))  # type: ignore[misc]


@contextmanager
def _adapted(files: Sequence[Path], how: Adapting, url: str | None, key: str | None) -> Iterator[list[File]]:
    """What an adapter makes of files as a file of records; none where there is nothing to record."""
    result = adapt(files, how, url, key)
    with TemporaryDirectory() as folder:
        path = Path(folder, "records.ndjson")
        with path.open("wb") as out:
            out.writelines(result.as_ndjson())
        yield [File(how.adapter, path, NDJSON)] if path.stat().st_size else []


def _file(path: Path) -> File:
    try:
        return File(path.name, path, media_type_of(path))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


async def _load(database: Database, file: File, how: How) -> None:
    author = Author(ACTOR, how.reason, how.change)
    with file.path.open("rb") as content, progress(file.name) as told:
        try:
            rows = READERS[file.media_type](content, how.resource)
            report = await load_rows(database, rows, author, how.options, told)
        except ImportRefused as refused:
            fail(f"{file.name}: nothing was loaded:\n{refused}")
    _show(file, report)


def _send(file: File, how: How, url: str, key: str | None) -> Report:
    """Import a file to a server. The same file to the same address has the same Idempotency-Key: it is done once."""
    with client(url, key) as remote, file.path.open("rb") as content, progress(file.name) as told:
        digest = file_digest(content, "sha256").hexdigest()
        request = remote.build_request("POST", "/v1/imports", params=how.parameters())
        once = sha256(f"{request.url} {digest}".encode()).hexdigest()

        def attempt() -> httpx.Response:
            content.seek(0)
            size = file.path.stat().st_size
            headers = {"Content-Type": file.media_type, "Content-Length": str(size), "Idempotency-Key": once}
            reply = remote.post(request.url, content=_pieces(content, size, told), headers=headers)
            refuse(reply)
            return reply

        reply = persistently(attempt)
    if "Idempotency-Replayed" in reply.headers:
        hint(f"{file.name}: the server had done this before, within the last 24 hours, and says what it did then")
    return Report.read_from(reply.json())


def _pieces(content: Any, size: int, told: Advance) -> Iterator[bytes]:  # noqa: ANN401 - a file
    done = 0
    while piece := content.read(_PIECE):
        yield piece
        done += len(piece)
        told(done, size)


def _show(file: File, report: Report) -> None:
    say(f"{file.name}: {'would be ' if report.dry_run else ''}{report}")
    if report.missing:
        say(f"{file.name}: companies made since they were named: {', '.join(report.missing)}")
    for flaw in report.odd:
        say(f"{file.name}: line {flaw.line}: {flaw.pointer}: {flaw.detail}")
    if more := report.odd_total - len(report.odd):
        say(f"{file.name}: and {more} more names that look odd")
