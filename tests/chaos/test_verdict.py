"""The judge of the chaos bench finds each kind of fault, and passes a correct run.

A bench that passes whatever happens proves nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.sandbox.ledger import Seen
from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.life import Side
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.stories import find
from sight import RESULTS, Played, untold
from town import CALLER, Town
from verdict import Verdict, judge
from wires import EVERY_KIND, KINDS, SLACK_KINDS, Wire

SALES = "C0SALES"
NUMBERS = [f"+1415330000{last}" for last in range(5)]
FIRST = NUMBERS[0]
FINAL: list[dict[str, object]] = [
    {"type": "actions", "elements": [{"action_id": "call_again"}]}
]


class Aftermath:
    """The result of a storm of five commands, set up by hand in both doubles."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(SlackDouble(), RingCentralDouble(), folder)
        self.accepted = set(NUMBERS)
        self.again: set[str] = set()
        self.processes, self.broken = 1, 7
        self.unmet: list[str] = []

    def ring(self, number: str, story: str = "answered") -> PlacedCall:
        """Ring a call, and do nothing more."""
        double = self.town.ringcentral
        return double.ringouts.exchange.place(
            find(story),
            caller=CALLER,
            callee=number,
            caller_id="",
            owner="service",
            owner_id="1",
            play_prompt=False,
            decoy=False,
        )

    def card(self, number: str, call: str, *, final: bool = True) -> None:
        """Post a call's card."""
        text = f"Talked for 1 min with …{number[-4:]} (placed by <@U0ANN>)."
        blocks: list[dict[str, object]] = FINAL if final else []
        self._post(text, call, "ringout_card", blocks)

    def reply(self, call: str, caller: str, callee: str) -> None:
        """Post a call's reply."""
        self._post(f"Call. Caller: {caller}. Callee: {callee}", call, "ringout_reply")

    def promise(self, number: str) -> None:
        """Answer a press on ``Call again`` with a promise."""
        spoken = f"+1 415-330-{number[-4:]}"
        text = f"Calling you on Mobile (…0101), then {spoken}."
        self.town.slack.space.messages.whisper("U0ANN", SALES, text, via="response_url")

    def told(self, numbers: Iterable[str] = NUMBERS, more: str = "") -> None:
        """Ring calls, and post correct cards and replies."""
        for number in numbers:
            self.ring(number)
            self.card(number, f"{number}{more}")
            self.reply(f"{number}{more}", *RESULTS["answered"])

    def judged(self) -> Verdict:
        """Return the verdict."""
        return judge(self.town, self.played)

    @property
    def played(self) -> Played:
        """Return what was done."""
        return Played(
            NUMBERS,
            self.accepted,
            self.again,
            processes=self.processes,
            broken=self.broken,
            unmet=self.unmet,
        )

    def _post(
        self,
        text: str,
        call: str,
        kind: str,
        blocks: list[dict[str, object]] | None = None,
    ) -> None:
        metadata = {"event_type": kind, "event_payload": {"call": call}}
        self.town.slack.space.messages.post(
            SALES, text, blocks or [], via="chat.postMessage", metadata=metadata
        )


@pytest.fixture
def after(tmp_path: Path) -> Aftermath:
    """Return a storm that has left nothing yet."""
    return Aftermath(tmp_path)


def test_what_is_as_it_must_be_passes(after: Aftermath) -> None:
    """Five commands, five calls, and one of them repeated on request."""
    after.told()
    after.again = {FIRST}
    after.promise(FIRST)
    after.told([FIRST], more=" again")

    verdict = after.judged()

    assert verdict.is_clean, verdict.lines()
    assert (verdict.placed, verdict.placed_again, verdict.cards) == (6, 1, 6)


def test_a_card_that_is_missing_is_a_loss(after: Aftermath) -> None:
    """The ack had promised a call."""
    after.told(NUMBERS[1:])

    assert len(after.judged().losses) == 1
    assert untold(after.town, after.played) == [FIRST]


def test_a_call_of_which_nobody_heard_is_a_loss(after: Aftermath) -> None:
    """It rang, but its ack and everything after it were lost."""
    after.told(NUMBERS[1:])
    after.accepted.remove(FIRST)
    after.ring(FIRST)

    assert len(after.judged().losses) == 1


def test_a_reply_that_is_missing_is_a_loss(after: Aftermath) -> None:
    """The card alone does not tell how both sides ended."""
    after.told(NUMBERS[1:])
    after.ring(FIRST)
    after.card(FIRST, "x")

    assert len(after.judged().losses) == 1


def test_a_card_that_is_not_final_is_a_loss(after: Aftermath) -> None:
    """Even without an ack somebody looks at that card."""
    after.told(NUMBERS[1:])
    after.accepted.remove(FIRST)
    after.card(FIRST, "x", final=False)

    assert len(after.judged().losses) == 1


def test_a_promise_to_call_again_that_was_not_kept_is_a_loss(after: Aftermath) -> None:
    """The person was told that it rings."""
    after.told()
    after.again = {FIRST}
    after.promise(FIRST)

    assert len(after.judged().losses) == 1


@pytest.mark.parametrize("what", ["call", "card", "reply"])
def test_what_is_there_twice_is_a_duplicate(after: Aftermath, what: str) -> None:
    """Ringing a phone twice for one command is the worst fault of all."""
    after.told()
    if what == "call":
        after.ring(FIRST)
    elif what == "card":
        after.card(FIRST, "another")
    else:
        after.reply(FIRST, *RESULTS["answered"])

    assert len(after.judged().duplicates) == 1


def test_a_click_that_comes_twice_calls_once_more_and_no_more(after: Aftermath) -> None:
    """Slack may deliver a click twice as well."""
    after.again = {FIRST}
    after.told()
    after.told([FIRST], more=" again")
    after.told([FIRST], more=" and again")

    assert len(after.judged().duplicates) == 1


def test_nobody_has_pressed_so_nothing_is_called_again(after: Aftermath) -> None:
    """For example, a Cancel that places a call."""
    after.told()
    after.told([FIRST], more=" again")

    assert len(after.judged().duplicates) == 1


def test_another_result_than_the_calls_is_wrong(after: Aftermath) -> None:
    """The log says "busy": "answered" is wrong, and so is "not confirmed"."""
    after.told(NUMBERS[2:])
    for number, said in ((FIRST, RESULTS["callee-busy"]), (NUMBERS[1], ("", ""))):
        after.ring(number)
        after.card(number, number)
        after.reply(number, *said)

    verdict = after.judged()

    assert len(verdict.wrong) == 2
    assert verdict.wrongly_told == [FIRST, NUMBERS[1]]


def test_what_a_cancel_has_stopped_is_told_as_stopped(after: Aftermath) -> None:
    """Without the Cancel it would have been answered."""
    after.told(NUMBERS[1:])
    after.ring(FIRST).press(Side.CALLER, "cancel")
    after.card(FIRST, FIRST)
    after.reply(FIRST, "canceled", "not called")

    verdict = after.judged()

    assert verdict.is_clean, verdict.lines()
    assert verdict.stopped == 1


def test_a_result_of_a_call_that_was_not_is_wrong(after: Aftermath) -> None:
    """It shows another call's record; "not confirmed" would be allowed."""
    after.told(NUMBERS[2:])
    for number, said in ((FIRST, "Not confirmed"), (NUMBERS[1], "Caller: answered")):
        after.card(number, number)
        after._post(said, number, "ringout_reply")

    assert len(after.judged().wrong) == 1


def test_a_call_that_nobody_has_typed_is_wrong(after: Aftermath) -> None:
    """No command asked for it, so no missing card would reveal it."""
    after.told()
    after.ring("+14155550142")

    assert len(after.judged().wrong) == 1


@pytest.mark.parametrize(("seconds", "found"), [(0.2, 0), (1.0, 1), (90.0, 0)])
def test_a_request_in_a_penalty_is_found(
    after: Aftermath, seconds: float, found: int
) -> None:
    """Requests in flight when it began, or sent after its end, are fine."""
    after.told()
    for at, status in ((100.0, 429), (100.0 + seconds, 200)):
        after.town.ringcentral.requests.append(
            Seen(
                time=at,
                method="GET",
                path="/x",
                query={},
                body=None,
                headers={},
                connection_id=1,
                status=status,
                answered_at=at,
                group="Light",
                person="service",
                in_penalty=at > 100,
            )
        )

    assert len(after.judged().penalties) == found


def test_a_storm_in_which_nothing_was_acked_proves_nothing(after: Aftermath) -> None:
    """A bot that does nothing loses nothing and duplicates nothing."""
    after.accepted = set()

    verdict = after.judged()

    assert not verdict.losses
    assert not verdict.is_clean
    assert len(verdict.hollow) == 2


def test_a_storm_in_which_nothing_was_placed_proves_nothing(after: Aftermath) -> None:
    """Everybody was told "not placed", and that was true."""
    for number in NUMBERS:
        after.card(number, number)

    assert after.judged().hollow == ["too few were placed: 0 of 5"]


@pytest.mark.parametrize(("processes", "hollow"), [(1, 0), (3, 1)])
def test_several_processes_must_take_more(
    after: Aftermath, processes: int, hollow: int
) -> None:
    """While one process is down, others must take commands."""
    after.processes = processes
    after.accepted = set(NUMBERS[:1])
    after.told(NUMBERS[:1])

    assert len(after.judged().hollow) == hollow


def test_calm_is_no_storm(after: Aftermath) -> None:
    """Faults that were not injected were not survived."""
    after.broken = 0
    after.told()

    assert after.judged().hollow == ["nothing was broken"]


def test_a_kind_of_fault_that_met_no_request_proves_nothing(after: Aftermath) -> None:
    """RingCentral's drips were put in three times, and nobody noticed that none dripped."""
    after.told()
    after.unmet = ["RingCentral drip"]

    assert after.judged().hollow == ["no request met: RingCentral drip"]


async def test_each_kind_that_was_not_met_waits_for_the_next_request(
    after: Aftermath,
) -> None:
    """Whichever that is: some requests are rare, as those for which it had waited before."""
    town, counts = after.town, Counter[str]()
    wire = Wire(town, random.Random(1), counts)
    for kind in dict.fromkeys(SLACK_KINDS):
        wire._slack(kind, "auth.test", times=1)
        town.slack.faults.take("auth.test", {})
    before = wire.unmet()
    meeting = asyncio.create_task(wire.meet_all(lambda: None, lambda: None))
    await asyncio.sleep(0)
    for _ in before:
        town.ringcentral.faults.take("GET", "/rare")
    await meeting

    assert before == [f"RingCentral {kind}" for kind in KINDS]
    assert wire.unmet() == []
    assert set(wire.met()) == set(EVERY_KIND)


async def test_where_all_calls_have_ended_more_are_begun_until_each_kind_is_met(
    after: Aftermath,
) -> None:
    """A storm's calls had all ended before anybody met an absurd header."""
    town = after.town
    wire = Wire(town, random.Random(1), Counter[str]())

    def call() -> None:
        for _ in KINDS:
            town.ringcentral.faults.take("POST", "/ring-out")
        for _ in SLACK_KINDS:
            town.slack.faults.take("chat.postMessage", {"channel": "C1"})

    wire._ringcentral("absurd", "", "", times=1)
    await wire.meet_all(call, lambda: None)

    assert wire.met()["RingCentral absurd"] == 1


async def test_a_starting_process_meets_one_fault_after_another(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dozen that waited for it kept it from becoming ready for two and a half minutes."""
    town = after.town
    monkeypatch.setattr("wires.SLACK_METHODS", ("auth.test",))
    wire = Wire(town, random.Random(1), Counter[str]())
    for _ in range(9):
        wire.slack()
    first = town.slack.faults.take("auth.test", {})
    second = town.slack.faults.take("auth.test", {})
    wire.slack()
    third = town.slack.faults.take("auth.test", {})

    assert (first is None, second is None, third is None) == (False, True, False)


async def test_processes_are_spared_if_they_can_meet_no_fault(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each was killed while it signed in, and the storm ended with drips that nobody met."""
    wire = Wire(after.town, random.Random(1), Counter[str]())
    spared = asyncio.Event()
    monkeypatch.setattr("wires.MET_WITHIN", 0.0)
    await wire.meet_all(lambda: None, spared.set)
    unmet = wire.unmet()

    assert spared.is_set()
    assert unmet == list(EVERY_KIND)
