"""A disk that can be full: a small one in memory, or where none may be mounted, files that may not grow."""

import contextlib
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_GRAIN = 65_536


@dataclass
class Disk:
    """``folder`` is on it; ``mounted``: whether it is one of its own."""

    folder: Path
    mounted: bool
    _limited: list[int] = field(default_factory=list)

    def fill(self, processes: Iterable[int]) -> None:
        """Leave nothing free for some processes."""
        if self.mounted:
            # With no buffer, of which a rest would be written, and refused, once more when it is closed.
            with self._ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(_GRAIN))
            return
        largest = max(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        self._limited = list(processes)
        for process in self._limited:
            _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (largest + _GRAIN, most))

    def free(self) -> None:
        """Let there be room again."""
        self._ballast.unlink(missing_ok=True)
        for process in self._limited:
            with contextlib.suppress(ProcessLookupError):
                _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
                resource.prlimit(process, resource.RLIMIT_FSIZE, (most, most))

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A disk of so many MB, where we may mount one."""
    # Not in the folder of pytest, into which it lets nobody else: a server may run as another user.
    folder = Path(tempfile.mkdtemp(prefix="dg-"))
    folder.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield Disk(folder, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder)
