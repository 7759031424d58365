"""``dealgraph import --as``: files of other people, by an adapter, then by the way of every import."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from app.cli.remote import client, persistently, refuse
from app.cli.running import fail, hint, run, say, settings
from app.shared.database import Database
from app.shared.partial_date import PartialDate
from app.transfer.adapters import ADAPTERS, adapted
from app.transfer.adapters.companies import Companies, Directory, read_mapping
from app.transfer.adapters.directory import Server, Store
from app.transfer.adapters.origin import Read
from app.transfer.adapters.outcomes import Adapted

_SHOWN: Final = 20
"""How many names that a person has to decide, or has decided in vain, are shown."""


@dataclass(frozen=True, slots=True)
class Adapting:
    """What a command says of other people's files: the adapter, and what it is to know and to do beside the files.

    ``companies``: a CSV file of what a person decided. ``report``: where the outcome of every row goes.
    """

    adapter: str
    companies: Path | None
    report: Path | None
    published: str | None
    accessed: str | None
    create_missing: bool


def adapt(files: Sequence[Path], how: Adapting, url: str | None, key: str | None) -> Adapted:
    """What an adapter makes of files, by the companies of the store or of a server; says what became of their rows."""
    try:
        result = _by_server(files, how, url, key) if url else _by_store(files, how)
    except (ValueError, OSError) as error:
        fail(str(error))
    say(str(result))
    for answer in result.unclear[:_SHOWN]:
        hint(f"to be decided: {answer}")
    if len(result.unclear) > _SHOWN:
        hint(f"to be decided: {len(result.unclear) - _SHOWN} more names, which the rows of --report tell")
    for text in result.in_vain[:_SHOWN]:
        hint(f"decided in vain: {text}")
    if len(result.in_vain) > _SHOWN:
        hint(f"decided in vain: {len(result.in_vain) - _SHOWN} more names of --companies")
    if how.report:
        how.report.write_text(result.as_csv(), encoding="utf-8", newline="")
    return result


def _by_store(files: Sequence[Path], how: Adapting) -> Adapted:
    made: list[Adapted] = []

    async def work(database: Database) -> None:
        async with database.reading() as connection:
            made.append(await _adapted(files, how, Store(connection)))

    run(settings(), work)
    return made[0]


def _by_server(files: Sequence[Path], how: Adapting, url: str, key: str | None) -> Adapted:
    with client(url, key) as remote:

        async def request(method: str, path: str, **asked: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
            def attempt() -> httpx.Response:
                reply = remote.request(method, path, **asked)
                refuse(reply)
                return reply

            return persistently(attempt)

        return asyncio.run(_adapted(files, how, Server(request)))


async def _adapted(files: Sequence[Path], how: Adapting, directory: Directory) -> Adapted:
    if how.adapter not in ADAPTERS:
        raise ValueError(f"there is no adapter {how.adapter!r}: one of {', '.join(ADAPTERS)}")
    dates = [text and PartialDate.parse(text).text for text in (how.published, how.accessed)]
    mapping = read_mapping(how.companies) if how.companies else {}
    companies = Companies(directory, mapping, how.create_missing)
    return await adapted(ADAPTERS[how.adapter], files, companies, Read(*dates))
