"""Every entrance by every rule: none places a call that another one would not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any

import pytest

from bot.calls.call import State
from bot.calls.missed_card import MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import NO_PHONES
from bot.errors import UserError
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.policy.rules import (
    NEVER_OPENED,
    CallCap,
    PolicyRules,
    QuietHours,
    Rule,
    Ruling,
)
from bot.policy.wish import CallEntrance, DoNotCall, Fact
from bot.policy.workspace import AuditRow, WorkspaceId
from bot.slack.entrances import account, buttons, dialer, reminders
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.dialer import Surface
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.texts import asking
from bot.slack.texts.card_buttons import CALL_AGAIN_BUTTON
from bot.slack.texts.dialer import Dialed
from bot.slack.texts.list_buttons import CALL_LISTED_BUTTON
from bot.storage.calls.store import Store
from bot.storage.missed.card_rows import store_card
from bot.storage.missed.cards import MissedCards
from bot.storage.policy.audit import Audit, AuditFilter
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from bot.user_errors import ChannelUnknown, StandingUnknown, Unseen
from gated_office import SEALS, STEP, KnownFacts, Office
from intents import ANN, CALLEE, NOON, a_call, add_call

HERE = WorkspaceId.of(ANN)
BOB = replace(ANN, user="U2")
OLD = a_call(id="old", key="old", asked_at=NOON - timedelta(days=40), state=State.DONE)
EARLIER = NOON - timedelta(seconds=40)


def request(text: str) -> Request:
    """Return what Ann types or presses."""
    return Request("key", ANN, text, press="the question")


async def command(office: Office) -> object:
    """Type the number."""
    return await ringout.handle(request("415 555 0142"), office.services)


async def mention(office: Office) -> object:
    """Write it to the app: it asks, which is no call yet."""
    return await office.switchboard.prospect(ANN, CALLEE, entrance=CallEntrance.MENTION)


async def check(office: Office) -> object:
    """Ask what the rules say."""
    asked = request("check 415 555 0142")
    return await ringout.handle(asked, office.services)


async def again(office: Office) -> object:
    """Press ``Call again`` on a card."""
    return await buttons.ACTIONS[CALL_AGAIN_BUTTON](request("old"), office.services)


async def listed(office: Office) -> object:
    """Press ``Call`` in the question of a list."""
    value = SEALS.close(ANN.person, f"{CALLEE.e164} key")
    return await buttons.ACTIONS[CALL_LISTED_BUTTON](request(value), office.services)


def form(entrance: CallEntrance) -> Callable[[Office], Awaitable[object]]:
    """Return what submits a form."""

    async def submit(office: Office) -> object:
        def refuse(errors: dict[str, str]) -> Handled:
            return Handled.complain(errors)

        surface = Surface(Handled.push, refuse)
        asked = Dialed(CALLEE, None, None, None, ANN.channel)
        return await dialer.dial(
            Request("key", ANN, "", dialog="d1"),
            office.services,
            asked,
            surface,
            sure=True,
            entrance=entrance,
        )

    return submit


async def step(office: Office) -> object:
    """Press ``Call`` in the question of a workflow step."""
    return await office.steps.confirm(
        STEP.id, ANN, CALLEE, NO_PHONES, None, frozenset()
    )


async def call_back(office: Office) -> object:
    """Press ``Call back`` on a missed-call card."""
    return await office.services.missed.call_back(ANN, "m1")


async def reminder(office: Office) -> object:
    """Press ``Call`` below a reminder."""
    return await reminders.call(request("r1 old"), office.services)


async def test_call(office: Office) -> object:
    """Press ``Test call to myself``."""
    return await account.test_call(request(""), office.services)


test_call.__test__ = False  # type: ignore[attr-defined]

ENTRANCES: dict[CallEntrance, Callable[[Office], Awaitable[object]]] = {
    CallEntrance.COMMAND: command,
    CallEntrance.AGAIN: again,
    CallEntrance.BUTTON: listed,
    CallEntrance.MESSAGE: form(CallEntrance.MESSAGE),
    CallEntrance.DIALER: form(CallEntrance.DIALER),
    CallEntrance.MENTION: mention,
    CallEntrance.STEP: step,
    CallEntrance.CALL_BACK: call_back,
    CallEntrance.REMINDER: reminder,
    CallEntrance.TEST_CALL: test_call,
    CallEntrance.CHECK: check,
}


async def nobody(_: Store) -> None:
    """Set nothing."""


async def paused(store: Store) -> None:
    """Pause all calls."""
    await PolicyStates(store.writer).pause(HERE, NOON, "U9")


async def on_the_list(store: Store) -> None:
    """Put the number on the do-not-call list."""
    entry = DoNotCall(digits="+1415", is_prefix=True)
    await DoNotCallList(store.writer).add(HERE, entry, NOON, "U9")


async def just_called(store: Store) -> None:
    """Have Bob call the number 40 s ago."""
    call = a_call(id="bobs", key="bobs", place=BOB, asked_at=EARLIER)
    await add_call(store, call)


@dataclass(frozen=True)
class Case:
    """A rule, what makes it object, and whether it refuses or asks."""

    policy: Policy
    ruling: Ruling = Ruling.REFUSE
    before: Callable[[Store], Awaitable[None]] = nobody
    says: dict[str, Any] = field(default_factory=dict)
    """What Slack says, if it is asked."""


def own(rules: str) -> Callable[[Store], Awaitable[None]]:
    """Return what saves a workspace's own rules."""

    async def save(store: Store) -> None:
        assert await PolicyStates(store.writer).save(HERE, rules, 0, NOON, "U9")

    return save


async def no_guests(store: Store) -> None:
    """Have the workspace's own rules keep out guests, whom the operator lets in."""
    assert await PolicyStates(store.writer).save(HERE, "guests = false", 0, NOON, "U9")


async def no_shared_channels(store: Store) -> None:
    """Have the workspace's own rules allow no calls where another company reads."""
    rules = "shared_channels = false"
    assert await PolicyStates(store.writer).save(HERE, rules, 0, NOON, "U9")


def by(**rules: Any) -> Policy:
    """Return a policy with these rules."""
    return Policy(gate=PolicyRules(**rules))


CASES = {
    Rule.PAUSED: Case(Policy(), before=paused),
    Rule.DO_NOT_CALL: Case(Policy(), before=on_the_list),
    Rule.THROTTLE: Case(Policy(), Ruling.ASK, just_called),
    Rule.USERS: Case(Policy(users=frozenset({"U9"}))),
    Rule.CHANNELS: Case(Policy(channels=frozenset({"C9"}))),
    Rule.GUESTS: Case(by(guests=True), before=no_guests, says={Fact.GUEST: True}),
    Rule.SHARED_CHANNELS: Case(
        Policy(), before=no_shared_channels, says={Fact.SHARED: True}
    ),
    Rule.QUIET_HOURS: Case(by(quiet_hours=QuietHours(time(21), time(8)))),
    Rule.COUNTRY: Case(Policy(countries=frozenset({"GB"}))),
    Rule.PER_MINUTE: Case(by(calls_per_minute=0)),
    Rule.AT_ONCE: Case(by(calls_at_once=CallCap(person=0))),
    Rule.PER_DAY: Case(by(calls_per_day=CallCap(everybody=1)), before=just_called),
    Rule.MINUTES: Case(by(minutes_per_month=CallCap(everybody=3)), before=just_called),
    Rule.FIRST_TIME: Case(by(first_time=Ruling.ASK), Ruling.ASK),
    Rule.FOREIGN: Case(by(foreign=Ruling.REFUSE), Ruling.ALLOW),
}
"""The last one is no rule for a number at home: all that is well is placed."""


OWN_CASES = {
    Rule.USERS: Case(Policy(), before=own('users = ["U9"]')),
    Rule.CHANNELS: Case(Policy(), before=own('channels = ["C9"]')),
    Rule.QUIET_HOURS: Case(Policy(), before=own('quiet_hours = "21:00-08:00"')),
}
"""Rules of the workspace's own, which are read when the call is stored."""


@pytest.fixture
async def store(calls_url: str) -> AsyncIterator[Store]:
    """Give a store with a missed call to call back."""
    made = Store(calls_url, "me")
    await made.open()
    card = MissedCard(
        id="m1",
        account="a",
        place=replace(ANN, channel=""),
        first_at=NOON,
        last_at=NOON,
        told_at=NOON,
        caller=CALLEE,
    )
    await made.writer.run(lambda c: store_card(c, card, NOON))
    yield made
    made.close()


async def comes(office: Office, entrance: CallEntrance) -> list[AuditRow]:
    """Come in by *entrance*; return what the audit has of it."""
    before = await Audit(office.store.writer).read(HERE)
    office.rung.clear()
    with contextlib.suppress(UserError):
        await ENTRANCES[entrance](office)
    after = await Audit(office.store.writer).read(HERE)
    return after[: len(after) - len(before)]


def test_each_entrance_is_in_the_table() -> None:
    """A new one has to go through the gate, too."""
    assert set(ENTRANCES) == set(CallEntrance)


@pytest.mark.parametrize(
    ("rule", "case"),
    [*CASES.items(), *OWN_CASES.items()],
    ids=[*CASES, *(f"own {each}" for each in OWN_CASES)],
)
async def test_every_rule_holds_at_every_entrance(
    store: Store, rule: Rule, case: Case
) -> None:
    """A rule that one entrance forgot would be the one that everybody uses."""
    office = Office(store, case.policy, KnownFacts(**case.says))
    if rule not in {Rule.FIRST_TIME, Rule.FOREIGN}:
        await add_call(store, OLD)
    await case.before(store)
    left_out = {CallEntrance.AGAIN, CallEntrance.REMINDER}
    unseen = left_out if rule in {Rule.FIRST_TIME, Rule.FOREIGN} else set()

    for entrance in sorted(set(CallEntrance) - unseen):
        rows = await comes(office, entrance)

        told = [(row.entrance, row.verdict, row.rule) for row in rows]
        is_asked_anyway = entrance is CallEntrance.MENTION
        if case.ruling is Ruling.ALLOW:
            return
        assert office.rung == [], entrance
        if not (is_asked_anyway and case.ruling is Ruling.ASK):
            assert told == [(entrance, case.ruling, rule)], entrance


PRESSED = {
    CallEntrance.COMMAND: CallEntrance.BUTTON,
    CallEntrance.AGAIN: CallEntrance.BUTTON,
    CallEntrance.STEP: CallEntrance.STEP,
    CallEntrance.CALL_BACK: CallEntrance.CALL_BACK,
}
"""By what a question is answered that an entrance has led to."""


@pytest.mark.parametrize("entrance", PRESSED)
async def test_a_question_is_answered_once_by_what_it_came_from(
    store: Store, entrance: CallEntrance
) -> None:
    """A call back has to be on its card, and a step's call to complete its workflow."""
    office = Office(store, Policy())
    await add_call(store, OLD)
    await just_called(store)

    with pytest.raises(PolicyAsks) as raised:
        await ENTRANCES[entrance](office)
    question = asking.policy_question(raised.value)
    press = request(question.blocks[-1]["elements"][0]["value"])
    for _ in range(2):
        await buttons.ACTIONS[asking.CALL_DOUBTFUL_BUTTON](press, office.services)

    [row] = await Audit(store.writer).read(HERE, AuditFilter(verdict="allow"), 1)
    card = await MissedCards(store.writer).get("m1")
    assert question.text == (
        "<@U2> called this number 40 s ago. Call +1 415-555-0142 all the same?"
    )
    assert len(office.rung) == 1
    assert row.entrance == PRESSED[entrance]
    assert "answered throttle" in row.detail
    assert card is not None
    assert (card.call in office.rung) == (entrance is CallEntrance.CALL_BACK)


async def test_a_forged_answer_opens_no_rule_that_nobody_may_open(store: Store) -> None:
    """The value of a button comes back through the person's own client."""
    office = Office(store, Policy())
    await on_the_list(store)
    value = asking.Chosen(
        CALLEE, NO_PHONES, ANN.person, key="k", answered=frozenset(Rule), again=True
    )

    press = request(value.dump())
    with pytest.raises(PolicyRefuses) as refused:
        await buttons.ACTIONS[asking.CALL_DOUBTFUL_BUTTON](press, office.services)

    assert refused.value.decision.rule is Rule.DO_NOT_CALL
    assert asking.Chosen.load(value.dump()).answered.isdisjoint(NEVER_OPENED)
    assert office.rung == []


async def test_a_doubtful_number_that_was_just_called_is_asked_about_once(
    store: Store,
) -> None:
    """One question names both; its press answers both."""
    office = Office(store, Policy(countries=None))
    short = PhoneNumber("+493012")
    await add_call(store, a_call(id="b", key="b", place=BOB, callee=short))
    asked = request("+49 30 12")

    handled = await ringout.handle(asked, office.services)
    question = await handled.told()
    assert question is not None
    press = request(question.blocks[-1]["elements"][0]["value"])
    await buttons.ACTIONS[asking.CALL_DOUBTFUL_BUTTON](press, office.services)

    assert "looks too short" in question.text
    assert "<@U2> called this number" in question.text
    assert len(office.rung) == 1


@pytest.mark.parametrize(
    ("policy", "before"),
    [
        (Policy(), nobody),
        (by(guests=True), nobody),
        (by(shared_channels=True), no_guests),
    ],
    ids=["plain", "guests", "guests kept out before"],
)
async def test_slack_is_asked_only_where_a_rule_needs_it(
    store: Store, policy: Policy, before: Callable[[Store], Awaitable[None]]
) -> None:
    """A question to Slack takes time of the ack, and one of its hundred a minute."""
    facts = KnownFacts()
    office = Office(store, policy, facts)
    await before(store)

    await comes(office, CallEntrance.CHECK)
    [row] = await comes(office, CallEntrance.COMMAND)

    assert facts.asked == []
    assert (row.verdict, len(office.rung)) == (Ruling.ALLOW, 1)


@pytest.mark.parametrize(
    ("before", "policy", "error", "rule"),
    [
        (no_guests, by(guests=True), StandingUnknown(), Rule.GUESTS),
        (
            no_shared_channels,
            Policy(),
            ChannelUnknown(Unseen.SILENT),
            Rule.SHARED_CHANNELS,
        ),
    ],
    ids=["guests", "shared channels"],
)
async def test_that_slack_does_not_answer_is_a_refusal_in_the_audit(
    store: Store,
    before: Callable[[Store], Awaitable[None]],
    policy: Policy,
    error: UserError,
    rule: Rule,
) -> None:
    """Nobody rings; the dry run is told the same."""
    facts = KnownFacts()
    facts.silent = error
    office = Office(store, policy, facts)
    await before(store)

    for entrance in (CallEntrance.COMMAND, CallEntrance.CHECK):
        [row] = await comes(office, entrance)
        assert (row.verdict, row.rule) == (Ruling.REFUSE, rule)
    assert office.rung == []


async def test_what_is_refused_anyway_does_not_wait_for_slack(store: Store) -> None:
    """Nor does its silence stand for the reason: people are told of the list."""
    facts = KnownFacts()
    facts.silent = ChannelUnknown(Unseen.SILENT)
    office = Office(store, Policy(), facts)
    await no_shared_channels(store)
    await on_the_list(store)

    for entrance in (CallEntrance.COMMAND, CallEntrance.CHECK):
        [row] = await comes(office, entrance)
        assert (row.verdict, row.rule) == (Ruling.REFUSE, Rule.DO_NOT_CALL)
    assert facts.asked == []


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://acme.slack.com/archives/C1/p1", True),
        ("https://acme.example/archives/C1/p1", False),
        ("https://acme.slack.com/|a prize>", False),
    ],
)
async def test_a_button_leads_to_no_address_but_slacks(
    store: Store, link: str, *, kept: bool
) -> None:
    """Its value comes back through the person's own client, and the card is everybody's."""
    office = Office(store, Policy())
    value = asking.Chosen(
        CALLEE, NO_PHONES, ANN.person, key="k", again=True, message_link=link
    )

    press = request(value.dump())
    await buttons.ACTIONS[asking.CALL_DOUBTFUL_BUTTON](press, office.services)

    call = await store.get(office.rung[0])
    assert call is not None
    assert call.message_link == (link if kept else "")
