"""``dealgraph serve``."""

from pathlib import Path
from socket import AddressFamily, create_server, socket
from typing import Annotated

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from app.cli.running import fail, run, say, settings
from app.cli.store import migrate_store, seed_store
from app.shared.database import Database
from app.transfer.seed import is_empty


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
    *,
    no_seed: Annotated[bool, typer.Option("--no-seed", help="Leave the store as it is.")] = False,
) -> None:
    """Migrate the store, seed it where it is empty, and serve the API."""
    given = settings()
    run(given, lambda database: _prepare(database, given.seed_path, seeding=not no_seed))
    listener = listen(host, port)
    address = f"{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    say(f"Dealgraph listens on http://{address}")
    say(f"  documentation  http://{address}/docs")
    say(f"  try            curl '{address}/v1/companies/openai/dependencies?format=text'")
    config = uvicorn.Config(
        "app.main:create_app_to_serve",
        factory=True,
        workers=workers,
        log_level="warning",
        server_header=False,
        # Without a name for it nobody is believed: uvicorn would trust whoever asks from this machine.
        forwarded_allow_ips=given.trusted_proxies or [],
        timeout_graceful_shutdown=10,
    )
    if workers > 1:
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


def listen(host: str, port: int) -> socket:
    """A socket that listens; ends the command where there can be none."""
    try:
        return create_server((host, port), family=AddressFamily.AF_INET6 if ":" in host else AddressFamily.AF_INET)
    except OSError as error:
        fail(f"cannot listen: {error.strerror}")
