"""Card edits within Slack's budget: what is sent, in which order, and when."""

from __future__ import annotations

import asyncio

from bot.calls.call import Place
from bot.calls.timing import USUAL_WAITS
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.slack.posting.pace import (
    BUDGET_WINDOW,
    EDITS_PER_MINUTE,
    LIVE_SHARE,
    Edit,
    Pace,
)
from bot.slack.texts.text import Message
from fakes import FakeClock
from intents import ANN
from virtual_time import VirtualClock, in_virtual_time


class Far:
    """Slack's end: keeps what it was sent; fails as it was told to."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sent: list[str] = []
        self.shown: list[str] = []
        self.failures: list[Exception] = []
        self.pace = Pace(self.send, self.note, self.clock)

    async def send(self, edit: Edit) -> None:
        """Take an edit, or fail."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(edit.message.text)

    async def note(self, edit: Edit) -> None:
        """Remember what was reported as shown."""
        self.shown.append(edit.message.text)

    async def play(self, seconds: float) -> None:
        """Do what may be done now, then as time passes for *seconds*."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() <= until:
            edit, wait = self.pace._next()
            if edit is not None:
                await self.pace._send_now(edit)
            elif wait is None:
                return
            else:
                left = until - self.clock.monotonic()
                self.clock.pass_by(min(max(wait, 0.01), left + 0.001))

    def want(
        self, call: str, text: str, *, last: bool = False, ends: bool = False
    ) -> None:
        """Want *text* on the card of *call*."""
        self.pace.want(Edit(call, ANN, "C1", "1.1", Message(text), last, ends=ends))


async def test_of_quick_changes_only_the_newest_is_shown() -> None:
    """Five states in a second are one edit: the budget is the whole workspace's."""
    far = Far()
    for state in ("ringing", "answered", "busy"):
        far.want("a", state)

    await far.play(10)

    assert far.sent == ["busy"]


async def test_a_change_while_an_edit_is_on_its_way_out_is_not_lost() -> None:
    """The result came before the edit's task had begun: the card stayed at "ringing"."""
    far = Far()
    far.want("a", "ringing")
    chosen, _ = far.pace._next()
    far.want("a", "busy", last=True)
    assert chosen is not None

    await far.pace._send_now(chosen)
    await far.play(10)

    assert far.sent == far.shown == ["busy"]


async def test_one_card_is_not_edited_twice_within_a_second() -> None:
    """Too many edits make Slack's clients flicker and use up the rate limit."""
    far = Far()
    far.want("a", "ringing")
    await far.play(0)
    far.want("a", "answered")
    await far.play(1)

    assert far.sent == ["ringing"]
    await far.play(2)
    assert far.sent == ["ringing", "answered"]


async def test_a_workspace_never_sends_more_than_its_budget() -> None:
    """Tier 3: about fifty a minute, all cards together; some are kept for results."""
    far = Far()
    for number in range(50):
        far.want(str(number), f"card {number}")
    await far.play(BUDGET_WINDOW / 2)
    passing = len(far.sent)
    for number in range(50, 100):
        far.want(str(number), f"card {number}", last=True)

    await far.play(BUDGET_WINDOW / 2 - 1)
    within = len(far.sent)
    await far.play(4 * BUDGET_WINDOW)

    assert passing == int(EDITS_PER_MINUTE * LIVE_SHARE)
    assert within == EDITS_PER_MINUTE
    assert len(far.sent) == 100


async def test_several_processes_divide_the_budget() -> None:
    """Slack counts the workspace, not the process."""
    far = Far()
    far.pace.processes = 3
    for number in range(100):
        far.want(str(number), f"card {number}", last=True)

    await far.play(BUDGET_WINDOW - 1)

    assert len(far.sent) == EDITS_PER_MINUTE // 3


async def test_nothing_is_edited_while_others_may_have_taken_over() -> None:
    """A process that was paused must not show an outdated state."""
    far = Far()
    far.pace._holds_calls = lambda: False
    far.want("a", "ringing")
    running = asyncio.create_task(far.pace.run())

    for _ in range(50):
        await asyncio.sleep(0)
    paused = list(far.sent)
    far.pace._holds_calls = lambda: True
    for _ in range(50):
        await asyncio.sleep(0)
    running.cancel()

    assert paused == []
    assert far.sent == ["ringing"]


async def test_a_last_edit_that_is_dropped_is_still_reported() -> None:
    """Otherwise the call would stay open until its card is edited again."""
    far = Far()
    far.want("a", "over", last=True)
    far.want("b", "ringing")

    assert far.pace.drop("a")
    assert not far.pace.drop("b")
    assert not far.pace.drop("c")


async def test_final_states_pass_first() -> None:
    """A final result must not wait behind edits of calls that still ring."""
    far = Far()
    for number in range(5):
        far.want(str(number), "ringing")
    far.want("x", "over", last=True)

    await far.play(0)

    assert far.sent[0] == "over"


async def test_an_end_that_is_not_confirmed_passes_before_live_states() -> None:
    """That a call is over matters more than that another one rings."""
    far = Far()
    far.want("a", "ringing")
    far.want("b", "is ending", ends=True)
    far.want("c", "result", last=True)

    await far.play(10)

    assert far.sent == ["result", "is ending", "ringing"]


async def test_no_card_is_wrong_for_longer_than_a_minute() -> None:
    """As many cards may change at once as Slack allows edits in a minute."""
    far = Far()
    for number in range(EDITS_PER_MINUTE):
        far.want(str(number), "answered")

    await far.play(1)
    at_once = len(far.sent)
    await far.play(BUDGET_WINDOW - 2)

    assert at_once == int(EDITS_PER_MINUTE * LIVE_SHARE)
    assert len(far.sent) == EDITS_PER_MINUTE


async def test_a_card_that_changes_again_keeps_its_place() -> None:
    """One that changes often would wait for all others each time."""
    far = Far()
    for number in range(EDITS_PER_MINUTE):
        far.want(str(number), "answered")
    far.want("0", "on hold")

    await far.play(1)

    assert far.sent[0] == "on hold"


async def test_a_final_state_is_not_overwritten_by_a_late_one() -> None:
    """A poll's answer that arrives late must not make a call live again."""
    far = Far()
    far.want("a", "over", last=True)
    far.want("a", "ringing")

    await far.play(10)

    assert far.sent == ["over"]


async def test_a_limit_is_waited_out_and_the_newest_state_sent() -> None:
    """429 means not done; what was wanted may have changed meanwhile."""
    far = Far()
    far.failures = [ChatBusy(30)]
    far.want("a", "ringing")
    await far.play(0)
    far.want("a", "answered")
    await far.play(20)
    assert far.sent == []

    await far.play(60)

    assert far.sent == ["answered"]


async def test_a_lost_answer_is_sent_again() -> None:
    """An edit is idempotent: sending it twice is harmless, losing it is not."""
    far = Far()
    far.failures = [ChatUnknown("reset")]
    far.want("a", "over", last=True)

    await far.play(10)

    assert far.sent == far.shown == ["over"]


async def test_a_card_that_was_deleted_ends_its_edits() -> None:
    """Somebody deleted it: there is nothing to show it on, and nothing to wait for."""
    far = Far()
    far.failures = [ChatRefused("message_not_found")]
    far.want("a", "over", last=True)

    await far.play(10)

    assert far.sent == []
    assert far.shown == ["over"]


async def test_a_fault_of_one_card_leaves_the_others_alone() -> None:
    """The loop serves every card of the process."""
    far = Far()
    far.failures = [ZeroDivisionError()]
    far.want("a", "one")
    far.want("b", "two")

    await far.play(10)

    assert far.sent == ["two"]


async def test_a_lost_edit_is_known_until_the_card_was_shown_again() -> None:
    """It covers the card for a time; then one more edit settles it."""
    far = Far()
    far.failures = [ChatUnknown("reset")]
    far.want("a", "ringing")
    await far.play(5)
    assert (far.sent, far.pace.has_lost_edit("a")) == (["ringing"], True)
    assert far.pace.edit_in_flight("a")

    far.clock.pass_by(USUAL_WAITS.edit_in_flight.total_seconds())
    assert not far.pace.edit_in_flight("a")
    far.pace.want(Edit("a", ANN, "C1", "1.1", Message("talking"), again=True))
    await far.play(5)

    assert not far.pace.has_lost_edit("a")


def test_a_slow_answer_holds_up_no_other_card() -> None:
    """Slack may take ten seconds for one card; others change meanwhile, in their order."""
    sent = []

    async def send(edit: Edit) -> None:
        sent.append(edit.message.text)
        if edit.call == "slow":
            await asyncio.sleep(10)

    async def note(edit: Edit) -> None:
        sent.append(f"shown {edit.message.text}")

    async def told() -> list[str]:
        pace = Pace(send, note, VirtualClock(), gap=0)
        for call, text in (("slow", "1"), ("a", "2"), ("b", "3")):
            pace.want(Edit(call, ANN, "C1", "1.1", Message(text)))
        running = asyncio.create_task(pace.run())
        await asyncio.sleep(5)
        pace.want(Edit("slow", ANN, "C1", "1.1", Message("4")))
        await asyncio.sleep(4)
        before = list(sent)
        await asyncio.sleep(20)
        running.cancel()
        return before

    assert in_virtual_time(told()) == ["1", "2", "shown 2", "3", "shown 3"]
    assert sent[5:] == ["shown 1", "4", "shown 4"]


def test_slow_answers_hold_up_no_card_of_another_workspace() -> None:
    """Ten cards whose answers drip would hold up everybody's for ten seconds."""
    sent = []

    async def send(edit: Edit) -> None:
        sent.append(edit.call)
        if edit.place != ANN:
            await asyncio.sleep(10)

    async def note(edit: Edit) -> None:
        del edit

    async def told() -> list[str]:
        pace = Pace(send, note, VirtualClock(), gap=0)
        for number in range(10):
            strange = Place(f"T9{number}", "C1", "U1")
            pace.want(Edit(f"slow {number}", strange, "C1", "1.1", Message("1")))
        for call in "ab":
            pace.want(Edit(call, ANN, "C1", "1.1", Message("1")))
        running = asyncio.create_task(pace.run())
        await asyncio.sleep(0.5)
        running.cancel()
        return sent

    assert in_virtual_time(told())[-2:] == ["a", "b"]
