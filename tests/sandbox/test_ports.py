"""A port that is chosen now and listened on later is still free by then."""

from __future__ import annotations

import itertools
import secrets
import socket
from pathlib import Path

import pytest

from bot.demo.stage import Stage
from bot.sandbox import ports

GIVEN_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""The ports that Linux gives to whoever connects to something, or asks for any."""


@pytest.mark.skipif(not GIVEN_OUT.exists(), reason="asks Linux")
def test_no_connection_takes_the_demo_s_port_meanwhile(tmp_path: Path) -> None:
    """The bot listens a second after its address was written into settings."""
    lowest = int(GIVEN_OUT.read_text(encoding="ascii").split()[0])

    assert 1024 < Stage(tmp_path, speed=1).port < min(lowest, ports.HIGHEST)


def test_a_port_that_somebody_listens_on_is_not_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another is looked for."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chances = itertools.chain([port - ports.LOWEST], itertools.count(7))
        monkeypatch.setattr(secrets, "randbelow", lambda _: next(chances))

        assert port != ports.free_port() >= ports.LOWEST + 7


def test_a_port_is_given_to_one_of_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that start at once would both write it down; the second could not listen."""
    chances = iter(sorted([*range(9000)] * 2))
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(chances))

    found = [ports.free_port() for _ in range(2 * ports.MOST_HELD)]

    assert len(set(found)) == len(found)
    assert len(ports._held) == ports.MOST_HELD
