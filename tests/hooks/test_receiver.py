"""One try, over real HTTP: every way in which a receiver fails is an answer, in time."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.hooks.receiver import ADDRESS_NOT_ALLOWED, Receiver, Target
from bot.hooks.schedule import HookAnswer, Receipt
from bot.sandbox.ports import free_port
from hook_receiver import HOOK_SECRET, HookReceiver, a_receiver

BODY = b'{"type": "test"}'


@pytest.fixture
async def far() -> AsyncIterator[HookReceiver]:
    """Run a receiver."""
    async with a_receiver() as made:
        yield made


async def send(target: Target, *, within: float = 30.0) -> HookAnswer:
    """Try once."""
    receiver = Receiver(target, within=within)
    try:
        return await receiver.send("msg_1", BODY, datetime.now(UTC))
    finally:
        await receiver.close()


def at(url: str, *, allow_private: bool = False) -> Target:
    """Return the target with this address."""
    return Target(url=url, secrets=(HOOK_SECRET,), allow_private=allow_private)


@pytest.mark.parametrize(
    ("order", "status", "meaning"),
    [
        (204, 204, Receipt.TAKEN),
        (500, 500, Receipt.NOT_YET),
        (410, 410, Receipt.GONE),
        ("closes", None, Receipt.NOT_YET),
        ("hangs", None, Receipt.NOT_YET),
    ],
)
async def test_whatever_the_receiver_does_is_an_answer_in_time(
    far: HookReceiver, order: int | str, status: int | None, meaning: Receipt
) -> None:
    """Nothing that a receiver does may end the task that tells it, or hold it for long."""
    far.answers = [order]

    answer = await send(far.target, within=0.5 if order == "hangs" else 30.0)

    assert (answer.status, answer.meaning) == (status, meaning)


async def test_a_body_that_drips_is_not_waited_for(far: HookReceiver) -> None:
    """The status says all; a body without end would hold a connection for ten seconds."""
    far.answers = ["drips"]

    assert (await send(far.target)).status == 200
    assert far.asked == 1


async def test_a_redirect_is_not_followed(far: HookReceiver) -> None:
    """A public receiver could send the event on to an address inside."""
    far.answers = [301]
    far.headers = {"Location": far.url}

    answer = await send(far.target)

    assert (answer.status, answer.meaning) == (301, Receipt.NOT_YET)
    assert far.asked == 1


@pytest.mark.parametrize(
    ("status", "seconds"), [(429, 90.0), (503, 90.0), (500, 0.0), (204, 0.0)]
)
async def test_a_busy_receiver_may_ask_for_time(
    far: HookReceiver, status: int, seconds: float
) -> None:
    """To come again at once would keep it busy."""
    far.answers, far.headers = [status], {"Retry-After": "90"}

    assert (await send(far.target)).retry_after == seconds


async def test_nobody_there_is_an_answer_too() -> None:
    """A receiver that is restarted refuses connections."""
    answer = await send(at(f"http://127.0.0.1:{free_port()}/", allow_private=True))

    assert (answer.status, answer.meaning) == (None, Receipt.NOT_YET)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:7f00:1]"],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_address_inside_is_not_connected_to(
    far: HookReceiver, host: str, scheme: str
) -> None:
    """However the machine's own address is written."""
    port = far.url.split(":")[2].split("/")[0]

    answer = await send(at(f"{scheme}://{host}:{port}/calls"))

    assert answer.status is None
    assert far.asked == 0


def leads_to(
    monkeypatch: pytest.MonkeyPatch, *addresses: str
) -> list[tuple[object, ...]]:
    """Have every name lead to the next of *addresses*; return the look-ups."""
    asked: list[tuple[object, ...]] = []
    left = list(addresses)

    def look_up(host: str, port: int, *_: object) -> list[Any]:
        asked.append((host, port))
        found = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr("bot.hooks.receiver.socket.getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_name_that_leads_inside_is_not_connected_to(
    far: HookReceiver, monkeypatch: pytest.MonkeyPatch, address: str, scheme: str
) -> None:
    """Whoever owns the name can point it anywhere, at any time."""
    asked = leads_to(monkeypatch, address)
    port = far.url.split(":")[2].split("/")[0]

    answer = await send(at(f"{scheme}://hook.example:{port}/calls"))

    assert answer == HookAnswer(None, ADDRESS_NOT_ALLOWED)
    assert (len(asked), far.asked) == (1, 0)


async def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    far: HookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look-up could lead elsewhere than the first, which was checked."""
    asked = leads_to(monkeypatch, "127.0.0.1", "203.0.113.9")
    url = far.url.replace("127.0.0.1", "hook.example")

    answer = await send(at(url, allow_private=True))

    assert answer.status == 204
    assert len(asked) == 1


async def test_each_try_looks_the_name_up_anew(
    far: HookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was checked an hour ago says nothing of where the name leads now."""
    asked = leads_to(monkeypatch, "127.0.0.1")
    target = at(far.url.replace("127.0.0.1", "hook.example"), allow_private=True)
    receiver = Receiver(target)

    said = [await receiver.send("msg_1", BODY, datetime.now(UTC)) for _ in range(2)]
    await receiver.close()

    assert [each.status for each in said] == [204, 204]
    assert (len(asked), far.asked) == (2, 2)


async def test_no_proxy_is_told(
    far: HookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy looks the name up itself, so nobody would check where it leads."""
    leads_to(monkeypatch, "127.0.0.1")
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    url = far.url.replace("127.0.0.1", "hook.example")

    answer = await send(at(url, allow_private=True))

    assert answer.status == 204


async def test_a_name_that_nobody_knows_is_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name server that is gone comes back."""

    def fail(*_: object) -> None:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr("bot.hooks.receiver.socket.getaddrinfo", fail)

    answer = await send(at("https://hook.example/"))

    assert (answer.status, answer.meaning) == (None, Receipt.NOT_YET)


async def test_no_log_and_no_answer_has_the_address_or_a_secret(
    far: HookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    """The address may hold a password or token of the receiver's."""
    caplog.set_level(logging.DEBUG)
    plain = far.url.replace("//", "//me:not-to-be-logged@")
    said = []
    for order in (204, 301, "closes", 410):
        far.answers = [order]
        said.append(await send(at(plain, allow_private=True)))
    said.append(await send(at(plain)))

    text = f"{said} {caplog.text} {at(plain)!r}"
    assert far.asked == 4
    assert "not-to-be-logged" not in text
    assert HOOK_SECRET not in text
