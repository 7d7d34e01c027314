"""What an hour with everything switched on costs one RingCentral user, by the double's ledger.

docs/operations.md tells the figures. Calls are followed in virtual time; missed calls, their
voicemails and recordings are read by the real client, whose clock the test moves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import pytest

from bot.after.recordings import Recordings, store_look
from bot.calls.call import Call, End, State
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.missed_places import MissedPlaces
from bot.calls.voicemail import VoicemailShow
from bot.missed.syncing import MissedSyncing
from bot.missed.voicemails import VoicemailReading
from bot.ringcentral.client import RingCentral
from bot.ringcentral.gate import InMemoryGate
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.messages import READ_MESSAGES
from bot.storage.after.recording_looks import RecordingLooks
from bot.storage.calls.store import Store
from bot.storage.missed.syncs import MissedSyncs
from bot.storage.missed.voicemails import VoicemailSyncs
from bot.storage.people.missed_wishes import MissedWishes
from checkout import ROOT
from fakes import FakeClock
from intents import a_call, add_call
from openapi_check import checker
from simulated import Planned, Pushes, simulate
from virtual_time import in_virtual_time

pytestmark = pytest.mark.unmeasured

MISSED, CALLS = 12, 20
"""In the hour: one missed call every five minutes, one call every three."""

TALKED = timedelta(minutes=3)
MOST_BESIDE_CALLS = {"Heavy": 45, "Light": 25, "Medium": 12}
MOST_OF_A_CALL = {"Heavy": 4, "Light": 8}
"""Of 600 Heavy requests that a user has in an hour, 3,000 Light and 2,400 Medium."""

OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
DOCUMENTED = "| missed calls and recordings together | {Heavy} | {Light} | {Medium} |"
DOCUMENTED_CALL = "| one call of three minutes | {Heavy} | {Light} | 0 |"

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Office:
    """A bot that reads one user's log, voicemails and recordings, and its RingCentral."""

    far: RingCentralDouble
    near: RingCentral
    store: Store
    clock: FakeClock
    plans: list[tuple[datetime, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the parts."""
        accounts: Any = SimpleNamespace(
            clients=SimpleNamespace(key=lambda _: "a"), telephony=lambda _: self.near
        )
        writer = self.store.writer
        self.syncing = MissedSyncing(
            MissedSyncs(writer),
            MissedWishes(writer),
            accounts,
            self.clock,
            MissedPlaces({"*": "C1"}),
            region="US",
            kept_for=timedelta(days=90),
            workspace=_here,
            tell=lambda *_: None,
            told=lambda: None,
            count=lambda _: None,
            voicemails=VoicemailReading(
                VoicemailSyncs(writer), self.clock, VoicemailShow.TRANSCRIPTION, "US"
            ),
        )
        looks = RecordingLooks(writer, self.store.unreadable)
        replies: Any = SimpleNamespace()
        self.recordings = Recordings(looks, self.store, accounts, replies, self.clock)

    def pass_by(self, wait: timedelta) -> None:
        """Let time pass here and there."""
        seconds = wait.total_seconds()
        self.clock.pass_by(seconds)
        self.far.clock.skip(seconds)
        self.far.clock.skew += seconds

    async def missed(self, number: int) -> None:
        """Have somebody ring and leave a voicemail, which is transcribed a minute later."""
        caller = f"+1415555{number:04}"
        left = self.far.messages.leave(caller, transcription="InProgress")
        self.far.add_record(
            "voicemail", caller=caller, callee="+16505550100", ago=MINUTE, talk=42
        )
        await self.syncing.on_missed("")

        async def transcribed() -> None:
            self.far.messages.transcribe(left, "Call me")

        self.plans.append((self.clock.now() + MINUTE, transcribed))

    async def ended(self, number: int) -> None:
        """Have a call end whose recording never comes: that costs most looks."""
        name, now = f"c{number}", self.clock.now()
        both = Side(Ending.ANSWERED)
        over: dict[str, Any] = {
            "end": End.RECORDED,
            "outcome": Outcome(both, both, TALKED),
            "sent_at": now - TALKED,
        }
        new: Call = a_call(id=name, key=name, state=State.REPORTING, **over)
        done = a_call(id=name, key=name, state=State.DONE, **over)
        old = a_call(id=name, key=name, state=State.RECORDING)
        await add_call(self.store, done, most=999, again=True)
        await self.store.writer.run(lambda c: store_look(c, old, new, now))

    async def run(self, until: datetime) -> None:
        """Let time pass, and look when it is time, as the bot's tasks do."""
        while self.clock.now() < until:
            now = self.clock.now()
            for at, work in [each for each in self.plans if each[0] <= now]:
                self.plans.remove((at, work))
                await work()
            pauses = [await self.syncing.look(), await self.recordings.look()]
            next_plan = min((at for at, _ in self.plans), default=until)
            left = (min(next_plan, until) - now).total_seconds()
            self.pass_by(timedelta(seconds=max(min(*pauses, left), 1.0)))


async def _here(_name: str) -> tuple[str, str]:
    return "", "T1"


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    """Give a bot with all of it on, and a RingCentral with its usual limits."""
    far = RingCentralDouble(validator=checker())
    far.logins.scopes.add(READ_MESSAGES)
    far.logins.expires_in = 2 * HOUR.total_seconds()
    async with far:
        clock = FakeClock(datetime.now(UTC))
        gate = InMemoryGate(clock.monotonic)
        app = RingCentralApp(far.url, far.logins.client_id, far.logins.client_secret)
        network = Network(app)
        near = RingCentral(
            network, by_jwt(far.logins.jwt), gate_of=lambda _: gate, now=clock.now
        )
        yield Office(far, near, store, clock)
        network.close()
        assert far.complaints == []


async def test_an_hour_of_missed_calls_and_recordings_is_a_tenth_of_the_limit(
    office: Office,
) -> None:
    """Whoever calls next must not wait for what nobody waits for."""
    await office.run(office.clock.now() + 5 * MINUTE)  # the first call is after that
    before, start = len(office.far.requests), office.clock.now()
    for number in range(MISSED):
        at = start + HOUR / MISSED * number
        office.plans.append((at, lambda n=number: office.missed(n)))
    for number in range(CALLS):
        at = start + HOUR / CALLS * number
        office.plans.append((at, lambda n=number: office.ended(n)))
    await office.run(start + HOUR)

    asked = office.far.requests[before:]
    groups = Counter(each.group for each in asked)
    assert [
        each.status for each in asked if each.status >= HTTPStatus.BAD_REQUEST
    ] == []
    assert len(office.far.requests_of("GET", "/content/")) == MISSED
    assert groups <= Counter(MOST_BESIDE_CALLS)
    assert DOCUMENTED.format(**MOST_BESIDE_CALLS) in OPERATIONS


def test_what_a_call_of_three_minutes_costs() -> None:
    """One to place it, a look at the log or two, and a status every half minute."""
    plans = [[Planned(TALKED.total_seconds(), 20.0)]] * 2

    found = in_virtual_time(simulate(plans, pushes=Pushes()))

    assert 1 + max(found.reads) <= MOST_OF_A_CALL["Heavy"]
    assert max(found.asked) <= MOST_OF_A_CALL["Light"]
    assert DOCUMENTED_CALL.format(**MOST_OF_A_CALL) in OPERATIONS
