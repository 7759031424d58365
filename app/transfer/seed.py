"""Seeds a store from the files that came with the code, by the same way as any import."""

from pathlib import Path

from sqlalchemy import select

from app.models.ledger import store
from app.shared.database import Database
from app.shared.files import travelling
from app.transfer.load import Report, load
from app.transfer.yaml_file import read

ACTOR = "seed"


async def is_empty(database: Database) -> bool:
    """Whether nothing was ever recorded in a store."""
    return bool(await database.scalar(select(store.c.revision), {}) == 0)


async def seed(database: Database, folder: Path | None = None) -> dict[str, Report]:
    """Load every YAML file of a folder, our own by default, in the order of their names; return what each did.

    Loading a file again changes nothing. Raises ValueError for a folder with no such file, ImportRefused for a file
    with a record that cannot be taken, of which nothing is then kept.
    """
    folder = folder or travelling("seed")
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ValueError(f"there is no YAML file to seed from in {folder}")
    return {file.name: await load(database, read(file), actor=ACTOR, reason=f"seed {file.name}") for file in files}
