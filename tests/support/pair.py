"""Two PostgreSQL servers, of which one follows the other and can take its place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from bot.sandbox.ports import free_port
from patience import PATIENCE
from postgres import Server, as_somebody, server


class Pair:
    """A primary whose commits wait for its standby, on two ports of 127.0.0.1."""

    def __init__(self, primary: Server, standby: Server) -> None:
        self.servers = (primary, standby)
        self.primary = primary
        self.standby = standby

    def hosts(self, url: str) -> str:
        """Return the address of a database on both servers, as libpq takes it."""
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in self.servers)
        return f"postgresql://bot@{hosts}/{url.rpartition('/')[2]}"

    def query(self, url: str) -> str:
        """Return the same, as SQLAlchemy takes it."""
        hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in self.servers)
        return f"postgresql://bot@/{url.rpartition('/')[2]}?{hosts}"

    def fail_over(self) -> None:
        """Stop the primary, promote the standby, and start the other one as a standby."""
        self.primary.stop()
        self.promote()
        self.primary, self.standby = self.standby, self.primary
        follow(self.standby, self.primary)
        self.standby.start()
        self.is_followed()

    def promote(self) -> None:
        """Let the standby accept writing."""
        standby = self.standby
        standby.control("pg_ctl", "-D", standby.data, "-w", "promote")

    def is_followed(self) -> None:
        """Wait until commits can reach the standby."""
        until = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        wait(self.primary, until)


def wait(running: Server, query: str) -> None:
    """Wait until *query* finds something."""
    end = time.monotonic() + PATIENCE
    address = running.address("postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        while not (connection.execute(query.encode()).fetchone() or (0,))[0]:
            assert time.monotonic() < end, query
            time.sleep(0.02)


def configure(stopped: Server, **settings: str) -> None:
    """Add settings to a server's configuration, which it reads at its start or reload."""
    with (stopped.data / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def reload(running: Server, **settings: str) -> None:
    """Change settings of a running server, and wait until new sessions have them."""
    configure(running, **settings)
    running.control("pg_ctl", "-D", running.data, "reload")
    for name, value in settings.items():
        found = f"SELECT (current_setting('{name}') = '{value}')::int"
        wait(running, found)


def follow(stopped: Server, primary: Server) -> None:
    """Make *stopped* a standby of *primary* at its next start."""
    (stopped.data / "standby.signal").touch()
    source = f"host=127.0.0.1 port={primary.port} user=bot"
    configure(stopped, primary_conninfo=source)


@contextmanager
def pair() -> Iterator[Pair]:
    """Run two servers; commits wait until both have them."""
    with server() as primary:
        folder = Path(f"{primary.folder}-2")
        folder.mkdir()
        standby = replace(
            primary, port=free_port(), folder=folder, identity=as_somebody(folder)
        )
        where = ("-h", "127.0.0.1", "-p", primary.port, "-U", "bot")
        primary.control(
            "pg_basebackup", *where, "-D", standby.data, "-c", "fast", "--no-sync"
        )
        follow(standby, primary)
        standby.start()
        made = Pair(primary, standby)
        for each in made.servers:
            reload(each, synchronous_standby_names="*")
        try:
            made.is_followed()
            yield made
        finally:
            standby.stop("immediate")
