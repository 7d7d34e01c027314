"""The files of a SQLite database hold phone numbers: only this user may read them.

New ones are made so (see `bot.__main__`); those of a version before are narrowed.
"""

from __future__ import annotations

import logging
import stat
from pathlib import Path

log = logging.getLogger(__name__)

OTHERS = stat.S_IRWXG | stat.S_IRWXO


FILE_ENDS = ("-wal", "-shm", "-journal")
"""What SQLite adds to the database's name. A journal is of a time before the WAL."""


def files_of(database: Path) -> list[Path]:
    """Return the files that a SQLite *database* may have."""
    real = database.resolve()  # SQLite follows links; our lock does not
    beside = (real.with_name(f"{real.name}{end}") for end in FILE_ENDS)
    return [real, *beside, database.with_name(f"{database.name}.lock")]


def open_to_others(file: Path) -> bool:
    """Whether other users may read or write *file*; False if it is not there."""
    try:
        return bool(mode_of(file) & OTHERS)
    except OSError:
        return False


def mode_of(file: Path) -> int:
    """Return the mode that ``chmod`` would set."""
    return stat.S_IMODE(file.stat().st_mode)


def narrow(database: Path) -> None:
    """Take the modes of other users from the files; log a warning where that fails."""
    for file in filter(open_to_others, files_of(database)):
        try:
            file.chmod(mode_of(file) & ~OTHERS)
        except FileNotFoundError:  # another process has just closed the database
            continue
        except OSError as error:
            log.warning("other users may read %s: %s", file.name, error.strerror)
