"""What the doctor says of pushed events, which nothing depends on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.calls.subscription import RemoteState, Subscription, refused, working
from bot.doctor.event_checks import EventChecks, subscriptions_in_words
from bot.settings.reading import read
from bot.storage.people.subscriptions import KnownSubscription
from enough import ENOUGH
from intents import NOON

HERE = "https://bot.example.com/ringcentral/events/"
FLOWS = RemoteState("sub-1", is_active=True, expires_at=NOON + timedelta(days=7))
ASK = ". RingCentral's support grants the app CallControl and"
NEW = Subscription(account="a", next_at=NOON)


def known(subscription: Subscription) -> KnownSubscription:
    """Return a row of the table."""
    return KnownSubscription(subscription, "", "", NOON)


@pytest.mark.parametrize(
    ("rows", "address", "said"),
    [
        ([], HERE, "by webhook for 0 of 0 accounts"),
        ([working(NEW, FLOWS, HERE, NOON)], HERE, "by webhook for 1 of 1 accounts"),
        ([working(NEW, FLOWS, "", NOON)], "", "by WebSocket for 1 of 1 accounts"),
        (
            [working(NEW, FLOWS, HERE, NOON), NEW],
            HERE,
            "by webhook for 1 of 2 accounts; the others' calls are polled",
        ),
        (
            [refused(NEW, "CallControl", NOON)],
            HERE,
            (
                "by webhook for 0 of 1 accounts; the others' calls are polled (CallControl)"
                f"{ASK} SubscriptionWebhook"
            ),
        ),
        (
            [refused(NEW, "SUB-525", NOON)],
            HERE,
            "by webhook for 0 of 1 accounts; the others' calls are polled (SUB-525)",
        ),
        (
            [refused(NEW, "WebSocketsSubscription", NOON)],
            "",
            (
                "by WebSocket for 0 of 1 accounts; the others' calls are polled "
                f"(WebSocketsSubscription){ASK} WebSocketsSubscription"
            ),
        ),
    ],
)
def test_it_names_what_is_missing_and_how_to_get_it(
    rows: list[Subscription], address: str, said: str
) -> None:
    """The permissions are granted by hand, so an operator has to know which to ask for."""
    assert subscriptions_in_words(list(map(known, rows)), address, NOON) == said


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ("off", "off (RINGOUT_EVENTS): calls are polled"),
        ("on", "by WebSocket for 0 of 0"),
    ],
)
async def test_it_reads_the_table(calls_url: str, events: str, said: str) -> None:
    """Without a running bot there is nothing to say, and that is no failure."""
    chosen = {"RINGOUT_EVENTS": events, "DATABASE_URL": calls_url}
    (check,) = EventChecks(read(ENOUGH | chosen)).all().values()

    assert (await check()).startswith(said)
