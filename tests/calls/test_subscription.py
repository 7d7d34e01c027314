"""What becomes of a subscription to pushed events, whatever RingCentral answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.calls.subscription import (
    ASK_AGAIN,
    LONGEST_RETRY,
    WATCH_EVERY,
    RemoteState,
    Subscription,
    SubscriptionStep,
    failed,
    missing,
    needs_renewal,
    refused,
    step,
    working,
)
from intents import NOON

HERE = "https://bot.example.com/ringcentral/events/"
DAY = timedelta(days=1)


def remote(
    left: timedelta, now: datetime = NOON, *, active: bool = True
) -> RemoteState:
    """Return a subscription at RingCentral that lives so long yet."""
    return RemoteState("sub-1", active, now + left)


def fresh(**more: object) -> Subscription:
    """Return a subscription that was never made."""
    return Subscription(account="a", next_at=NOON, **more)  # type: ignore[arg-type]


def test_one_is_made_watched_daily_and_renewed_before_it_ends() -> None:
    """After seven days without renewal, events would stop until somebody notices."""
    new = fresh()
    made = working(new, remote(7 * DAY), HERE, NOON)

    assert step(new, HERE, NOON) is SubscriptionStep.MAKE
    assert made.flows(HERE, NOON)
    assert made.next_at == NOON + WATCH_EVERY
    assert step(made, HERE, made.next_at) is SubscriptionStep.WATCH
    assert not needs_renewal(remote(7 * DAY), NOON)
    assert not needs_renewal(remote(7 * DAY), NOON + 2 * DAY)
    assert needs_renewal(remote(7 * DAY), NOON + 4 * DAY)


def test_one_that_has_expired_or_points_elsewhere_is_made_anew() -> None:
    """An operator who moves the bot to another address would get no events there."""
    made = working(fresh(), remote(7 * DAY), HERE, NOON)

    assert step(made, HERE, NOON + 7 * DAY) is SubscriptionStep.MAKE
    assert not made.flows(HERE, NOON + 7 * DAY)
    assert step(made, "https://other.example.com/", NOON) is SubscriptionStep.MAKE
    assert step(missing(made, NOON), HERE, NOON) is SubscriptionStep.MAKE


CHANGES = st.lists(
    st.sampled_from(["works", "missing", "refused", "failed", "waits"]), max_size=12
)


@given(CHANGES, st.timedeltas(timedelta(seconds=-5), timedelta(days=40)))
def test_whatever_happens_it_is_looked_at_again_within_a_day(
    changes: list[str], left: timedelta
) -> None:
    """A subscription that nobody looks at again, or each second, helps nobody."""
    one, now = fresh(), NOON
    for change in changes:
        now = max(now, one.next_at)
        match change:
            case "works":
                one = working(one, remote(left, now), HERE, now)
            case "missing":
                one = missing(one, now)
            case "refused":
                one = refused(one, "CallControl", now)
            case "waits":
                one = failed(one, now, 90.0)
            case _:
                one = failed(one, now)

        assert now <= one.next_at <= now + max(WATCH_EVERY, ASK_AGAIN, LONGEST_RETRY)
        assert not (one.trouble and one.flows(HERE, now))
        if change == "refused":
            assert one.next_at == now + ASK_AGAIN
        if change == "waits":
            assert one.next_at >= now + timedelta(seconds=90)
        if change in ("missing", "refused"):
            assert step(one, HERE, one.next_at) is SubscriptionStep.MAKE
