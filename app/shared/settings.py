"""Settings, read from ``DEALGRAPH_*`` variables of the environment when the app is assembled, never at import."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.shared import logs

_ASYNC_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+psycopg": "postgresql+asyncpg",
    "postgresql+psycopg2": "postgresql+asyncpg",
}
# Less than the library ``limits`` reads, which takes several at once for the first of them.
_RATE = re.compile(r"[1-9][0-9]{0,8}(/| per )([1-9][0-9]{0,3} )?(second|minute|hour|day)s?")
# Nothing that would end a directive of a content security policy.
_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_POSTGRESQL_PARAMETERS = ("host", "port", "ssl", "sslmode", "target_session_attrs", "prepared_statement_cache_size")


def with_async_driver(url: str) -> str:
    """Name the driver that this app has: SQLAlchemy 2.1 would read plain ``postgresql://`` as psycopg 3."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("not a database URL: expected sqlite:///FILE or postgresql://USER@HOST/DATABASE") from None
    driver = _ASYNC_DRIVERS.get(parsed.drivername, parsed.drivername)
    if driver not in _ASYNC_DRIVERS.values():
        raise ValueError(f"no support for {parsed.drivername!r}: use sqlite:/// or postgresql://")
    if driver == _ASYNC_DRIVERS["sqlite"] and parsed.database in (None, "", ":memory:"):
        raise ValueError("a store in memory would be another for each connection: name a file, as in sqlite:///FILE")
    if driver == _ASYNC_DRIVERS["postgresql"]:
        parsed = _for_asyncpg(parsed)
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def _for_asyncpg(url: URL) -> URL:
    """Say ``ssl``, which asyncpg reads, for the ``sslmode`` that everyone else writes; refuse what it cannot read."""
    for name in url.query:
        if name not in _POSTGRESQL_PARAMETERS:
            known = ", ".join(_POSTGRESQL_PARAMETERS)
            raise ValueError(f"the database URL has a parameter {name!r} that we cannot use; one of {known}")
    if "sslmode" not in url.query:
        return url
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})


def _rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise ValueError("not a rate: write how many per second, minute, hour or day, as in 600/minute or 10/5 minutes")
    return text


def _networks(text: str) -> str:
    for part in text.split(","):
        try:
            ip_network(part.strip())
        except ValueError:
            raise ValueError(f"{part.strip()!r} is no address of a proxy, and no network (10.0.0.0/8)") from None
    return text


def _origins(text: str) -> str:
    for part in text.split(","):
        if not _ORIGIN.fullmatch(part.strip()):
            raise ValueError(f"{part.strip()!r} is no origin: write https://host or https://host:port")
    return text


DatabaseUrl = Annotated[str, AfterValidator(with_async_driver)]
Rate = Annotated[str, AfterValidator(_rate)]
"""How many requests in how long."""
Networks = Annotated[str, AfterValidator(_networks)]
"""IP addresses and networks with commas between."""
Origins = Annotated[str, AfterValidator(_origins)]
"""Origins of pages (RFC 6454) with commas between."""


class Settings(BaseSettings):
    """What an operator may set. Every field is documented in docs/settings.md, which a test keeps true."""

    model_config = SettingsConfigDict(env_prefix="DEALGRAPH_", extra="ignore")

    database_url: DatabaseUrl = Field("sqlite:///dealgraph.db", description="The store: SQLite or PostgreSQL.")
    read_database_url: DatabaseUrl | None = Field(
        None, description="A streaming replica of the store for reads; the store itself when unset."
    )
    pool_size: int = Field(10, ge=1, le=200, description="Connections kept for each of reading and writing.")
    statement_timeout_ms: int = Field(
        2_000, ge=50, le=600_000, description="How long one read may take before it is answered with 503."
    )
    max_nodes: int = Field(500, ge=1, le=5_000, description="Companies in one graph answer, the closest first.")
    max_edges: int = Field(5_000, ge=1, le=50_000, description="Dependencies in one graph answer.")
    max_body_bytes: int = Field(
        1_048_576, ge=1_024, le=1_073_741_824, description="The largest body of a request; a larger one is a 413."
    )
    max_import_bytes: int = Field(
        2_147_483_648, ge=1_024, le=1_099_511_627_776, description="The largest file to import; a larger one is a 413."
    )
    max_connections: int = Field(
        800, ge=10, le=100_000, description="How many connections a process of dealgraph serve keeps open."
    )
    max_streams: int = Field(200, ge=1, le=100_000, description="How many streams of changes a process keeps open.")
    client_timeout_ms: int = Field(
        10_000, ge=500, le=600_000, description="How long a client may keep the server waiting before it is dropped."
    )
    kept_bytes: int = Field(
        33_554_432, ge=0, le=17_179_869_184, description="Room for answers that are kept while nothing is recorded."
    )
    reconcile_cors: bool = Field(
        default=False, description="Whether pages of other origins may ask /reconcile from a browser (CORS)."
    )
    public_reads: bool = Field(default=True, description="Whether anyone may read; with a key only when false.")
    rate_limit: Rate | None = Field(None, description="How often one client may ask; no limit when unset.")
    rate_limit_writes: Rate | None = Field(None, description="How often one client may write, within rate_limit.")
    trusted_proxies: Networks | None = Field(
        None, description="The proxies whose word on a client's address counts; none when unset."
    )
    frame_ancestors: Origins | None = Field(
        None, description="Pages that may show the explorer in a frame, such as dashboards; none when unset."
    )
    deliver_webhooks: bool = Field(default=True, description="Whether the API delivers to webhooks beside its work.")
    webhook_http: bool = Field(default=False, description="Whether a webhook may go to http:// too.")
    webhook_allow_private: bool = Field(
        default=False, description="Whether a webhook may reach private networks: for development only."
    )
    log_format: logs.Format = Field("console", description="How logs are written.")
    log_level: logs.Level = Field("info", description="The least that is written: a line of each request is info.")
    log_requests: float = Field(
        1, ge=0, le=1, description="The share of requests that get a line; those that fail always do, but for 0."
    )
    seed_path: Path | None = Field(None, description="A folder of YAML files to seed from, instead of our own.")

    @property
    def reads_from(self) -> str:
        """The URL that reads go to."""
        return self.read_database_url or self.database_url
