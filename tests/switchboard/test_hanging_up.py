"""Hanging up: this call's own session is ended, once, and no other call of anybody's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.calls import live_status
from bot.calls.call import Call, State, Status
from bot.calls.following import after_status
from bot.calls.hanging_up import (
    HANG_UP_RESTS,
    UNDONE,
    after_hanging_up,
    begin_to_hang_up,
    can_be_hung_up,
    denied_or,
    why_not,
)
from bot.calls.people.person import Shows
from bot.calls.telling import HungUp
from bot.calls.timing import Timing
from bot.errors import NotFound, RateLimited, Refused, Unreachable
from bot.ringcentral.call_control import CallControlApi
from bot.sandbox.slack.messages import Message
from bot.slack.texts import card, card_buttons
from bot.slack.texts.answers import CALL_ANYWAY_BUTTON
from bot.slack.texts.card_buttons import CANCEL_BUTTON, HANG_UP_BUTTON
from bot.switchboard.control import Control
from intents import NOON, a_call
from own import PATIENT, prefer
from patience import PATIENCE
from selection import TRANSPORTS
from stored import in_state
from town import Town

Found = TypeVar("Found")
RINGING = Status("InProgress", "Success", "InProgress")
TALKING = Status("Success", "Success", "Success")
OVER = Status("Finished", "Finished", "Finished")
SECOND, NO_TIME, TIMING = timedelta(seconds=1), timedelta(0), Timing()
OPEN = a_call(
    state=State.FOLLOWING,
    ringout_id="s-1",
    is_controllable=True,
    status=TALKING,
    connected=True,
)


def goes_on(call: Call, status: Status, after: timedelta) -> Call:
    """Return *call* when a status has been read so long after noon."""
    return after_status(call, status, NOON + after, TIMING, NO_TIME)


async def seen(town: Town, look: Callable[[], Found | None]) -> Found:
    """Wait until *look* finds something."""
    found = await town.until(look)
    assert found is not None
    return found


def controlled(town: Town) -> Message | None:
    """Return the first card, once it can hang up."""
    cards = town.cards()
    return cards[0] if cards and HANG_UP_BUTTON in str(cards[0].blocks) else None


def asks_again(town: Town) -> list[Message]:
    """Return the questions whether to call a number that is being called."""
    told = town.slack.private("ann")
    return [each for each in told if CALL_ANYWAY_BUTTON in str(each.blocks)]


def offer(town: Town, who: str) -> Message | None:
    """Return the answer to somebody that offers to hang up, once it is there."""
    told = town.slack.private(who)
    return next((each for each in told if HANG_UP_BUTTON in str(each.blocks)), None)


def drops(town: Town) -> list[str]:
    """Return the sessions that RingCentral was asked to end."""
    asked = town.ringcentral.requests_of("DELETE", "/telephony/sessions")
    return [each.path.rpartition("/")[2] for each in asked]


async def talking(town: Town, answers: str = "callee") -> Message:
    """Have Ann talk with the callee; return the card with its button."""
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    [call] = town.ringcentral.calls
    assert town.ringcentral.press(call.id, "caller", "answer")
    if answers == "callee":
        shown = await seen(town, lambda: controlled(town))
        assert town.ringcentral.press(call.id, "callee", "answer")
        await town.until(lambda: "Talking with" in town.cards()[0].text)
        del shown
    return await seen(town, lambda: controlled(town))


async def followed(town: Town, is_so: Callable[[Call], bool]) -> None:
    """Wait until a stored call is as it should be, whatever its card shows."""
    assert town.bot is not None
    async with asyncio.timeout(PATIENCE):
        while not any(map(is_so, await in_state(town.bot._store, *State))):
            await asyncio.sleep(0.01)


@pytest.fixture
async def control_town(closed_town: Town) -> Town:
    """An app with the permission for call control."""
    closed_town.ringcentral.logins.scopes |= {"CallControl", "ReadPresence"}
    await closed_town.open()
    return closed_town


@pytest.mark.on_both
@pytest.mark.parametrize("answers", ["callee", "nobody"])
@pytest.mark.parametrize("http", TRANSPORTS)
async def test_hang_up_ends_the_call_and_the_log_tells_how_it_went(
    closed_town: Town, answers: str, *, http: bool
) -> None:
    """From the moment the callee's phone rings; pressed twice it is one request."""
    town = closed_town
    town.ringcentral.logins.scopes |= {"CallControl", "ReadPresence"}
    if http:
        town.use_http()
    await town.open()
    shown = await talking(town, answers)
    blocks = shown.blocks

    for _ in range(2):
        await town.slack.click("ann", shown, HANG_UP_BUTTON, blocks=blocks)
    reply = await town.reply()
    done = await town.finished()

    assert len(drops(town)) == 1
    assert "Caller: answered" in reply.text
    word = "answered" if answers == "callee" else "canceled"
    assert f"Callee: {word}" in reply.text
    assert HANG_UP_BUTTON not in str(done.blocks)
    assert town.slack.private("ann")[-2:][0].text.startswith(("Hung up", "I'm hanging"))


class FarAway:
    """Notes which sessions of which accounts are dropped; *answer* is a RingOut's status.

    *session* and *presence* are what looking at these raises.
    """

    def __init__(
        self,
        answer: Status | Exception = TALKING,
        session: Exception | None = None,
        presence: Exception | None = None,
    ) -> None:
        self.answer = answer
        self.session = session
        self.presence = presence
        self.dropped: list[tuple[str, str]] = []

    def telephony(self, account: str) -> Any:
        """Return an account's share of RingCentral."""

        async def drop(session: str) -> None:
            self.dropped.append((account, session))

        async def status(_id: str) -> Status:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        async def session(_id: str) -> None:
            raise self.session or NotFound(404, "CMN-102")

        async def active() -> list[str]:
            if self.presence is not None:
                raise self.presence
            return []

        return SimpleNamespace(
            call_control=SimpleNamespace(drop=drop, session=session, active=active),
            ring_outs=SimpleNamespace(status=status),
        )


async def hung_up(call: Call, far: FarAway) -> HungUp:
    """Hang up a call whose session is known."""
    accounts: Any = far
    nothing: Any = None
    return await Control(nothing, accounts, nothing, nothing)._hung_up(call)


async def test_the_account_that_placed_a_call_hangs_it_up() -> None:
    """Another one's token could end another call, and its user did not place this one."""
    far = FarAway()

    ended = await hung_up(replace(OPEN, account="anns", session_id="s-9"), far)

    assert ended is HungUp.ASKED
    assert far.dropped == [("anns", "s-9")]


@pytest.mark.parametrize(
    ("session", "permission", "said"),
    [
        ("", "ReadPresence", HungUp.UNSURE),
        ("s-9", "RingOut", HungUp.TROUBLE),
        ("", "CallControl", HungUp.NOT_ALLOWED),
    ],
)
async def test_only_the_lack_of_call_control_takes_the_button_away(
    session: str, permission: str, said: HungUp
) -> None:
    """What is asked on the way has other permissions, and other calls can be hung up."""
    lacks = Refused(403, "CMN-401", permission=permission)
    far = FarAway(lacks, session=NotFound(404, "CMN-102"), presence=lacks)
    if permission == "CallControl":
        far.session = lacks
    call = replace(OPEN, session_id=session)

    ended = await hung_up(call, far)

    after = after_hanging_up(call, ended, NOON)
    assert ended is said
    assert far.dropped == []
    assert after is not None
    assert can_be_hung_up(after) is (permission != "CallControl")


words = st.sampled_from(
    ["InProgress", "Success", "Busy", "Finished", "CannotReach", ""]
)


@given(
    answer=st.builds(Status, words, words, words)
    | st.sampled_from([NotFound(404, "CMN-102"), Unreachable("timeout")]),
    session=st.sampled_from(["s-1", "s-9"]),
)
@example(answer=NotFound(404, "CMN-102"), session="s-9")
@example(answer=OVER, session="s-9")
@example(answer=OVER, session="s-1")
async def test_what_was_begun_elsewhere_since_a_call_ended_is_left_alone(
    answer: Status | Exception, session: str
) -> None:
    """By the same person, from the same phone, to the same number: only status tells."""
    far = FarAway(answer)

    ended = await hung_up(replace(OPEN, session_id=session), far)

    goes_on = isinstance(answer, Status) and not live_status.is_over(answer)
    assert bool(far.dropped) == (session == OPEN.ringout_id or goes_on)
    assert (ended is HungUp.ASKED) == bool(far.dropped)


async def test_no_other_call_of_the_same_person_is_touched(control_town: Town) -> None:
    """Their session has another id, and presence shows a call that they are in."""
    town = control_town
    other = town.ringcentral.telephony.add_other("+14155550199")
    shown = await talking(town)

    await town.slack.click("ann", shown, HANG_UP_BUTTON)
    await town.finished()

    assert len(drops(town)) == 1
    assert not other.is_over


async def test_a_session_that_is_not_surely_this_calls_is_left_alone(
    closed_town: Town,
) -> None:
    """The ring-out's id is somebody's other call: nothing is ended, and it is said."""
    town = closed_town
    town.ringcentral.logins.scopes |= {"CallControl", "ReadPresence"}
    town.ringcentral.telephony.knows_ring_outs = False
    await town.open()
    shown = await talking(town)
    assert town.bot is not None
    [call] = await in_state(town.bot._store, *State)
    [placed] = town.ringcentral.calls
    placed.log_id = "s-elsewhere"
    town.ringcentral.telephony.add_other("+14155550199", identity=call.ringout_id)

    await town.slack.click("ann", shown, HANG_UP_BUTTON)

    await seen(town, lambda: "ended none" in str(town.slack.private("ann")) or None)
    assert drops(town) == []
    await seen(town, lambda: controlled(town))


async def test_the_next_call_to_the_same_number_is_left_alone(
    control_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one has just ended, which its card does not show yet."""
    town = control_town
    shown = await talking(town)
    await town.types()
    [asked] = await town.until(lambda: asks_again(town))
    await town.slack.click("ann", asked, CALL_ANYWAY_BUTTON)
    await town.until(lambda: len(town.ringcentral.calls) == 2)
    first, second = town.ringcentral.calls
    first.log_id, second.log_id = "s-elsewhere", "s-elsewhere-two"
    assert town.ringcentral.press(second.id, "caller", "answer")
    await town.until(lambda: HANG_UP_BUTTON in str(town.cards()[1].blocks))

    async def active(_: CallControlApi) -> list[str]:
        return [second.log_id]

    monkeypatch.setattr(CallControlApi, "active", active)
    await town.slack.click("ann", shown, HANG_UP_BUTTON)

    await seen(town, lambda: "ended none" in str(town.slack.private("ann")) or None)
    assert drops(town) == []


async def test_where_the_ids_differ_presence_tells_the_session(
    control_town: Town,
) -> None:
    """RingCentral does not say whether a RingOut's id is its session's."""
    town = control_town
    town.ringcentral.telephony.add_other("+14155550199")
    shown = await talking(town)
    [placed] = town.ringcentral.calls
    placed.log_id = "s-elsewhere"

    await town.slack.click("ann", shown, HANG_UP_BUTTON)
    await town.finished()

    assert drops(town) == ["s-elsewhere"]


async def test_without_the_permission_there_is_no_button(town: Town) -> None:
    """And nothing is asked of RingCentral."""
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    [call] = town.ringcentral.calls
    town.ringcentral.press(call.id, "caller", "answer")
    town.ringcentral.press(call.id, "callee", "answer")
    await town.until(lambda: "Talking with" in town.cards()[0].text)

    assert HANG_UP_BUTTON not in str(town.cards()[0].blocks)
    await town.types("hang up")
    await seen(
        town, lambda: "doesn't let me hang up" in str(town.slack.private("ann")) or None
    )
    assert drops(town) == []


@pytest.mark.parametrize(
    ("fault", "said", "again"),
    [
        ({"error": (403, "CMN-401")}, "doesn't let me hang up", False),
        ({"conflict": "TAS-102"}, "is just changing that call", True),
        ({"reset": True}, "may have ended or not", False),
    ],
    ids=str,
)
async def test_what_goes_wrong_is_said_and_nothing_is_sent_again(
    control_town: Town, fault: dict[str, Any], said: str, *, again: bool
) -> None:
    """The button comes back only where nothing can have happened."""
    town = control_town
    shown = await talking(town)
    far = town.ringcentral
    if "conflict" in fault:
        far.telephony.conflicts.append(fault["conflict"])
    elif "reset" in fault:
        far.faults.add("reset", method="DELETE", before_effect=False)
    else:
        far.logins.scopes.discard("CallControl")

    await town.slack.click("ann", shown, HANG_UP_BUTTON)

    await seen(town, lambda: said in str(town.slack.private("ann")) or None)
    assert len(drops(town)) == 1 if "error" not in fault else drops(town) == []
    if again:
        await seen(town, lambda: controlled(town))


async def test_an_admin_may_hang_up_and_nobody_else(closed_town: Town) -> None:
    """An admin answers for the phone bill; a colleague who reads the card does not."""
    town = closed_town
    town.ringcentral.logins.scopes |= {"CallControl", "ReadPresence"}
    await town.open(RINGOUT_ADMINS=town.slack.workspace.user("bob").id)
    shown = await talking(town)

    await town.slack.click("carl", shown, HANG_UP_BUTTON)
    await seen(
        town, lambda: "can hang up this call" in str(town.slack.private("carl")) or None
    )
    assert drops(town) == []
    await town.slack.click("bob", shown, HANG_UP_BUTTON)
    await town.finished()

    assert len(drops(town)) == 1


async def test_the_verb_hangs_up_the_one_open_call(control_town: Town) -> None:
    """As people say it: hang up. To cancel is another thing: nothing rings any more."""
    town = control_town
    await talking(town)

    await town.types("cancel")
    await seen(town, lambda: offer(town, "ann"))
    assert drops(town) == []
    await town.types("hang up")
    await town.finished()

    assert len(drops(town)) == 1
    assert "Hung up." in str(town.slack.private("ann"))


async def test_the_verb_stops_a_call_that_only_rings(control_town: Town) -> None:
    """There is no session to end yet; whoever says "hang up" doesn't know of sessions."""
    town = control_town
    town.ringcentral.play(PATIENT)
    await town.types()
    await followed(town, lambda call: call.ringout_id != "")

    await town.types("hang up")
    await town.finished()

    assert drops(town) == []
    assert town.ringcentral.requests_of("DELETE", "/ring-out")


@pytest.mark.parametrize("who", ["ann", "bob"])
async def test_cancel_on_a_card_that_hides_the_result_offers_to_end_the_talk(
    closed_town: Town, who: str
) -> None:
    """It has no other button for that: which are there would tell how the call goes.

    It was pressed to stop ringing, so nothing is ended unasked. An admin may hang up there,
    too, but not cancel the call before.
    """
    town = closed_town
    town.ringcentral.logins.scopes |= {"CallControl", "ReadPresence"}
    await town.open(RINGOUT_ADMINS=town.slack.workspace.user("bob").id)
    await prefer(town, Shows.PRIVATE)
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    [placed] = town.ringcentral.calls
    await seen(town, lambda: town.cards() or None)
    await town.slack.click("bob", town.cards()[0], CANCEL_BUTTON)
    await seen(town, lambda: "can do that" in str(town.slack.private("bob")) or None)
    assert town.ringcentral.press(placed.id, "caller", "answer")
    await town.until(lambda: town.ringcentral.press(placed.id, "callee", "answer"))
    await followed(town, lambda call: call.connected)
    [shown] = town.cards()
    blocks = shown.blocks
    await town.slack.click("carl", shown, CANCEL_BUTTON)
    await seen(town, lambda: "can do that" in str(town.slack.private("carl")) or None)
    assert drops(town) == []

    await town.slack.click(who, shown, CANCEL_BUTTON)
    answer = await seen(town, lambda: offer(town, who))
    assert drops(town) == []
    await town.slack.click(who, answer, HANG_UP_BUTTON)

    await seen(town, lambda: "Hung up." in str(town.slack.private(who)) or None)
    assert len(drops(town)) == 1
    assert town.cards()[0].blocks == blocks


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, HANG_UP_BUTTON),
        ({"connected": False, "status": RINGING}, HANG_UP_BUTTON),
        ({"connected": False, "status": None}, CANCEL_BUTTON),
        ({"is_controllable": False}, ""),
        (
            {"is_controllable": False, "connected": False, "status": RINGING},
            CANCEL_BUTTON,
        ),
        ({"hung_up_at": NOON}, ""),
        ({"hung_up_at": NOON, "connected": False, "status": RINGING}, ""),
        ({"terminal_at": NOON}, "call_again"),
        ({"state": State.RECORDING}, "call_again"),
    ],
    ids=str,
)
def test_a_card_offers_what_can_end_its_call(
    changes: dict[str, Any], offered: str
) -> None:
    """One button at a time: who wants to stop a call should not have to choose."""
    shown = card.card(replace(OPEN, **changes), full=False)

    stops = {CANCEL_BUTTON, HANG_UP_BUTTON, card_buttons.CALL_AGAIN_BUTTON}
    ids = [
        each["action_id"]
        for block in shown.blocks
        for each in block.get("elements", ())
        if "action_id" in each
    ]
    assert [each for each in ids if each in stops] == ([offered] if offered else [])


@given(
    state=st.sampled_from(State),
    connected=st.booleans(),
    status=st.sampled_from([None, RINGING, TALKING]),
    hung=st.sampled_from([None, NOON, NOON + timedelta(minutes=1)]),
    over=st.sampled_from([None, NOON]),
    ended=st.sampled_from(HungUp),
)
def test_a_hang_up_begins_once_and_ends_no_call_by_itself(
    state: State, *, connected: bool, status: Any, hung: Any, over: Any, ended: HungUp
) -> None:
    """Whatever RingCentral answers: the status and the log alone tell that it is over."""
    call = replace(
        OPEN,
        state=state,
        connected=connected,
        status=status,
        hung_up_at=hung,
        terminal_at=over,
    )
    now = NOON + timedelta(minutes=1)

    begun = begin_to_hang_up(call, now)

    rests = hung is not None and now - hung < HANG_UP_RESTS
    assert (begun is not None) == (can_be_hung_up(call) and not rests)
    assert card_buttons.can_hang_up(call) <= (begun is not None)
    if begun is None:
        assert why_not(call) in {HungUp.OVER, HungUp.UNDER_WAY, HungUp.TOO_EARLY}
        return
    assert begin_to_hang_up(begun, now) is None
    after = after_hanging_up(begun, ended, now)
    assert after is not None
    assert (after.state, after.end, after.terminal_at) == (state, None, None)
    assert (after.hung_up_at is None) == (ended in UNDONE)


@pytest.mark.parametrize("ended", [None, HungUp.MAYBE, HungUp.ASKED])
@pytest.mark.parametrize("status", [RINGING, TALKING], ids=["ringing", "talking"])
def test_a_hang_up_to_no_effect_can_be_tried_again(
    status: Status, ended: HungUp | None
) -> None:
    """None: the process ended before RingCentral answered. The call still goes on."""
    call = begin_to_hang_up(replace(OPEN, status=status, seen=True), NOON)
    assert call is not None
    if ended is not None:
        call = after_hanging_up(call, ended, NOON + SECOND)
    assert call is not None

    soon = goes_on(call, status, HANG_UP_RESTS - SECOND)
    assert begin_to_hang_up(soon, NOON + HANG_UP_RESTS - SECOND) is None
    assert why_not(soon) is HungUp.UNDER_WAY
    assert not card_buttons.can_hang_up(soon)

    later = goes_on(soon, status, HANG_UP_RESTS)
    assert card_buttons.can_hang_up(later)
    for each in (soon, later):
        assert begin_to_hang_up(each, NOON + HANG_UP_RESTS) is not None


@pytest.mark.parametrize(("asked", "kept"), [(19, True), (20, False)])
def test_only_a_status_that_was_asked_for_later_counts(
    asked: int, *, kept: bool
) -> None:
    """A slow answer may be older than RingCentral's to the hang-up."""
    call = replace(OPEN, hung_up_at=NOON)
    at = NOON + timedelta(minutes=1)

    told = after_status(call, TALKING, at, TIMING, NO_TIME, asked=NOON + asked * SECOND)

    assert (told.hung_up_at is not None) is kept


def test_a_call_that_ends_late_stays_one_that_was_hung_up() -> None:
    """Its result says canceled then, not declined."""
    told = goes_on(replace(OPEN, hung_up_at=NOON), OVER, HANG_UP_RESTS * 2)

    assert told.terminal_at is not None
    assert told.was_stopped


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (Refused(403, "CMN-401"), HungUp.NOT_ALLOWED),
        (Refused(409, "TAS-102"), HungUp.CHANGING),
        (Refused(400, "CMN-101"), HungUp.TROUBLE),
        (RateLimited(3.0), HungUp.TROUBLE),
        (Unreachable("reset"), HungUp.TROUBLE),
    ],
)
def test_what_a_refusal_means(error: Any, means: HungUp) -> None:
    """A permission that is missing is not trouble that passes."""
    assert denied_or(error, HungUp.TROUBLE) is means
