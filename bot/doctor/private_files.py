"""Whether other users of this machine may read what holds secrets or phone numbers."""

from __future__ import annotations

import shlex
from pathlib import Path

from bot.doctor.check import Finding
from bot.settings import database_address
from bot.settings.settings import Settings
from bot.storage.database.file_modes import files_of, mode_of, open_to_others

KEY_FILES = ("passfile", "sslkey")
"""Parameters of DATABASE_URL that name a file with a secret."""


def private_files(settings: Settings, folder: Path) -> Finding:
    """Return what is found of the modes of the files; ``.env`` is in *folder*."""
    wide = [each for each in _files(settings, folder) if open_to_others(each)]
    if not wide:
        return Finding("files", "no other user may read them")
    shown = ", ".join(f"{each} (mode {mode_of(each):04o})" for each in wide)
    return Finding(
        "files",
        f"other users may read or write {shown}",
        f"Run: chmod 600 {shlex.join(map(str, wide))}",
        is_warning=True,
    )


def _files(settings: Settings, folder: Path) -> list[Path]:
    url = database_address.address(settings.database_url)
    if url.get_backend_name() == "sqlite":
        named = files_of(Path(url.database or ""))
    else:
        named = [Path(str(url.query[n])) for n in KEY_FILES if n in url.query]
    return [folder / ".env", *named]
