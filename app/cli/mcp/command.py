"""``dealgraph mcp``."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import options as of
from app.cli.asking import Whom, asking
from app.cli.saying import fail, hint

if TYPE_CHECKING:
    from mcp.server import Server


def mcp(
    *,
    http: Annotated[bool, typer.Option("--http", help="Over streamable HTTP, not standard input and output.")] = False,
    host: Annotated[str, typer.Option(help="With --http: the address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="With --http: the port to listen on.")] = 8001,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Offer the questions to a language model as tools (Model Context Protocol); they only read."""
    try:
        import app.cli.mcp.server  # noqa: F401, PLC0415 - needs the extra
    except ModuleNotFoundError as missing:
        if missing.name not in ("mcp", "mcp_types"):
            raise
        fail("this needs an extra: pip install 'dealgraph[mcp]'")
    asyncio.run(_over_http(Whom(url, key), host, port) if http else _over_stdio(Whom(url, key)))


async def _over_stdio(whom: Whom) -> None:
    from mcp.server.stdio import stdio_server  # noqa: PLC0415 - the same

    from app.cli.mcp.server import server_of  # noqa: PLC0415 - the same

    async with asking(whom) as client, stdio_server() as (received, sent):
        server = server_of(client)
        await server.run(received, sent, server.create_initialization_options())


async def _over_http(whom: Whom, host: str, port: int) -> None:
    from app.cli.mcp.server import server_of  # noqa: PLC0415 - the same

    # Whoever calls needs the key that the API would want of them.
    async with asking(whom, as_owner=False) as client:
        await serve_http(server_of(client), host, port)


async def serve_http(server: "Server[Any]", host: str, port: int) -> None:
    """Serve over streamable HTTP at /mcp, without sessions, until the process is told to stop."""
    import uvicorn  # noqa: PLC0415 - the same

    from app.cli.serve import listen  # noqa: PLC0415 - the same

    web = server.streamable_http_app(json_response=True, stateless_http=True, host=host)
    with listen(host, port) as listener:
        at = f"{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        hint(f"Dealgraph listens for models on http://{at}/mcp")
        config = uvicorn.Config(web, log_level="warning", server_header=False)
        listening = uvicorn.Server(config)
        try:
            await listening.serve(sockets=[listener])
        finally:
            # Where it is cancelled it leaves its socket to the loop, which would go on to watch what is closed: another
            # that gets the same number would never be heard of.
            for one in getattr(listening, "servers", ()):
                one.close()
