"""Whether the file that the setting names can be a SQLite database, before it is touched."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

_HEADER = b"SQLite format 3\0"


def trouble(path: str) -> str:
    """Say why the file can't be made or written; empty if nothing is known."""
    file = Path(path)
    if path.rpartition("/")[2] in {"", ".", ".."}:  # Path takes "/" and "/." away
        return "it is a folder"
    try:
        if not file.parent.is_dir():
            return "its folder does not exist"
        if not _may_add(file.parent):
            return "its folder is not writable"
        return _trouble_of(file, file.stat().st_mode)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror or "the system refuses its name"


def _trouble_of(file: Path, mode: int) -> str:
    """Say why a *file* that exists can't be the database."""
    if not stat.S_ISREG(mode):
        return "it is a folder" if stat.S_ISDIR(mode) else "it is no ordinary file"
    if not os.access(file, os.R_OK | os.W_OK):
        return "it is not writable"
    with file.open("rb") as opened:  # an empty one is made a database
        is_database = opened.read(len(_HEADER)) in {b"", _HEADER}
    return "" if is_database else "it is no SQLite database"


def _may_add(folder: Path) -> bool:
    """Whether a file can be made; ``access`` alone allows root to write to /proc."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
