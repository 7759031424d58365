"""Where the files that travel with the code are: beside it in a checkout, inside it once installed."""

from pathlib import Path

_APP = Path(__file__).parents[1]


def travelling(name: str) -> Path:
    """The folder ``name`` ("migrations", "seed") of the installed package or of the checkout."""
    installed = _APP / "_bundled" / name
    return installed if installed.is_dir() else _APP.parent / name
