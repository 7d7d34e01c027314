"""What people and operators read during and after outages.

During each outage people get a message and operators a log line, no phone rings by
mistake, and calls that were in flight get one result afterward.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Connection, event

from bot.clock import RealClock
from bot.ringcentral.sign_in.session import SignInWaits
from bot.ringcentral.transport.bounds import AnswerBounds
from bot.sandbox.ports import free_port
from bot.sandbox.slack.grants import Grant
from bot.storage.database.writer import Writer
from own import whispered
from patience import PATIENCE, until
from postgres import Server
from scene import Scene
from talking import TALKING, connected, hang_up
from town import MASKED, QUICK, Town


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Capture warnings."""
    caplog.set_level(logging.WARNING)
    return caplog


ROOM = 1_000_000
"""Database pages; more than any test fills."""


async def no_room(writer: Writer) -> Callable[[], Awaitable[None]]:
    """Stop SQLite's file from growing; return a function that lets it grow again.

    SQLite's error is the one it gives on a full disk.
    """
    most = [1]  # it is never made smaller than it is

    def limit(connection: Any, _record: object = None) -> None:
        connection.execute(f"PRAGMA max_page_count = {most[0]}")

    def now(connection: Connection) -> None:
        limit(connection.connection.driver_connection)

    async def give() -> None:
        most[0] = ROOM
        await writer.run(now)

    event.listen(writer.engine, "connect", limit)
    await writer.run(now)
    return give


async def test_a_full_database_refuses_commands_and_loses_no_call(
    town: Town, heard: pytest.LogCaptureFixture
) -> None:
    """A call that can't be stored must not be placed: nobody would follow it."""
    town.ringcentral.play(TALKING)
    await town.types()
    await connected(town)
    assert town.bot is not None

    give = await no_room(town.bot._store.writer)
    acks = []
    for index in range(100):  # the last pages still have room for a few calls
        acks.append(await town.types(f"+1415555{200 + index:04d}"))
        if "Calling you on" not in acks[-1].text:
            break
    await give()
    again = await town.types("+14155550177")
    placed = len(acks)  # the first one and this one, without the refused one

    def given_up() -> int:
        """Count the people who were told that their call could not be stored."""
        return sum("was not placed" in card.text for card in town.cards())

    await until(lambda: len(town.ringcentral.calls) + given_up() > placed)
    await hang_up(town)
    reply = await town.reply()

    assert "can't save anything" in acks[-1].text
    assert "no call was placed" in acks[-1].text
    assert "database or disk is full" in heard.text
    assert "Calling you on" in again.text
    assert "Callee: answered" in reply.text
    assert town.posts == placed + 1 - given_up()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(words, check=False).returncode:
        pytest.skip("mounts a full disk: run it as root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S607 - on the PATH


@asynccontextmanager
async def filled(disk: Path) -> AsyncIterator[None]:
    """Fill a disk completely, including blocks that are freed meanwhile."""
    file = disk / "others"

    async def fill() -> None:
        with file.open("ab", buffering=0) as others:
            while True:
                with suppress(OSError):
                    while others.write(b"x" * 512):
                        pass
                await asyncio.sleep(0.01)

    filling = asyncio.create_task(fill())
    try:
        yield
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
        file.unlink()


async def test_a_full_disk_is_told_to_everybody_and_loses_no_call(
    scene: Scene, small_disk: Path
) -> None:
    """People read it in the ack, operators in the log and /readyz; the bot recovers."""
    town, port = scene.town, free_port()
    town.env |= {"DATABASE_URL": f"sqlite:///{small_disk}/calls.db", "PORT": f"{port}"}
    town.ringcentral.play(TALKING)
    process = await scene.ready(HURRIED_TAKEOVER="1")
    await town.types()
    await connected(town)

    async with filled(small_disk):
        await readiness(port, ok=False)
        refused = await town.types("+14155550177")
        posts = town.posts
    await readiness(port, ok=True)
    again = await town.types("+14155550178")
    await town.until(lambda: len(town.ringcentral.calls) == 2)
    await hang_up(town)
    [reply] = await town.until(lambda: town.slack.thread(town.cards()[0]))
    await scene.done(2)

    assert "can't save anything" in refused.text
    assert "no call was placed" in refused.text
    assert "database or disk is full" in process.log
    assert "Calling you on" in again.text
    assert "Callee: answered" in reply.text
    assert (posts, town.posts) == (1, 2)


async def readiness(port: int, *, ok: bool) -> None:
    """Wait until ``/readyz`` reports this state of the database."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
        while True:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                found = await answer.json()
            if found["checks"]["database"]["ok"] is ok:
                assert answer.status == (200 if found["ok"] else 503)
                return
            await asyncio.sleep(0.2)


async def test_a_database_that_is_gone_for_a_while_loses_no_call(
    closed_town: Town, postgres: Server, heard: pytest.LogCaptureFixture
) -> None:
    """Restarting PostgreSQL during calls is everyday work for an operator.

    Calls are polled again at once, not when the lease of a failed poll expires.
    """
    town = closed_town
    url = await asyncio.to_thread(postgres.fresh_database, migrated=True)
    await town.open(DATABASE_URL=url)
    town.ringcentral.play(TALKING)
    await town.types()
    await connected(town)

    await asyncio.to_thread(postgres.stop)
    ack = await town.types("+14155550177")
    posts = town.posts
    await hang_up(town)
    await asyncio.to_thread(postgres.start)
    [reply] = await town.until(lambda: town.slack.thread(town.cards()[0]))

    assert "can't save anything" in ack.text
    assert "no call was placed" in ack.text
    assert "database:" in heard.text
    assert posts == town.posts == 1
    assert "Callee: answered" in reply.text
    assert len(town.slack.thread(town.cards()[0])) == 1


async def test_a_revoked_jwt_is_told_on_the_card(
    town: Town, heard: pytest.LogCaptureFixture
) -> None:
    """Somebody deletes the credential at RingCentral while the bot runs."""
    logins = town.ringcentral.logins
    jwt, logins.jwt = logins.jwt, "another.user.jwt"
    logins.forget()

    await town.types()
    card = await town.finished()

    assert "doesn't accept the bot's sign-in" in card.text
    assert town.posts <= 1  # a 401 has certainly not rung a phone
    assert town.ringcentral.calls == []
    assert "RingCentral refuses the sign-in" in heard.text
    assert jwt not in heard.text


SOON_SILENT = replace(
    QUICK,
    sign_in=SignInWaits(refused=0.2),
    waits=replace(QUICK.waits, silent=timedelta(seconds=0.2)),
)
"""The card soon says that RingCentral can't be reached; the bot goes on asking."""

HURRIED = replace(
    SOON_SILENT, waits=replace(SOON_SILENT.waits, unanswered=timedelta(seconds=1.2))
)
"""The bot soon gives up asking, too."""


def revoked(town: Town) -> str:
    """Delete the credential and all its sessions at RingCentral; return it."""
    logins = town.ringcentral.logins
    jwt, logins.jwt = logins.jwt, "another.user.jwt"
    logins.forget()
    return jwt


async def silent(town: Town) -> None:
    """Wait until the card says since when the status is unknown."""
    await town.until(
        lambda: any("can't be reached (since" in card.text for card in town.cards())
    )


@pytest.mark.real_time
async def test_a_jwt_that_is_revoked_and_mended_in_mid_call_costs_no_result(
    closed_town: Town, heard: pytest.LogCaptureFixture
) -> None:
    """The card says since when the status is unknown; the result still comes."""
    town = closed_town
    await town.open(SOON_SILENT)
    town.ringcentral.play(TALKING)
    await town.types()
    await connected(town)

    jwt = revoked(town)
    await silent(town)
    told = town.cards()[0].text
    edits = len(town.cards()[0].versions)
    await asyncio.sleep(0.6)
    after = len(town.cards()[0].versions)
    town.ringcentral.logins.jwt = jwt
    await town.until(lambda: "Talking with" in town.cards()[0].text)
    await hang_up(town)
    reply = await town.reply()

    assert "since <!date^" in told
    assert "as they were before that" in told
    assert edits == after
    assert "Callee: answered" in reply.text
    assert jwt not in heard.text


async def test_a_jwt_that_is_revoked_for_good_ends_in_a_word(
    closed_town: Town,
) -> None:
    """The person gets what was seen last, and that the call may still go on."""
    town = closed_town
    await town.open(HURRIED, RINGOUT_LOG_GIVE_UP_SECONDS="0.4")
    town.ringcentral.play(TALKING)
    await town.types()
    await connected(town)

    revoked(town)
    await silent(town)
    reply = await town.reply()
    card = await town.finished()

    assert reply.text.startswith("Not confirmed")
    assert "couldn't be reached for too long" in reply.text
    assert "It may be going on" in reply.text
    assert "Caller: answered, <@U0ANN>; Callee: answered" in reply.text
    assert "Lost sight of the call" in card.text
    waiting = [each.text for each in card.versions if "can't be reached" in each.text]
    assert "as they were before that" in waiting[0]
    assert "It may be going on" in waiting[-1]
    assert len(town.slack.thread(card)) == 1


async def test_a_ringcentral_that_is_gone_when_the_record_is_due_is_named(
    closed_town: Town,
) -> None:
    """The call's end was seen, but its result could not be looked up."""
    town = closed_town
    await town.open(HURRIED, RINGOUT_LOG_GIVE_UP_SECONDS="0.6")
    town.ringcentral.faults.add("reset", path_contains="call-log", times=None)
    town.ringcentral.play(TALKING)

    await town.types()
    await connected(town)
    await hang_up(town)
    reply = await town.reply()
    card = await town.finished()

    assert "call log couldn't be read in time" in reply.text
    assert "no final record" not in reply.text
    assert "Talked with" in card.text
    assert "Not confirmed" in card.text


@pytest.mark.on_both
async def test_a_revoked_slack_token_keeps_what_is_owed(
    town: Town, heard: pytest.LogCaptureFixture
) -> None:
    """People read why they can't call; results are posted after a reinstall."""
    town.ringcentral.play(TALKING)
    await town.types()
    await connected(town)

    grant = town.slack.workspace.grant
    assert grant is not None
    grant.refusal = "token_revoked"
    await hang_up(town)
    await until(lambda: "Slack does not accept the bot's token" in heard.text)
    await town.types("+14155550177")
    told = await whispered(town, "wasn't placed")
    owed = town.slack.thread(town.cards()[0])
    await town.close()
    again = Grant(bot=grant.bot, team=grant.team)
    town.slack.app.hold(again, [town.slack.space], town.slack.rules.scopes)
    await town.open(SLACK_BOT_TOKEN=again.token)
    reply = await town.reply()
    card = await town.finished()

    assert "wasn't placed: Slack doesn't let me post." in told.text
    assert "token_revoked" in heard.text
    assert owed == []
    assert "Callee: answered" in reply.text
    assert town.slack.thread(card) == [reply]
    assert town.cards() == [card]
    assert town.posts == 1


class Wrong(RealClock):
    """A machine whose clock is an hour fast."""

    def __init__(self, off: float) -> None:
        super().__init__()
        self._base += self._base - self._base.fromtimestamp(
            self._base.timestamp() - off, self._base.tzinfo
        )


@pytest.mark.on_both
async def test_two_answers_that_drip_stop_nobody_elses_call(closed_town: Town) -> None:
    """They stopped all polls, all reads of the call log, and ``/callstatus``."""
    town, door = closed_town, closed_town.ringcentral.door
    drips = town.ringcentral.faults.add(
        "drip", method="GET", path_contains="/ring-out/", times=2, seconds=4
    )
    await town.open(replace(QUICK, answers=AnswerBounds(slow_after=0.05, seconds=3600)))
    for number in ("+14155550101", "+14155550102"):
        await town.types(number)
    await until(lambda: drips.hits == 2)
    await town.types("+14155550177", user="bob")
    await town.types("", user="bob", command="/callstatus")
    await town.until(
        lambda: any(
            "0177" in card.text and town.slack.thread(card) for card in town.cards()
        )
    )
    door.closing.set()

    assert town.posts == 3


@pytest.mark.parametrize("off", [3600.0, -3600.0])
async def test_a_clock_that_is_off_by_an_hour_changes_no_result(
    closed_town: Town, heard: pytest.LogCaptureFixture, off: float
) -> None:
    """The log is queried by RingCentral's clock, signatures are checked by Slack's."""
    from bot.app.bot import Bot

    town = closed_town
    settings = town.settings(
        SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=town.slack.signing_secret, PORT="0"
    )
    town.bot = Bot(settings, Wrong(off))
    await town.bot.start()
    town.slack.deliveries.request_url = town.bot.door.address  # type: ignore[union-attr]

    ack = await town.types()
    reply = await town.reply()

    assert "Calling you on" in ack.text
    assert MASKED in reply.text
    assert "Callee: answered" in reply.text
    assert "this machine's clock is off" in heard.text
