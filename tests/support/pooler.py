"""A real PgBouncer for tests, on loopback, in front of the tests' PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bot.sandbox.ports import free_port
from postgres import Server, as_somebody

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"

CONFIG = """
[databases]
* = host=127.0.0.1 port={server} user=bot
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = bot
pool_mode = {mode}
logfile = {folder}/log
pidfile = {folder}/pid
"""
"""Its defaults but for the mode and what keeps it to this machine."""


def is_without_pooler() -> bool:
    """Return whether this system has no PgBouncer."""
    return shutil.which("pgbouncer", path=PLACES) is None


class Pooler:
    """A running PgBouncer in front of *server*."""

    def __init__(self, server: Server, port: int) -> None:
        self._server = server
        self.port = port

    def address(self, direct: str) -> str:
        """Return the pooled address of a database, given the server's own."""
        return direct.replace(f":{self._server.port}/", f":{self.port}/")


@contextmanager
def pooler(server: Server, mode: str) -> Iterator[Pooler]:
    """Run a PgBouncer whose ``pool_mode`` is *mode*."""
    program = shutil.which("pgbouncer", path=PLACES)
    assert program is not None
    with TemporaryDirectory(prefix="ringout-pool-") as name:
        folder, port = Path(name), free_port()
        options = as_somebody(folder)
        config = folder / "pgbouncer.ini"
        config.write_text(
            CONFIG.format(server=server.port, port=port, mode=mode, folder=folder)
        )
        config.chmod(0o644)
        child = subprocess.Popen(
            [program, "-q", config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **options,
        )
        try:
            _wait(child, port)
            yield Pooler(server, port)
        finally:
            child.kill()
            child.wait()


def _wait(child: subprocess.Popen[bytes], port: int) -> None:
    """Wait until it answers."""
    address = f"postgresql://bot@127.0.0.1:{port}/pgbouncer"
    while child.poll() is None:
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("SHOW VERSION")
        except psycopg.OperationalError:
            continue
        return
    raise RuntimeError("PgBouncer did not start")
