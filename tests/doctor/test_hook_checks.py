"""What the doctor says of the hook: what waits, since when, and what was dropped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.doctor.check import CheckFailed
from bot.doctor.hook_checks import LATE_AFTER, HookChecks, hook_in_words
from bot.settings.reading import read
from bot.storage.calls.store import Store
from bot.storage.hooks.outbox import ReceiverState, Waiting
from enough import ENOUGH
from hook_receiver import HOOK_SECRET
from hooked import ADDRESS, Hooked
from intents import NOON

NONE = Waiting(0)
FEW = Waiting(2, NOON, NOON)
NOW = NOON + timedelta(minutes=1)
LATE = NOON + LATE_AFTER + timedelta(minutes=1)


def test_a_hook_that_works_is_said_to() -> None:
    """A call that has just ended waits for seconds, which is no reason to worry."""
    assert hook_in_words(NONE, ReceiverState(), NOW) == "0 events wait"
    trouble = ReceiverState(trouble="HTTP 500")
    assert hook_in_words(FEW, trouble, NOW) == "2 events wait (HTTP 500)"


@pytest.mark.parametrize(
    ("waiting", "state", "now", "said"),
    [
        (FEW, ReceiverState(trouble="HTTP 500"), LATE, "2 events wait (HTTP 500)"),
        (NONE, ReceiverState(dropped=3), NOW, "0 events wait; 3 were dropped"),
        (
            NONE,
            ReceiverState(NOON, 4),
            NOW,
            "the receiver answered 410, and is sent nothing more; 4 were dropped",
        ),
    ],
)
def test_what_an_operator_should_look_at_is_a_warning(
    waiting: Waiting, state: ReceiverState, now: object, said: str
) -> None:
    """Calls go on without the hook, so the doctor's exit code is not 1."""
    with pytest.raises(CheckFailed) as failed:
        hook_in_words(waiting, state, now)  # type: ignore[arg-type]

    assert str(failed.value) == said
    assert failed.value.is_warning
    assert "ringout-bot hook test" in failed.value.then


async def test_it_reads_the_database_where_the_hook_is_on(store: Store) -> None:
    """Off, there is no line."""
    await Hooked(store).ended("a")
    env = ENOUGH | {"DATABASE_URL": store.url}
    on = {"RINGOUT_HOOK_URL": ADDRESS, "RINGOUT_HOOK_SECRET": HOOK_SECRET}

    checks = HookChecks(read(env | on)).all()

    assert HookChecks(read(env)).all() == {}
    with pytest.raises(CheckFailed, match="1 events wait"):
        await checks["hook"]()  # the event is years old by the real clock
