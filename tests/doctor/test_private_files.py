"""What doctor says of files that others may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor.private_files import private_files
from bot.settings import reading
from bot.settings.settings import Settings


def settings_of(url: str) -> Settings:
    """Return settings with this database."""
    return reading.read_only({"DATABASE_URL": url}, ["DATABASE_URL"])


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o640, 0o644, 0o666, 0o777])
def test_wider_files_are_named_with_what_to_type(tmp_path: Path, mode: int) -> None:
    """Copies and restores have the mode of whoever makes them."""
    for name in (".env", "my calls.db-wal"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)

    found = private_files(settings_of(f"sqlite:///{tmp_path}/my calls.db"), tmp_path)

    assert found.is_warning
    assert found.what == (
        f"other users may read or write {tmp_path}/.env (mode {mode:04o}), "
        f"{tmp_path}/my calls.db-wal (mode {mode:04o})"
    )
    assert found.then == f"Run: chmod 600 {tmp_path}/.env '{tmp_path}/my calls.db-wal'"


def test_private_files_are_well(tmp_path: Path) -> None:
    """A warning that is always there is not read."""
    for name in (".env", "calls.db", "calls.db.lock"):
        (tmp_path / name).touch(mode=0o600)

    found = private_files(settings_of(f"sqlite:///{tmp_path}/calls.db"), tmp_path)

    assert found.then == ""


def test_a_key_file_of_postgresql_is_looked_at(tmp_path: Path) -> None:
    """A password can be in a file that DATABASE_URL names."""
    key = tmp_path / "client.key"
    key.touch()
    key.chmod(0o644)
    url = f"postgresql://bot@127.0.0.1/calls?sslkey={key}&sslmode=require"

    assert str(key) in private_files(settings_of(url), tmp_path).then
