"""``ringout-bot hook test``: one signed event, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.cli import hook
from bot.cli.main import main
from bot.settings import reading
from bot.storage.calls.store import Store
from bot.storage.hooks.outbox import Outbox
from hook_receiver import HOOK_SECRET, HookReceiver, a_receiver
from intents import NOON


@pytest.fixture
async def far() -> AsyncIterator[HookReceiver]:
    """Run a receiver."""
    async with a_receiver() as made:
        yield made


def settings(store: Store, far: HookReceiver) -> Any:
    """Return what the command reads."""
    env = {
        "DATABASE_URL": store.url,
        "RINGOUT_HOOK_URL": far.url,
        "RINGOUT_HOOK_SECRET": HOOK_SECRET,
        "RINGOUT_HOOK_ALLOW_PRIVATE": "on",
    }
    return reading.read_only(env, list(env))


@pytest.mark.parametrize(
    ("order", "code", "said"),
    [(204, 0, "taken: HTTP 204"), (401, 1, "not taken: HTTP 401")],
)
async def test_it_says_what_came_back(
    store: Store,
    far: HookReceiver,
    capsys: pytest.CaptureFixture[str],
    order: int,
    code: int,
    said: str,
) -> None:
    """An operator tries the hook before the first call depends on it."""
    far.answers = [order]

    assert await hook.send_test(settings(store, far)) == code

    printed = capsys.readouterr().out
    assert printed.startswith(said)
    assert "not-to-be-logged" not in printed
    assert far.asked == 1
    assert [event["type"] for _, event in far.events] == ["test"] * (code == 0)


async def test_a_receiver_that_takes_it_is_sent_events_again(
    store: Store, far: HookReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is how an operator ends what a 410 began."""
    outbox = Outbox(store.writer, far.url, store.unreadable)
    await outbox.stop(NOON)

    assert await hook.send_test(settings(store, far)) == 0

    assert "events are sent to it again" in capsys.readouterr().out
    assert (await outbox.state()).stopped_at is None


@pytest.mark.parametrize("missing", ["RINGOUT_HOOK_URL", "RINGOUT_HOOK_SECRET"])
def test_a_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    """Without a secret nobody could tell our events from forged ones."""
    given = {
        "RINGOUT_HOOK_URL": "https://a.example",
        "RINGOUT_HOOK_SECRET": HOOK_SECRET,
    }
    for name, value in given.items():
        monkeypatch.setenv(name, "" if name == missing else value)

    assert main(["hook", "test"]) == 2

    assert f"{missing} is missing" in capsys.readouterr().err
