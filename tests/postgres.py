"""A real PostgreSQL server for tests, from the system's own programs, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    _numbers: Iterator[int] = field(default_factory=count)

    def fresh_database(self) -> str:
        """Make an empty database; return its address as an operator would write it."""
        name = f"calls{next(self._numbers)}"
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "bot"]
        subprocess.run([self.binaries / "createdb", *where, name], check=True)
        return f"postgresql://bot@127.0.0.1:{self.port}/{name}"


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if all((place / name).exists() for name in ("initdb", "postgres", "createdb")):
            return place
    return None


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
def server(folder: Path) -> Iterator[Server | None]:
    """Start a server with its data in *folder*; None where there are no programs."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    identity = _as_somebody(folder)
    data = folder / "data"

    def run(*command: object) -> None:
        words = [str(word) for word in command]
        subprocess.run(words, check=True, capture_output=True, **identity)

    run(binaries / "initdb", "-D", data, "-U", "bot", "-A", "trust", "--no-sync")
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
    control = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    run(*control, "-o", options, "start")
    try:
        yield Server(port, binaries)
    finally:
        run(*control, "-m", "immediate", "stop")
