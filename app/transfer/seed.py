"""Seeds a store from the files that came with the code, by the same way as any import."""

from pathlib import Path

from sqlalchemy import select

from app.ledger.transaction import Author
from app.models.ledger import store
from app.shared.database import Database
from app.shared.files import travelling
from app.transfer import yaml_file
from app.transfer.load import Report, load_rows

ACTOR = "seed"


async def is_empty(database: Database) -> bool:
    """Whether nothing was ever recorded in a store."""
    return bool(await database.scalar(select(store.c.revision), {}) == 0)


async def seed(database: Database, folder: Path | None = None) -> dict[str, Report]:
    """Load every YAML file of a folder, our own by default, in the order of their names; return what each did.

    Loading a file again changes nothing. Raises ValueError for a folder with no such file, ImportRefused for a file
    with anything that cannot be taken, of which nothing is then kept.
    """
    folder = folder or travelling("seed")
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ValueError(f"there is no YAML file to seed from in {folder}")
    return {file.name: await _load(database, file) for file in files}


async def _load(database: Database, path: Path) -> Report:
    return await load_rows(database, yaml_file.rows_of(_items(path)), Author(ACTOR, f"seed {path.name}"))


def _items(path: Path) -> list[yaml_file.Item]:
    try:
        return yaml_file.parse(path.read_bytes())
    except yaml_file.Unreadable as error:
        raise ValueError(f"{path.name} is not YAML that we can read: {error}") from None
