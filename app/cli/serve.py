"""``dealgraph serve``."""

import os
import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from app.cli.connection import Serving
from app.cli.running import fail, run, say, settings
from app.cli.store import migrate_store, seed_store
from app.shared import logs
from app.shared.database import Database
from app.shared.observing.metrics import FOLDER
from app.transfer.seed import is_empty

_UNSENT: Final = 131_072
"""Bytes that wait in the system for a client; the rest waits here, where it shows whether the client takes any."""


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
    *,
    no_seed: Annotated[bool, typer.Option("--no-seed", help="Leave the store as it is.")] = False,
) -> None:
    """Migrate the store, seed it where it is empty, and serve the API."""
    given = settings()
    logs.configure(given.log_format, given.log_level)
    run(given, lambda database: _prepare(database, given.seed_path, seeding=not no_seed))
    listener = listen(host, port)
    address = f"{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    say(f"Dealgraph listens on http://{address}")
    say(f"  documentation  http://{address}/docs")
    say(f"  try            curl '{address}/v1/companies/openai/dependencies?format=text'")
    config = Serving(
        given,
        workers=workers,
        # They go the way of all others, and each request has a line of our own.
        log_config=None,
        log_level="info" if given.log_level == "debug" else given.log_level.replace("info", "warning"),
        access_log=False,
        server_header=False,
        # Where none is named nobody is believed: uvicorn would trust whoever asks from this machine.
        proxy_headers=bool(given.trusted_proxies),
        forwarded_allow_ips=given.trusted_proxies or [],
        timeout_graceful_shutdown=10,
        # A process that replaces another (SIGHUP) may take its time to begin on a busy machine.
        timeout_worker_healthcheck=30,
    )
    if workers > 1:
        with TemporaryDirectory(prefix="dealgraph-metrics-") as folder:
            os.environ.setdefault(FOLDER, folder)
            Multiprocess(config, sockets=[listener]).run()
    else:
        uvicorn.Server(config).run(sockets=[listener])


async def _prepare(database: Database, seed_path: Path | None, *, seeding: bool) -> None:
    await migrate_store(database)
    if not seeding:
        return
    if await is_empty(database):
        await seed_store(database, seed_path)
    else:
        # What people changed since is not to be changed back.
        say("the store holds records already: dealgraph seed would load the seed again")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; ends the command where there can be none."""
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        fail(f"cannot listen: {error.strerror}")
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        # Each connection inherits it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    return listener
