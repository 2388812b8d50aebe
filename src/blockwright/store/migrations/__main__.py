"""Write a migration step: `python -m blockwright.store.migrations DATA_FOLDER MESSAGE`."""

import sys
from pathlib import Path

from blockwright.store.database import Database, sqlite_url
from blockwright.store.migrations import write_step

write_step(Database(sqlite_url(Path(sys.argv[1]) / "empty.sqlite")), sys.argv[2])
