"""Upkeep of sign-ins: renewed in time, warned about, and their end reported once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.accounts.upkeep import needs_refresh, needs_warning
from bot.errors import (
    ChatBusy,
    ChatRefused,
    ChatUnknown,
    Disconnected,
    StoreUnavailable,
)
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.serving.oauth_flow import Arrival
from bot.storage.people.linked import Linked
from bot.storage.people.notices import Notice
from bot.vault import new_key
from fakes import FakeClock
from office import ANN, BOB, Office, an_office, beside
from patience import PATIENCE, until

NOW = FakeClock().now()


@pytest.fixture
async def office(double: RingCentralDouble, database_url: str) -> AsyncIterator[Office]:
    """Return an office with today's date, on SQLite and PostgreSQL in turn."""
    clock = FakeClock(double.clock.utc())
    async with an_office(double, database_url, clock=clock) as made:
        yield made


def told(office: Office, what: str) -> list[str]:
    """Return the people who got the message *what*."""
    return [user for said, user in office.told if said == what]


@pytest.mark.parametrize(
    ("kind", "left", "refresh", "warn"),
    [
        ("oauth", timedelta(days=3, seconds=1), False, False),
        ("oauth", timedelta(days=2), True, False),
        ("oauth", timedelta(days=-1), True, False),
        ("oauth", None, False, False),
        ("once", timedelta(minutes=11), False, False),
        ("once", timedelta(minutes=9), False, True),
        ("jwt", timedelta(days=4), False, False),
        ("jwt", timedelta(days=2), False, True),
        ("jwt", None, False, False),
        ("another", timedelta(0), False, False),
    ],
)
def test_what_is_due_depends_on_the_kind_and_the_time(
    kind: str, left: timedelta | None, *, refresh: bool, warn: bool
) -> None:
    """Renewable sign-ins are renewed without a warning; others are warned about."""
    ends: datetime | None = None if left is None else NOW + left
    linked = Linked(
        id="c",
        person=ANN,
        kind=kind,
        extension=None,  # type: ignore[arg-type]
        version=0,
        ends_at=ends,
        broken_at=None,
        phones=(),
        phones_at=NOW,
    )

    assert needs_refresh(linked, NOW) is refresh
    assert needs_warning(linked, NOW) is warn


# Renewing


async def test_a_sign_in_that_nobody_uses_is_kept_alive(office: Office) -> None:
    """After a two-week vacation the first call must work."""
    await office.connect()
    for _ in range(15):
        office.later(days=1)
        await office.upkeep.look()
        office.double.clock.skip(86_400)

    assert 2 <= office.double.refreshes_of("ann") <= 4
    assert await office.ask() == "Ann Example"
    assert office.told == [("connected", "UANN")]


async def test_one_that_is_used_is_left_alone(office: Office) -> None:
    """Its own refreshes already renew it."""
    await office.connect()
    office.later(days=3)
    await office.ask()
    used = office.double.refreshes_of("ann")
    office.later(days=3)

    await office.upkeep.look()

    assert office.double.refreshes_of("ann") == used


async def test_two_processes_keep_it_alive_together(office: Office) -> None:
    """One refresh is enough, whichever process looks."""
    await office.connect()
    office.later(days=5)

    async with beside(office) as other:
        await asyncio.gather(office.upkeep.look(), other.upkeep.look())

    assert office.double.refreshes_of("ann") == 1
    assert (await office.linked()).broken_at is None


async def test_an_outage_is_no_end(office: Office) -> None:
    """The next look tries again, and nobody gets a message."""
    await office.connect()
    office.later(days=5)
    office.double.faults.add("reset", path_contains="/oauth/token")

    await office.upkeep.look()
    assert office.double.refreshes_of("ann") == 0
    await office.upkeep.look()

    assert office.double.refreshes_of("ann") == 1
    assert office.told == [("connected", "UANN")]


async def test_a_lost_key_breaks_nothing(office: Office) -> None:
    """Until the operator restores the key, nobody is asked to connect again."""
    await office.connect()
    office.later(days=5)
    async with beside(office, keys=(new_key(),)) as other:
        await other.upkeep.look()
        assert (other.told, other.sign_in_ended.times) == ([], 0)

    await office.upkeep.look()
    assert office.double.refreshes_of("ann") == 1


# Sign-ins that ended


async def test_a_sign_in_that_ended_is_told_once_by_one_process(
    office: Office,
) -> None:
    """Two processes look at the same moment, and again later: one message."""
    await office.connect()
    await office.connect(BOB, "bob")
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.ask()

    async with beside(office) as other:
        for _ in range(3):
            await asyncio.gather(office.upkeep.look(), other.upkeep.look())
            office.later(days=1)
        assert told(office, "ended") + told(other, "ended") == ["UANN"]


async def test_a_notice_is_one_processs_to_post(office: Office) -> None:
    """A second one, that has read the same row, must not look for it while it is posted."""
    await office.connect()
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.ask()
    ended, now = await office.linked(), office.clock.now()
    lease = office.connections.notices.lease

    assert await lease(ended, Notice.ENDED, now) is not None
    assert await lease(ended, Notice.ENDED, now) is None


async def test_one_that_ended_unused_is_noticed_and_told(office: Office) -> None:
    """The person learns of it before they want to call somebody."""
    await office.connect()
    office.double.end_sessions("ann")
    office.later(days=5)

    await office.upkeep.look()  # tries to renew it
    assert office.sign_in_ended.times == 1
    await office.upkeep.look()

    assert told(office, "ended") == ["UANN"]


async def test_after_connecting_again_it_is_told_again(office: Office) -> None:
    """Each end needs its own message."""
    for _ in range(2):
        await office.connect()
        office.double.end_sessions("ann")
        with pytest.raises(Disconnected):
            await office.ask()
        await office.upkeep.look()
        await office.upkeep.look()

    assert told(office, "ended") == ["UANN", "UANN"]


async def test_who_disconnects_is_told_nothing_later(office: Office) -> None:
    """They know already."""
    await office.connect()
    await office.disconnecting.disconnect(ANN)
    office.later(days=10)

    await office.upkeep.look()

    assert office.told == [("connected", "UANN")]


# Messages that Slack does not take


async def ended_unheard(office: Office, *fails: Exception, loses: bool = False) -> None:
    """End Ann's sign-in while Slack answers the message with *fails*."""
    await office.connect()
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.ask()
    office.ears.fails, office.ears.loses = list(fails), loses
    await office.upkeep.look()


async def test_a_message_that_slack_had_no_time_for_is_told_later(
    office: Office,
) -> None:
    """It was certainly not posted: one process posts it after Slack's pause."""
    await ended_unheard(office, ChatBusy(60), ChatBusy(60))
    await office.upkeep.look()
    assert told(office, "ended") == []
    assert len(office.ears.fails) == 1  # Slack has said how long to wait

    async with beside(office) as other:
        other.ears.told = office.ears.told
        for _ in range(4):
            office.later(seconds=61)
            await asyncio.gather(office.upkeep.look(), other.upkeep.look())

        assert told(office, "ended") == ["UANN"]
        assert office.ears.looked + other.ears.looked == 0


@pytest.mark.parametrize("posted", [True, False])
async def test_a_message_that_may_be_there_is_looked_for(
    office: Office, *, posted: bool
) -> None:
    """The answer was lost: post it again only if it is not found."""
    await ended_unheard(office, ChatUnknown("TimeoutError"), loses=posted)
    assert told(office, "ended") == ["UANN"] * posted

    for _ in range(4):
        office.later(minutes=3)
        await office.upkeep.look()

    assert told(office, "ended") == ["UANN"]
    assert office.ears.looked == 1


async def test_a_process_that_died_while_telling_is_followed_by_another(
    office: Office,
) -> None:
    """After kill -9 the message may have been posted: look for it, then post."""
    await office.connect()
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.ask()
    hanging = asyncio.Event()

    async def dies(linked: Linked, notice: Notice, *, before: float) -> None:
        del linked, notice, before
        hanging.set()
        await asyncio.Event().wait()

    office.ears.tell = dies  # type: ignore[method-assign]  # a fake's
    dying = asyncio.create_task(office.upkeep.look())
    await hanging.wait()
    dying.cancel()

    async with beside(office) as other:
        await other.upkeep.look()
        assert other.told == []
        office.later(minutes=2)
        await other.upkeep.look()
        await other.upkeep.look()

        assert told(other, "ended") == ["UANN"]
        assert other.ears.looked == 1


async def test_who_can_not_be_told_is_given_up(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """If their DM refuses messages, retrying won't help; the log says so."""
    await ended_unheard(office, ChatRefused("messages_tab_disabled"))

    for _ in range(3):
        office.later(minutes=11)
        await office.upkeep.look()

    assert told(office, "ended") == []
    assert caplog.text.count("a person can't be told about their sign-in") == 1


async def test_a_token_that_an_operator_mends_tells_them_then(office: Office) -> None:
    """Slack refused the bot's token, not the person's DM."""
    await ended_unheard(office, ChatRefused("invalid_auth"))
    office.later(minutes=9)
    await office.upkeep.look()
    assert told(office, "ended") == []

    office.later(minutes=1)
    await office.upkeep.look()

    assert told(office, "ended") == ["UANN"]


async def test_a_warning_is_told_later_too(office: Office) -> None:
    """It is the last chance to connect again before calls fail."""
    await office.connecting.by_jwt(ANN, office.double.jwt_of("ann", lives=86_400))
    office.ears.fails = [ChatBusy(1)]
    for _ in range(4):
        await office.upkeep.look()
        office.later(minutes=1)

    assert told(office, "ending") == ["UANN"]


async def test_who_connected_again_meanwhile_is_told_of_the_next_end(
    office: Office,
) -> None:
    """A late message about the old sign-in must not count for the new one."""
    await office.connect()
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.ask()
    hear = office.ears.tell

    async def slowly(linked: Linked, notice: Notice, *, before: float) -> None:
        await hear(linked, notice, before=before)
        office.later(seconds=1)
        await office.connect()

    office.ears.tell = slowly  # type: ignore[method-assign]  # a fake's
    await office.upkeep.look()
    office.ears.tell = hear  # type: ignore[method-assign]
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.ask()
    await office.upkeep.look()

    assert told(office, "ended") == ["UANN", "UANN"]


# Sign-ins that are about to end


async def test_an_hours_sign_in_is_warned_of_ten_minutes_before(
    office: Office,
) -> None:
    """Without refresh tokens a sign-in lasts an hour; one process warns once."""
    office.double.logins.refresh_tokens = False
    await office.connect()
    async with beside(office) as other:
        for minutes in (49, 2, 2, 2):
            office.later(minutes=minutes)
            await asyncio.gather(office.upkeep.look(), other.upkeep.look())
            if minutes == 49:
                assert (told(office, "ending"), told(other, "ending")) == ([], [])
        assert told(office, "ending") + told(other, "ending") == ["UANN"]


async def test_one_that_gets_no_refresh_tokens_any_more_is_warned_of(
    office: Office,
) -> None:
    """Somebody changed the app at RingCentral: within an hour nobody could call."""
    await office.connect()
    office.double.logins.refresh_tokens = False
    office.later(minutes=59)
    await office.ask()
    assert (await office.linked()).kind == "once"
    for minutes in (0, 49, 2, 2, 2):
        office.later(minutes=minutes)
        await office.upkeep.look()
        expected = ["UANN"] if minutes == 2 else []
        assert told(office, "ending") == expected

    office.later(minutes=6)
    with pytest.raises(Disconnected):
        await office.ask()
    await office.upkeep.look()

    assert told(office, "ended") == ["UANN"]


async def test_a_credential_that_ends_is_warned_of_three_days_before(
    office: Office,
) -> None:
    """One warning, despite new tokens again and again; then it ends, and that is told too."""
    jwt = office.double.jwt_of("ann", lives=10 * 86_400)
    await office.connecting.by_jwt(ANN, jwt)
    near, now = range(24 * 7 - 6, 24 * 7 + 6), 0
    for hour in sorted({*range(6, 24 * 10, 6), *near}):
        office.later(hours=hour - now)
        now = hour
        if hour % 6 == 0:
            await office.ask()
        await office.upkeep.look()
        if hour != 24 * 7:  # RingCentral does not give it to the second
            expected = [] if hour < 24 * 7 else ["UANN"]
            assert told(office, "ending") == expected, hour
    assert office.double.refreshes_of("ann") > 20

    office.double.clock.skip(11 * 86_400)
    office.later(days=1)
    with pytest.raises(Disconnected):
        await office.ask()
    await office.upkeep.look()
    await office.upkeep.look()

    assert told(office, "ended") == ["UANN"]
    assert told(office, "ending") == ["UANN"]


async def test_a_new_credential_is_warned_of_anew(office: Office) -> None:
    """The old warning was about the old credential."""
    for _ in range(2):
        await office.connecting.by_jwt(ANN, office.double.jwt_of("ann", lives=86_400))
        office.double.revoke_jwts("ann")
        await office.upkeep.look()
        await office.upkeep.look()

    assert told(office, "ending") == ["UANN", "UANN"]


async def test_a_credential_without_an_end_is_not_warned_of(office: Office) -> None:
    """RingCentral lets people create credentials that never expire."""
    await office.connecting.by_jwt(ANN, office.double.jwt_of("ann"))
    office.later(days=4000)

    await office.upkeep.look()

    assert office.told == [("connected", "UANN")]


# The periodic look itself


async def test_a_sign_in_that_breaks_is_looked_after_at_once(office: Office) -> None:
    """The person must not wait half a minute for the message."""
    async with beside(office, every=3600.0) as other:
        await other.connect()
        looking = asyncio.create_task(other.upkeep.run())
        await until(lambda: other.upkeep._sign_in_ended._waiters)
        other.double.end_sessions("ann")
        with pytest.raises(Disconnected):
            await other.ask()

        await until(lambda: told(other, "ended"))
        looking.cancel()


async def test_looking_goes_on_whatever_happens(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After a database outage or a bug, the next look must still run."""
    caplog.set_level(logging.INFO)
    broken: list[Exception | None] = [StoreUnavailable("x"), ValueError("x"), None]
    looks = []

    async def untold(_now: datetime) -> list[Linked]:
        looks.append(1)
        error = broken.pop(0) if broken else None
        if error is not None:
            raise error
        return []

    async with beside(office, every=0.01) as other:
        monkeypatch.setattr(other.connections.notices, "broken", untold)
        looking = asyncio.create_task(other.upkeep.run())
        await until(lambda: len(looks) >= 4)
        looking.cancel()

    assert "upkeep of sign-ins waits for the database" in caplog.text
    assert caplog.text.count("the upkeep of sign-ins failed") == 1


async def test_somebody_who_cannot_be_told_keeps_nobody_else_from_it(
    office: Office,
) -> None:
    """If Slack refuses one person's message, the next person still gets theirs."""
    for person, name in ((ANN, "ann"), (BOB, "bob")):
        await office.connect(person, name)
        office.double.end_sessions(name)
        with pytest.raises(Disconnected):
            await office.ask(person)
    hear: Any = office.ears.tell

    async def deaf(linked: Linked, notice: Notice, *, before: float) -> None:
        if linked.person == ANN:
            raise ValueError("a fault of ours")
        await hear(linked, notice, before=before)

    office.ears.tell = deaf  # type: ignore[method-assign]  # a fake's
    looking = asyncio.create_task(office.upkeep.run())
    office.sign_in_ended.set()
    async with asyncio.timeout(PATIENCE):
        while not told(office, "ended"):
            office.sign_in_ended.set()
            await asyncio.sleep(0.01)
    looking.cancel()

    assert told(office, "ended") == ["UBOB"]


async def test_sign_ins_of_yesterday_are_forgotten(office: Office) -> None:
    """Old hashes and names are of no use, so they must not be stored."""
    await office.begin()
    await office.connecting.link(BOB, "Bob")
    office.later(days=1, minutes=9)
    await office.upkeep.look()
    assert len((await office.rows("pending_sign_ins"))["pending_sign_ins"]) == 3

    office.later(minutes=2)
    await office.upkeep.look()

    assert (await office.rows("pending_sign_ins"))["pending_sign_ins"] == []


async def test_a_link_of_a_moment_ago_survives_the_look(office: Office) -> None:
    """A cleanup in the middle of a sign-in must not break its link."""
    url, cookie = await office.begin()
    back = await office.allowed(url)

    await office.upkeep.look()

    linked = await office.connecting.finish(
        Arrival(back["state"], back["code"], cookie)
    )
    assert replace(linked, phones=()).person == ANN
