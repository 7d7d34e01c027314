"""Commands must reach the bot, and its messages Slack, whatever breaks in between."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text as sql

from bot.app.bot import Bot
from bot.calls.call import State
from bot.calls.timing import USUAL_WAITS, Waits
from bot.errors import StoreUnavailable
from bot.sandbox.slack.faults import GARBAGE, SlackFaultKind
from bot.slack.entrances.http import Endpoint
from bot.slack.entrances.socket import Socket
from bot.slack.posting import web
from bot.storage.calls.takeover import USUAL_TAKEOVER
from patience import PATIENCE
from stored import in_state
from town import CALLEE, MASKED, QUICK, Town

PING = 0.5  # a pong has half of that, which a busy machine may need
SHORT = "caller-busy"
"""A call that ends at once, with a reply."""


async def open_http(town: Town, users: str = "") -> None:
    """Start the bot behind signed HTTP."""
    await town.open(
        SLACK_APP_TOKEN="",
        SLACK_SIGNING_SECRET=town.slack.signing_secret,
        PORT="0",
        RINGOUT_ALLOWED_USERS=users,
    )


@pytest.fixture
async def town(town: Town) -> Town:
    """Return a town where calls are short."""
    town.ringcentral.play(SHORT)
    return town


@pytest.fixture
async def closed_town(closed_town: Town) -> Town:
    """Return a town where calls are short; each test starts its bot."""
    closed_town.ringcentral.play(SHORT)
    return closed_town


@pytest.fixture
async def http_town(closed_town: Town) -> Town:
    """Return a town whose bot uses signed HTTP."""
    await open_http(closed_town)
    return closed_town


@pytest.fixture
async def pinging(closed_town: Town) -> Town:
    """Return a town whose bot pings Slack often."""
    await closed_town.open(replace(QUICK, ping=PING))
    return closed_town


async def done(town: Town, many: int = 1) -> None:
    """Wait until *count* calls have their result; a card may still be edited again."""
    assert town.bot is not None
    try:
        async with asyncio.timeout(PATIENCE):
            while (
                len(await in_state(town.bot._store, State.DONE, State.CLOSING)) < many
            ):
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(await _all(town)) from None


async def _all(town: Town) -> list[State]:
    assert town.bot is not None
    return [each for each in State if await in_state(town.bot._store, each)]


# Socket Mode


async def test_slack_asks_for_a_new_connection(pinging: Town) -> None:
    """It does so every few hours; a command right afterward must still work."""
    await pinging.slack.sockets.disconnect()
    await pinging.until(lambda: pinging.slack.sockets.made > 1)

    ack = await pinging.types()

    assert ack.ok
    await pinging.until(pinging.cards)


async def test_a_warning_leaves_the_connection_working(pinging: Town) -> None:
    """Slack announces a new connection seconds ahead; commands must still work."""
    await pinging.slack.sockets.disconnect("warning")

    assert (await pinging.types()).ok
    await pinging.until(pinging.cards)


async def test_a_broken_connection_is_made_anew(pinging: Town) -> None:
    """A network may break without closing the connection."""
    await pinging.slack.sockets.cut()
    await pinging.until(lambda: pinging.slack.sockets.made > 1)

    ack = await pinging.types()

    assert ack.ok
    await pinging.finished()
    assert pinging.posts == 1


async def test_a_dead_connection_is_noticed(pinging: Town) -> None:
    """It looks open for hours while no command arrives; pings reveal it."""
    pinging.slack.sockets.go_silent()
    await pinging.until(lambda: pinging.slack.sockets.made > 1)
    await pinging.until(
        lambda: all(not each.silent for each in pinging.slack.sockets.open)
    )

    ack = await pinging.types()

    assert ack.ok
    assert pinging.bot is not None
    assert isinstance(pinging.bot.door, Socket)
    await pinging.until(pinging.cards)


async def test_a_stop_leaves_no_heartbeat_behind(pinging: Town) -> None:
    """Else the loop might end between a ping's start and its sending."""
    assert (await pinging.types()).ok
    assert pinging.bot is not None
    assert isinstance(pinging.bot.door, Socket)
    connection = pinging.bot.door.client.current_session
    assert connection is not None

    await pinging.close()

    assert connection.closed
    assert connection._heartbeat_cb is None


async def test_slack_is_away_for_a_while(pinging: Town) -> None:
    """The bot must keep trying to connect, not just once."""
    pinging.slack.faults.add("status", "apps.connections.open", times=2)
    await pinging.slack.sockets.cut()
    await pinging.until(lambda: pinging.slack.sockets.made > 1)

    assert (await pinging.types()).ok
    await pinging.until(pinging.cards)


# Signed HTTP


async def test_a_whole_call_over_http_with_a_click(http_town: Town) -> None:
    """With HTTP instead of Socket Mode, everything must work the same."""
    ack = await http_town.types()
    card = await http_town.finished()
    click = await http_town.slack.click("ann", card, "call_again")
    await http_town.finished(1)

    assert "415-555-0142" in ack.text
    assert click.ok
    assert http_town.posts == 2
    assert http_town.slack.sockets.made == 0
    assert http_town.bot is not None
    assert isinstance(http_town.bot.door, Endpoint)


def a_body(town: Town) -> str:
    """Return a command as Slack would send it, without sending it."""
    deliveries = town.slack.deliveries
    people = town.slack.workspace
    sent = deliveries.command(
        people.user("ann"), people.channel("sales"), "/ringout", CALLEE, None
    )
    return urlencode(sent.payload)


WRONG = (
    "signature",
    "another secret",
    "version",
    "old",
    "future",
    "word",
    "digits",
    "endless",
    "no timestamp",
    "no signature",
    "no headers",
    "non-ascii",
    "body",
)


def spoilt(town: Town, wrong: str) -> tuple[str, dict[str, str]]:
    """Return a command and its headers, with one thing wrong."""
    body = a_body(town)
    stamps = {
        "old": str(int(time.time()) - 400),
        "future": str(int(time.time()) + 400),
        "word": "yesterday",
        "digits": "\u0967\u0968\u0969",
        "endless": "9" * 5000,
    }
    headers = town.slack.deliveries.signed(body, stamps.get(wrong))
    signature = headers["X-Slack-Signature"]
    match wrong:
        case "signature":
            last = "0" if signature[-1] != "0" else "1"
            headers["X-Slack-Signature"] = signature[:-1] + last
        case "another secret":
            base = f"v0:{headers['X-Slack-Request-Timestamp']}:{body}".encode()
            digest = hmac.new(b"another", base, hashlib.sha256).hexdigest()
            headers["X-Slack-Signature"] = f"v0={digest}"
        case "version":
            headers["X-Slack-Signature"] = signature.replace("v0=", "v1=")
        case "no timestamp":
            del headers["X-Slack-Request-Timestamp"]
        case "no signature":
            del headers["X-Slack-Signature"]
        case "no headers":
            headers = {"Content-Type": headers["Content-Type"]}
        case "non-ascii":
            headers["X-Slack-Signature"] = "v0=é"
        case "body":
            body += "0"
    return body, headers


async def test_who_is_not_slack_is_refused(
    http_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody can find the address: status 401, no effect, nothing of it in the log."""
    caplog.set_level(logging.DEBUG)
    for wrong in WRONG:
        status, answer = await http_town.slack.deliveries.post(
            *spoilt(http_town, wrong)
        )
        assert (wrong, status) == (wrong, 401)
        assert CALLEE.removeprefix("+") not in str(answer)
    await _nothing_happened(http_town, caplog)


async def test_nothing_gets_in_unsigned(
    http_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack's old certificate check and undecodable bytes are no way in."""
    caplog.set_level(logging.DEBUG)
    session = http_town.slack.deliveries.session
    assert session is not None
    form = "application/x-www-form-urlencoded"
    for body in (b"ssl_check=1&text=14155550142", b"\xff4155550142"):
        for kind in (form, f"{form}; charset=no-such", "application/json"):
            async with session.post(
                http_town.slack.deliveries.request_url,
                data=body,
                headers={"Content-Type": kind},
            ) as response:
                assert response.status == 401
    await _nothing_happened(http_town, caplog)


async def _nothing_happened(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    assert town.bot is not None
    await town.bot._clock.sleep(0.05)
    assert town.posts == 0
    assert town.slack.everything() == []
    assert await _all(town) == []
    assert "4155550142" not in caplog.text
    assert "trigger_id" not in caplog.text
    assert not [each for each in caplog.records if each.levelno > logging.WARNING]


async def test_a_recorded_request_dials_once(http_town: Town) -> None:
    """Its signature is valid for five minutes, and Slack itself repeats requests."""
    body = a_body(http_town)
    headers = http_town.slack.deliveries.signed(body)

    first = await http_town.slack.deliveries.post(body, headers)
    again = await http_town.slack.deliveries.post(body, headers)
    await http_town.finished()
    later = await http_town.slack.deliveries.post(body, headers)

    assert [first[0], again[0], later[0]] == [200, 200, 200]
    assert http_town.posts == 1
    assert len(http_town.cards()) == 1


async def test_an_unknown_command_does_nothing(
    http_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """The manifest may name a command that this version does not have."""
    caplog.set_level(logging.DEBUG)

    ack = await http_town.types(command="/fax")

    assert ack.status == 404
    await _nothing_happened(http_town, caplog)


async def test_other_paths_are_not_there(http_town: Town) -> None:
    """Scanners must find nothing but one path and one method."""
    session = http_town.slack.deliveries.session
    assert session is not None
    url = http_town.slack.deliveries.request_url
    async with session.get(url) as got, session.post(f"{url}/x") as posted:
        assert (got.status, posted.status) == (405, 404)


async def test_a_client_id_in_the_environment_changes_nothing(
    closed_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt reads these variables, and would use OAuth instead of the bot's token."""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "VERIFICATION_TOKEN"):
        monkeypatch.setenv(f"SLACK_{name}", "1.2")
    await open_http(closed_town)

    ack = await closed_town.types()

    assert ack.ok
    await closed_town.finished()


# Who may call


@pytest.mark.parametrize("http", [False, True])
async def test_who_is_not_on_the_list_is_told_so_privately(
    closed_town: Town, *, http: bool
) -> None:
    """This covers commands and buttons; everybody else can go on."""
    if http:
        await open_http(closed_town, users="U0BOB")
    else:
        await closed_town.open(RINGOUT_ALLOWED_USERS="U0BOB")

    ack = await closed_town.types()

    assert "aren't allowed to place calls" in ack.text
    asked = await closed_town.types("", command="/callstatus")
    assert "aren't allowed" in asked.text
    assert closed_town.cards() == []
    assert closed_town.posts == 0
    assert (await closed_town.types(user="bob")).ok
    card = await closed_town.finished()
    told = len(closed_town.slack.private("ann"))
    await closed_town.slack.click("ann", card, "call_again")
    await closed_town.until(lambda: len(closed_town.slack.private("ann")) > told)
    assert closed_town.posts == 1


async def test_calls_come_from_allowed_channels(closed_town: Town) -> None:
    """The operator chooses the channels; a refusal is visible to that person only."""
    await closed_town.open(RINGOUT_ALLOWED_CHANNELS="C0SALES")

    ack = await closed_town.types(channel="deals")

    assert "aren't allowed in this channel" in ack.text
    assert closed_town.posts == 0
    assert closed_town.slack.dm("ann") == []
    assert (await closed_town.types()).ok
    await closed_town.until(closed_town.cards)


@pytest.mark.on_both
async def test_one_call_a_minute(closed_town: Town) -> None:
    """The limit is per person, and a refused call is not dialed later."""
    await closed_town.open(RINGOUT_CALLS_PER_MINUTE="1")

    await closed_town.types()
    second = await closed_town.types("+14155550143")
    await closed_town.types(user="bob")
    await closed_town.finished(1)

    assert "more than 1 call" in second.text
    assert closed_town.posts == 2


# Answering in time


def held() -> tuple[Callable[[object], Awaitable[None]], asyncio.Event]:
    """Return a hook that makes a double wait until the event is set."""
    event = asyncio.Event()

    async def hook(_: object) -> None:
        await event.wait()

    return hook, event


async def test_the_ack_does_not_wait_for_ringcentral(town: Town) -> None:
    """RingCentral hangs; the person still reads at once that the call is under way."""
    town.ringcentral.door.on_request, acked = held()
    asked = len(town.ringcentral.requests)

    ack = await town.types()
    await town.until(lambda: len(town.ringcentral.requests) > asked)
    another = await town.types("", command="/callstatus")
    acked.set()

    assert ack.ok
    assert another.ok
    assert "Calling you on" in ack.text


async def test_the_ack_does_not_wait_for_slack(town: Town) -> None:
    """The card can't be posted; the ack must still arrive."""
    await town.meets()
    town.slack.door.on_call, acked = held()

    ack = await town.types()
    await town.until(lambda: town.slack.calls_of("chat.postMessage"))
    acked.set()

    assert ack.ok
    await town.finished()
    assert len(town.cards()) == 1


@pytest.mark.on_both
async def test_without_a_database_nothing_is_dialed(town: Town) -> None:
    """A call that is not stored must not ring; the person is told at once."""
    assert town.bot is not None
    await _drop(town.bot)

    ack = await town.types()

    assert "can't save anything" in ack.text
    assert "no call was placed" in ack.text
    assert ack.ok
    assert town.cards() == []
    assert town.posts == 0


async def _drop(bot: Bot) -> None:
    """Drop the table, even if the follower uses it in the same batch."""
    for _ in range(10):
        with contextlib.suppress(StoreUnavailable):
            await bot._store.writer.run(
                lambda connection: connection.execute(
                    sql("ALTER TABLE calls RENAME TO gone")
                )
            )
            return


# What Slack does with messages


async def test_a_limit_of_slack_is_waited_out(town: Town) -> None:
    """The bot waits as long as Slack asks, and then posts everything."""
    methods = ("chat.postMessage", "chat.update")
    for method in methods:
        town.slack.faults.add("ratelimited", method, retry_after=1)

    await town.types()
    card = await town.finished()
    await done(town)

    for method in methods:
        calls = [each for each in town.slack.calls if each.method == method]
        at = next(n for n, each in enumerate(calls) if each.status == 429)
        assert calls[at + 1].time - calls[at].time >= 0.99
    assert len(town.cards()) == 1
    assert len(town.slack.thread(card)) == 1
    assert town.posts == 1


KINDS: tuple[SlackFaultKind, ...] = ("reset", "status", "error")


LANDED = timedelta(seconds=1.6)
"""After this, no message of the story below can still land."""


@pytest.mark.parametrize("is_reply", [False, True])
async def test_what_slack_posts_after_we_gave_up_waiting_is_not_posted_twice(
    closed_town: Town, *, is_reply: bool
) -> None:
    """Slack may still carry out a request whose answer we stopped waiting for."""
    town = closed_town
    # Nobody's standing is asked, for which a busy machine may need as long.
    await town.open(
        replace(QUICK, slack=0.3, waits=Waits(look=LANDED)), RINGOUT_GUESTS="on"
    )
    fault = town.slack.faults.add(
        "slow",
        "chat.postMessage",
        seconds=LANDED.total_seconds() / 2,
        where=lambda args: bool(args.get("thread_ts")) is is_reply,
    )

    await town.types()
    card = await town.finished()
    await done(town, 1)

    assert fault.hits == 1
    assert len(town.cards()) == len(town.slack.thread(card)) == 1


def test_a_post_is_given_as_long_to_land_by_who_waited_as_by_the_next_process() -> None:
    """Both processes must wait equally long before they look for the message."""
    lands = timedelta(seconds=web.SLACK_TIMEOUT) + USUAL_WAITS.look
    assert lands >= USUAL_TAKEOVER.post_in_flight


@pytest.mark.on_both
@pytest.mark.parametrize("is_reply", [False, True])
async def test_a_lost_answer_posts_nothing_twice(town: Town, *, is_reply: bool) -> None:
    """Whether Slack took it or not: one card, one reply, one ring."""
    ways = [(kind, before) for kind in KINDS for before in (False, True)]
    faults = []
    for last, (kind, before) in enumerate(ways):

        def where(args: Mapping[str, Any], last: int = last) -> bool:
            return (
                f"019{last}" in args["text"] and bool(args.get("thread_ts")) is is_reply
            )

        faults.append(
            town.slack.faults.add(
                kind, "chat.postMessage", where=where, before_effect=before, status=500
            )
        )

    for last in range(len(ways)):
        await town.types(f"+1415555019{last}")
    await done(town, len(ways))

    assert [fault.hits for fault in faults] == [1] * len(ways)
    assert len(town.cards()) == len(ways)
    for card in town.cards():
        assert len(town.slack.thread(card)) == 1
        assert "call_again" in str(card.blocks)
    assert town.posts == len(ways)


@pytest.mark.on_both
async def test_a_lost_edit_is_made_again(town: Town) -> None:
    """The card must not show an old state forever."""
    for last, kind in enumerate(KINDS):

        def where(args: Mapping[str, Any], last: int = last) -> bool:
            return f"019{last}" in args["text"] and "call_again" in str(args["blocks"])

        town.slack.faults.add(kind, "chat.update", where=where, status=500)

    for last in range(len(KINDS)):
        await town.types(f"+1415555019{last}")
    await done(town, len(KINDS))

    for number in range(len(KINDS)):
        assert "call_again" in str((await town.finished(number)).blocks)


@pytest.mark.parametrize("half", range(2))
@pytest.mark.parametrize("is_reply", [False, True])
async def test_an_answer_that_is_none_posts_nothing_twice(
    town: Town, *, is_reply: bool, half: int
) -> None:
    """After bytes, HTML or odd JSON, the message may or may not be there.

    In two parts, because all at once would be more edits than Slack takes in a minute.
    """
    ways = [*((shape, False) for shape in GARBAGE), ("bare", True)][half::2]
    faults = []
    for last, (shape, before) in enumerate(ways):

        def where(args: Mapping[str, Any], last: int = last) -> bool:
            is_it = f"…77{last:02}" in args["text"]
            return is_it and bool(args.get("thread_ts")) is is_reply

        body, content_type = GARBAGE[shape]
        faults.append(
            town.slack.faults.add(
                "garbage",
                "chat.postMessage",
                where=where,
                before_effect=before,
                body=body,
                content_type=content_type,
            )
        )

    for last in range(len(ways)):
        await town.types(f"+141555577{last:02}")
    await done(town, len(ways))

    assert [fault.hits for fault in faults] == [1] * len(ways)
    assert len(town.cards()) == town.posts == len(ways)
    for card in town.cards():
        assert len(town.slack.thread(card)) == 1
        assert "call_again" in str(card.blocks)


@pytest.mark.parametrize("third", range(3))
async def test_a_last_edit_whose_answer_is_none_is_made_again(
    town: Town, third: int
) -> None:
    """If it counted as done, the card of a finished call would look live.

    In three parts, because all at once would be more edits than Slack takes in a
    minute.
    """
    garbage = list(GARBAGE.values())[third::3]
    for last, (body, content_type) in enumerate(garbage):

        def where(args: Mapping[str, Any], last: int = last) -> bool:
            return f"…77{last:02}" in args["text"] and "call_again" in str(
                args["blocks"]
            )

        town.slack.faults.add(
            "garbage", "chat.update", where=where, body=body, content_type=content_type
        )

    for last in range(len(garbage)):
        await town.types(f"+141555577{last:02}")
    await done(town, len(garbage))

    for number in range(len(garbage)):
        assert "call_again" in str((await town.finished(number)).blocks)


@pytest.mark.parametrize("shape", ["bytes", "charset"])
async def test_an_answer_at_a_response_url_may_be_anything(
    town: Town, shape: str
) -> None:
    """Status 200 is enough; an odd body must not make us send it twice."""
    body, content_type = GARBAGE[shape]
    await town.types()
    card = await town.finished()
    told = len(town.slack.private("ann"))
    fault = town.slack.faults.add(
        "garbage",
        "response_url",
        before_effect=False,
        body=body,
        content_type=content_type,
    )

    await town.slack.click("ann", card, "call_again")
    await town.finished(1)

    assert fault.hits == 1
    assert len(town.slack.private("ann")) == told + 1


async def test_slack_answers_nothing_when_asked_where_to_connect(pinging: Town) -> None:
    """After a broken connection the bot must come back, whatever Slack answers."""
    for shape in ("bytes", "cut short", "list", "bare"):
        body, content_type = GARBAGE[shape]
        pinging.slack.faults.add(
            "garbage", "apps.connections.open", body=body, content_type=content_type
        )
    await pinging.slack.sockets.cut()
    await pinging.until(lambda: pinging.slack.sockets.made > 1)

    assert (await pinging.types()).ok
    await pinging.until(pinging.cards)


async def test_somebody_deletes_the_card(town: Town) -> None:
    """The call is still followed to its end, and the person gets the result."""
    await town.types()
    card = await town.until(lambda: next(iter(town.cards()), None))
    assert card is not None
    card.deleted = True

    await done(town)

    assert town.posts == 1
    assert town.cards() == []
    [direct] = town.slack.dm("ann")
    assert MASKED in direct.text
    assert len(town.slack.thread(direct)) == 1
