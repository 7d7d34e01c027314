"""Recordings: a link on the reply, also if RingCentral has it later than the result."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.after.recordings import Recordings, store_look
from bot.app.after_calls import LooksForRecordings
from bot.calls.call import Call, End, State
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Record
from bot.calls.log.outcome import Outcome, Side
from bot.calls.recorded import LATER_BY, may_be_recorded, next_look
from bot.errors import BotError, ChatBusy, ChatRefused, ChatUnknown, RateLimited
from bot.ringcentral.call_log import LogPage
from bot.settings.reading import read
from bot.slack.texts.reply import reply
from bot.storage.after.recording_looks import RECORDING_LEASE, RecordingLooks
from bot.storage.after.tables import recording_looks
from bot.storage.calls.store import Store
from bot.storage.retention import Retention
from enough import ENOUGH
from fakes import FakeClock
from intents import CALLEE, NOON, a_call, add_call

MEDIA = "https://media.ringcentral.com/restapi/v1.0/account/1/recording/2/content"
READER = "https://reader.example/?media="
TALKED = timedelta(minutes=3)
ANSWERED = Side(Ending.ANSWERED)


class Died(BaseException):
    """The process was killed here."""


def over(name: str = "c1", **changes: Any) -> Call:
    """Return a call that has just ended, and in which people have talked."""
    values = {
        "id": name,
        "key": name,
        "state": State.REPORTING,
        "end": End.RECORDED,
        "outcome": Outcome(ANSWERED, ANSWERED, TALKED),
        "records": (f"r-{name}",),
        "sent_at": NOON,
        "reply_ts": "1.2",
        "card_channel": "C1",
    }
    return a_call(**values | changes)


@dataclass
class Studio:
    """One process that looks for recordings, with a log that a test writes."""

    store: Store
    clock: FakeClock = field(default_factory=FakeClock)
    log: dict[str, str] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    shown: list[Call] = field(default_factory=list)
    trouble: BotError | None = None
    refusal: BaseException | None = None
    recordings: Recordings = field(init=False)

    def __post_init__(self) -> None:
        """Make the parts."""
        accounts: Any = SimpleNamespace(
            telephony=lambda account: SimpleNamespace(
                call_log=SimpleNamespace(newest=self._newest(account))
            )
        )
        self.looks = RecordingLooks(self.store.writer, self.store.unreadable)
        self.recordings = Recordings(self.looks, self.store, accounts, self, self.clock)

    def _newest(self, account: str) -> Any:
        async def newest(**_: Any) -> LogPage:
            self.reads.append(account)
            if self.trouble is not None:
                raise self.trouble
            records = [
                Record(id=each, started_at=NOON, recording=found)
                for each, found in self.log.items()
            ]
            return LogPage(tuple(records), is_last=True)

        return newest

    async def edit_reply(self, call: Call, *, before: float) -> None:
        """Note what is shown, or raise what a test has set."""
        assert before > self.clock.monotonic()
        if self.refusal is not None:
            raise self.refusal
        self.shown.append(call)

    async def ended(self, name: str = "c1", **changes: Any) -> None:
        """Store a call, and that it has ended."""
        new = over(name, **changes)
        await add_call(self.store, replace(new, state=State.DONE), most=99, again=True)
        old, now = replace(new, state=State.RECORDING), self.clock.now()
        await self.store.writer.run(lambda c: store_look(c, old, new, now))

    async def later(self, **wait: float) -> None:
        """Let time pass, and look for what is due."""
        self.clock.pass_by(timedelta(**wait).total_seconds())
        await self.recordings.look()

    async def waiting(self) -> int:
        """Count the looks that are to come."""
        query = select(func.count()).select_from(recording_looks)
        return await self.store.writer.run(lambda c: c.scalar(query) or 0)


@pytest.fixture
def studio(store: Store) -> Studio:
    """Give a process that looks for recordings."""
    return Studio(store)


async def test_a_recording_that_comes_late_is_linked(studio: Studio) -> None:
    """RingCentral needs about as long for it as the call took."""
    await studio.ended()
    await studio.later(minutes=2)
    assert studio.reads == []
    await studio.later(minutes=1)
    studio.log["r-c1"] = MEDIA
    await studio.later(minutes=6)
    await studio.later(hours=1)

    [shown] = studio.shown
    assert shown.recording == MEDIA
    assert len(studio.reads) == 2
    assert await studio.waiting() == 0


async def test_a_call_without_a_recording_costs_three_reads(studio: Studio) -> None:
    """Most calls of most companies are not recorded."""
    await studio.ended()
    for _ in range(9):
        await studio.later(minutes=30)

    assert len(studio.reads) == len(LATER_BY) == 3
    assert (studio.shown, await studio.waiting()) == ([], 0)


async def test_calls_of_an_account_share_a_read(studio: Studio) -> None:
    """And those of another account are read by that one."""
    for name in ("c1", "c2", "c3"):
        await studio.ended(name)
        studio.clock.pass_by(20)
        studio.log[f"r-{name}"] = f"{MEDIA}/{name}"
    await studio.ended("theirs", account="other")
    studio.log["r-theirs"] = MEDIA
    await studio.later(minutes=3)
    await studio.later(seconds=1)

    assert sorted(studio.reads) == ["", "other"]
    assert len(studio.shown) == 4
    assert {each.recording[-2:] for each in studio.shown[:3]} == {"c1", "c2", "c3"}


async def test_a_process_that_dies_before_the_edit_leaves_it_to_another(
    studio: Studio,
) -> None:
    """The link is stored, and shown without another read."""
    await studio.ended()
    studio.log["r-c1"] = MEDIA
    studio.refusal = Died()
    with pytest.raises(Died):
        await studio.later(minutes=3)
    studio.refusal = None

    await studio.later(seconds=RECORDING_LEASE.total_seconds())

    assert [each.recording for each in studio.shown] == [MEDIA]
    assert len(studio.reads) == 1
    assert await studio.waiting() == 0


@pytest.mark.parametrize(
    ("refusal", "shown"),
    [(ChatBusy(30), 1), (ChatUnknown("lost"), 1), (ChatRefused("not_found"), 0)],
)
async def test_slacks_trouble_only_delays_a_link(
    studio: Studio, refusal: BotError, shown: int
) -> None:
    """A reply that was deleted is not edited forever."""
    await studio.ended()
    studio.log["r-c1"] = MEDIA
    studio.refusal = refusal
    await studio.later(minutes=3)
    studio.refusal = None
    await studio.later(seconds=RECORDING_LEASE.total_seconds())

    assert len(studio.shown) == shown
    assert await studio.waiting() == 0


async def test_ringcentrals_limit_costs_no_look(studio: Studio) -> None:
    """Lists and results come first."""
    await studio.ended()
    studio.trouble = RateLimited(40)
    await studio.later(minutes=3)
    studio.trouble, studio.log["r-c1"] = None, MEDIA
    await studio.later(seconds=39)
    assert studio.shown == []
    await studio.later(seconds=1)

    assert len(studio.shown) == 1


async def test_a_look_goes_with_its_call(studio: Studio) -> None:
    """What is erased is not looked for."""
    await studio.ended()
    await studio.store.change(
        "c1", lambda c: replace(c, state=State.DONE), studio.clock.now()
    )
    await Retention(studio.store.writer).erase(CALLEE.e164, dry=False)

    assert await studio.waiting() == 0


async def test_nothing_is_looked_for_where_nobody_gets_links(studio: Studio) -> None:
    """Off costs nothing, not even a row."""
    old, new = over(state=State.RECORDING), over()
    await add_call(studio.store, new, most=9)
    for env, stored in (({}, False), ({"RINGOUT_RECORDING_URL": READER}, True)):
        teller = LooksForRecordings(read(ENOUGH | env))
        did = await studio.store.writer.run(
            lambda c, t=teller: t.store(c, old, new, NOON)  # type: ignore[misc]
        )
        assert did is stored
        assert await studio.waiting() == stored


@pytest.mark.parametrize(
    ("changes", "may_be"),
    [
        ({}, True),
        ({"recording": MEDIA}, False),
        ({"outcome": Outcome(ANSWERED, ANSWERED, None)}, False),
        ({"outcome": Outcome(ANSWERED, Side(Ending.BUSY), None)}, False),
        ({"outcome": None}, False),
        ({"end": End.UNCONFIRMED}, False),
        ({"state": State.DONE}, False),
    ],
)
def test_only_a_talk_may_have_been_recorded(
    changes: dict[str, Any],
    may_be: bool,  # noqa: FBT001 - parametrized
) -> None:
    """No request is spent on a call that nobody answered."""
    assert may_be_recorded(over(state=State.RECORDING), over(**changes)) is may_be


@given(st.floats(0, 40_000), st.integers(0, 5))
def test_looks_are_few_and_never_at_once(talked: float, looks: int) -> None:
    """Whatever the log says of the talk time."""
    call = over(outcome=Outcome(ANSWERED, ANSWERED, timedelta(seconds=talked)))
    at = next_look(call, looks, NOON)

    assert (at is None) == (looks >= len(LATER_BY))
    assert at is None or at >= NOON + timedelta(seconds=60)


@pytest.mark.parametrize("private", [False, True])
def test_the_link_is_on_the_reply_if_the_operator_has_a_page_for_it(
    private: bool,  # noqa: FBT001 - parametrized
) -> None:
    """It opens with the reader's own rights: the address alone opens nothing."""
    channel = "D1" if private else "C1"
    call = over(recording=MEDIA, card_channel=channel)
    link = f"<{READER}https%3A%2F%2Fmedia.ringcentral.com%2Frestapi"

    def blocks(shown: Call, base: str) -> str:
        give_up = timedelta(seconds=9)
        return str(reply(shown, full=False, give_up=give_up, recordings=base).blocks)

    assert link in blocks(call, READER)
    assert "media.ringcentral.com/" not in blocks(call, READER)
    assert "ecording" not in blocks(call, "")
    assert "ecording" not in blocks(replace(call, recording=""), READER)
