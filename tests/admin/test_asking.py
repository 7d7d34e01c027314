"""Who may be asked, who may answer, and what is judged anew: each press is checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.admin.asking import AskingAdmins
from bot.calls.call import Place
from bot.calls.missed_card import MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import NO_PHONES
from bot.errors import UserError
from bot.policy.admin_request import (
    GRANT_LASTS,
    REQUEST_LASTS,
    AdminAnswer,
    AdminAsked,
    AdminRequest,
)
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.policy.rules import (
    OPENED_BY,
    Askable,
    CallCap,
    PolicyRules,
    QuietHours,
    Rule,
    Ruling,
)
from bot.policy.wish import CallEntrance, DoNotCall
from bot.policy.workspace import WorkspaceId
from bot.slack.entrances import buttons
from bot.slack.entrances.request import Request
from bot.slack.texts import asking
from bot.slack.texts import asking_admin as texts
from bot.slack.texts.asking import Chosen
from bot.storage.calls.store import Store
from bot.storage.missed.card_rows import store_card
from bot.storage.missed.cards import MissedCards
from bot.storage.policy.admin_requests import AdminRequests
from bot.storage.policy.audit import Audit, AuditFilter
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.storage.retention import Retention
from bot.switchboard.policy import Policy
from bot.user_errors import (
    AccessDenied,
    GrantOver,
    OutdatedButton,
    OwnRequest,
    RequestAnswered,
    RequestOver,
)
from gated_office import STEP, Office
from intents import ANN, CALLEE, NOON

BOB, CARL = replace(ANN, user="U2"), replace(ANN, user="U3")
HERE = WorkspaceId.of(ANN)
RULES = PolicyRules(
    countries=frozenset({"GB"}), throttle=(), askable=frozenset(Askable)
)


def policy(**rules: Any) -> Policy:
    """Return a policy whose admins are Bob and Carl; two workspaces have a channel."""
    gate = replace(RULES, **rules)
    return Policy(
        countries=gate.countries,
        admins=frozenset({"T1:U2", "T1:U3", "T2:U8"}),
        admin_channels=frozenset({"T1:CADMIN", "T2:CTHEIRS"}),
        gate=gate,
    )


class Asking(Office):
    """People who are refused, and admins who answer."""

    def __init__(self, store: Store, of: Policy) -> None:
        super().__init__(store, of)
        self.clock = self.office_clock
        self.rows = AdminRequests(store.writer)
        self.woken = 0
        self.asking = AskingAdmins(
            self.rows, self.switchboard, of, self.clock, wake=self._wake
        )
        self.services.asking_admins = self.asking

    def _wake(self) -> None:
        self.woken += 1

    async def refused(self, place: Place = ANN) -> PolicyRefuses:
        """Have somebody be refused."""
        with pytest.raises(PolicyRefuses) as raised:
            await self.switchboard.place(
                "k1", place, CALLEE, entrance=CallEntrance.COMMAND
            )
        return raised.value

    async def asks(self, place: Place = ANN) -> AdminRequest:
        """Have somebody be refused, and ask; return the request."""
        error = await self.refused(place)
        assert error.wanted is not None
        wanted = asking.chosen_of(error.wanted)
        assert await self.asking.ask(place, wanted) is AdminAsked.NEW
        due = await self.rows.lease_due(self.clock.now())
        return max((each.request for each in due), key=lambda one: one.asked_at)

    async def presses(self, button: str, place: Place, value: str) -> object:
        """Press a button."""
        press = Request("key", place, value, press="a message")
        return await buttons.ACTIONS[button](press, self.services)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Give a store on either kind of database."""
    made = Store(database_url, "me")
    await made.open()
    yield made
    made.close()


NIGHT = QuietHours(NOON.time().replace(hour=1), NOON.time().replace(hour=23))
ASKABLE: dict[Rule, tuple[dict[str, Any], bool]] = {
    Rule.COUNTRY: ({}, True),
    Rule.AT_ONCE: ({"calls_at_once": CallCap(person=0)}, True),
    Rule.PER_DAY: ({"calls_per_day": CallCap(everybody=0)}, True),
    Rule.MINUTES: ({"minutes_per_month": CallCap(person=0)}, True),
    Rule.QUIET_HOURS: ({"quiet_hours": NIGHT}, True),
    Rule.FIRST_TIME: ({"first_time": Ruling.REFUSE}, True),
    Rule.FOREIGN: ({"foreign": Ruling.REFUSE}, True),
    Rule.PER_MINUTE: ({}, False),
    Rule.USERS: ({"users": frozenset({"U9"})}, False),
    Rule.CHANNELS: ({"channels": frozenset({"C9"})}, False),
    Rule.SHARED_CHANNELS: ({}, False),
    Rule.GUESTS: ({}, False),
    Rule.NUMBER_TYPE: ({}, False),
    Rule.THROTTLE: ({}, False),
    Rule.PAUSED: ({}, False),
    Rule.DO_NOT_CALL: ({}, False),
    Rule.EMERGENCY: ({}, False),
    Rule.PREMIUM: ({}, False),
    Rule.DOUBT: ({}, False),
}
"""Each rule: what makes it refuse, if the gate can be told so here, and who can open it."""


def test_the_table_has_each_rule_and_agrees_with_the_gate() -> None:
    """A new rule has to say whether an admin may open it."""
    assert set(ASKABLE) == set(Rule)
    assert {rule for rule, (_, can) in ASKABLE.items() if can} == set(OPENED_BY)


@pytest.mark.parametrize(
    "rule", [rule for rule, (given, _) in ASKABLE.items() if given]
)
async def test_each_rule_is_asked_about_or_never(store: Store, rule: Rule) -> None:
    """What the operator lists is offered word by word, and opens that rule alone."""
    given, can = ASKABLE[rule]
    home = "DE" if rule is Rule.FOREIGN else "US"
    all_ = {"countries": None} | given
    words = frozenset({OPENED_BY[rule]}) if can else frozenset(Askable)
    others = frozenset(Askable) - words
    for askable, is_offered in ((words, can), (others, False)):
        of = replace(policy(**all_, askable=askable), region=home)
        office = Asking(store, of)
        error = await office.refused()
        assert error.decision.rule is rule
        assert (error.wanted is not None) is is_offered


async def test_the_approved_call_is_the_one_that_was_wanted(store: Store) -> None:
    """Through the buttons: asked, approved by Bob, called by Ann from her own DM."""
    office = Asking(store, policy())
    request = await office.asks()
    await office.presses(texts.APPROVE_BUTTON, BOB, request.id)
    in_dm = replace(ANN, channel="D1")

    said = await office.presses(texts.CALL_GRANTED_BUTTON, in_dm, request.id)
    again = await office.presses(texts.CALL_GRANTED_BUTTON, in_dm, request.id)
    call = await store.with_key("k1")

    assert said is not None
    assert again is not None
    assert call is not None
    assert (call.callee, call.place) == (CALLEE, ANN)
    assert len(office.rung) == 1
    rows = await Audit(store.writer).read(HERE)
    told = [(row.user, row.action, row.verdict, row.rule) for row in reversed(rows)]
    assert told == [
        ("U1", "call", "refuse", "country"),
        ("U1", "call", "refuse", "country"),
        ("U1", "asked-admin", "", "country"),
        ("U2", "granted", "", "country"),
        ("U1", "call", "allow", ""),
    ]
    assert "granted country" in rows[0].detail


async def test_what_another_rule_asks_is_asked_and_the_approval_stays(
    store: Store,
) -> None:
    """A question in between must not cost the person their approval."""
    office = Asking(store, policy(first_time=Ruling.ASK))
    request = await office.asks()
    await office.presses(texts.APPROVE_BUTTON, BOB, request.id)
    in_dm = replace(ANN, channel="D1")

    with pytest.raises(PolicyAsks) as raised:
        await office.presses(texts.CALL_GRANTED_BUTTON, in_dm, request.id)
    question = asking.policy_question(raised.value)
    value = question.blocks[-1]["elements"][0]["value"]
    await office.presses(asking.CALL_DOUBTFUL_BUTTON, in_dm, value)
    call = await store.with_key("k1")

    assert call is not None
    assert call.place == ANN
    assert len(office.rung) == 1


async def test_a_call_back_and_a_steps_call_stay_what_they_are(store: Store) -> None:
    """An approved call back belongs to its card, and a step's call completes the workflow."""
    card = MissedCard(
        id="m1",
        account="a",
        place=replace(ANN, channel=""),
        first_at=NOON,
        last_at=NOON,
        told_at=NOON,
        caller=CALLEE,
    )
    await store.writer.run(lambda c: store_card(c, card, NOON))
    office = Asking(store, policy())
    for press, entrance in (
        (office.services.missed.call_back(ANN, "m1"), CallEntrance.CALL_BACK),
        (
            office.steps.confirm(STEP.id, ANN, CALLEE, NO_PHONES, None, frozenset()),
            CallEntrance.STEP,
        ),
    ):
        with pytest.raises(PolicyRefuses) as raised:
            await press
        assert raised.value.wanted is not None
        wanted = asking.chosen_of(raised.value.wanted)
        await office.presses(texts.ASK_ADMIN_BUTTON, ANN, wanted.dump())
        due = await office.rows.lease_due(office.clock.now())
        [request] = [each.request for each in due if not each.request.answer]
        await office.presses(texts.APPROVE_BUTTON, BOB, request.id)
        await office.presses(texts.CALL_GRANTED_BUTTON, ANN, request.id)
        [row] = await Audit(store.writer).read(HERE, AuditFilter(verdict="allow"), 1)
        assert row.entrance == entrance

    back = await MissedCards(store.writer).get("m1")
    assert back is not None
    assert back.call == office.rung[0]
    assert len(office.rung) == 2


async def test_only_another_admin_of_the_same_workspace_answers(store: Store) -> None:
    """`T2:U8` is an admin, and not here; Bob may not answer himself."""
    office = Asking(store, policy())
    request = await office.asks(BOB)
    stranger, cousin = Place("T2", "C1", "U8"), Place("T2", "C1", "U3")

    denied: list[type[UserError]] = []
    for place in (ANN, BOB, stranger, cousin):
        with pytest.raises(UserError) as error:
            await office.presses(texts.APPROVE_BUTTON, place, request.id)
        denied.append(type(error.value))
    waits = await office.rows.get(request.id)
    await office.presses(texts.DECLINE_BUTTON, CARL, request.id)
    with pytest.raises(RequestAnswered) as late:
        await office.presses(texts.APPROVE_BUTTON, CARL, request.id)

    assert denied == [AccessDenied, OwnRequest, RequestOver, AccessDenied]
    assert waits is not None
    assert waits.answer is AdminAnswer.NONE
    assert (late.value.by, late.value.is_approved) == ("U3", False)


async def test_an_answer_in_time_and_a_call_in_time(store: Store) -> None:
    """Ten minutes for the admin, and ten for the person."""
    office = Asking(store, policy())
    request = await office.asks()
    office.clock.pass_by(REQUEST_LASTS.total_seconds())
    with pytest.raises(RequestOver):
        await office.presses(texts.APPROVE_BUTTON, BOB, request.id)
    second = await office.asks()
    await office.presses(texts.APPROVE_BUTTON, BOB, second.id)
    office.clock.pass_by(GRANT_LASTS.total_seconds())
    with pytest.raises(GrantOver):
        await office.presses(texts.CALL_GRANTED_BUTTON, ANN, second.id)

    assert office.rung == []


@pytest.mark.parametrize("value", ["", "forged", "{}", "r1' OR 1=1"])
async def test_a_forged_id_does_nothing(store: Store, value: str) -> None:
    """Whatever comes back through a client is looked up, and found or not."""
    office = Asking(store, policy())
    for button, place, error in (
        (texts.APPROVE_BUTTON, BOB, RequestOver),
        (texts.CALL_GRANTED_BUTTON, ANN, OutdatedButton),
        (texts.ASK_ADMIN_BUTTON, ANN, OutdatedButton),
    ):
        with pytest.raises(error):
            await office.presses(button, place, value)
    forged = Chosen(CALLEE, NO_PHONES, ANN.person, key="k", grant=value or "x")
    with pytest.raises(OutdatedButton):
        await office.presses(asking.CALL_DOUBTFUL_BUTTON, ANN, forged.dump())

    assert office.rung == []


async def test_another_person_cannot_use_an_approval_or_ask_for_one(
    store: Store,
) -> None:
    """Carl sees Ann's buttons over her shoulder."""
    office = Asking(store, policy())
    request = await office.asks()
    await office.presses(texts.APPROVE_BUTTON, BOB, request.id)
    value = Chosen(CALLEE, NO_PHONES, ANN.person, key="k").dump()

    with pytest.raises(OutdatedButton):
        await office.presses(texts.CALL_GRANTED_BUTTON, CARL, request.id)
    with pytest.raises(AccessDenied):
        await office.presses(texts.ASK_ADMIN_BUTTON, CARL, value)

    assert office.rung == []


async def test_what_is_asked_is_judged_when_it_is_asked(store: Store) -> None:
    """A forged or an old button asks for nothing that the rules would not offer now."""
    office = Asking(store, policy())
    value = Chosen(CALLEE, NO_PHONES, ANN.person, key="k").dump()
    entry = DoNotCall(digits=CALLEE.e164, is_prefix=False)
    await DoNotCallList(store.writer).add(HERE, entry, NOON, "U2")

    with pytest.raises(PolicyRefuses) as listed:
        await office.presses(texts.ASK_ADMIN_BUTTON, ANN, value)
    await DoNotCallList(store.writer).remove(HERE, entry, NOON, "U2")
    await PolicyStates(store.writer).save(HERE, 'askable = ["cap"]', 0, NOON, "U2")
    with pytest.raises(PolicyRefuses) as narrowed:
        await office.presses(texts.ASK_ADMIN_BUTTON, ANN, value)
    free = Asking(store, policy(countries=None))
    said = await free.presses(texts.ASK_ADMIN_BUTTON, ANN, value)

    assert listed.value.decision.rule is Rule.DO_NOT_CALL
    assert narrowed.value.decision.rule is Rule.COUNTRY
    assert (listed.value.wanted, narrowed.value.wanted) == (None, None)
    assert "The rules allow it now" in str(said)
    assert await office.rows.first_due() is None


async def test_a_second_press_asks_nobody_again(store: Store) -> None:
    """Slack, and impatient people, press twice."""
    office = Asking(store, policy())
    error = await office.refused()
    assert error.wanted is not None
    value = asking.chosen_of(error.wanted).dump()

    first = await office.presses(texts.ASK_ADMIN_BUTTON, ANN, value)
    second = await office.presses(texts.ASK_ADMIN_BUTTON, ANN, value)

    asked = AuditFilter(rule="asked-admin")
    assert "I've asked the admins" in str(first)
    assert "You've asked about this number already" in str(second)
    assert len(await Audit(store.writer).read(HERE, asked)) == 1
    assert office.woken == 1


async def test_who_is_erased_leaves_no_request_to_answer(store: Store) -> None:
    """Its buttons may stand in the channel for years."""
    office = Asking(store, policy())
    request = await office.asks()
    erased = await Retention(store.writer).erase(CALLEE.e164, dry=False)

    assert erased.asked == 1
    with pytest.raises(RequestOver):
        await office.presses(texts.APPROVE_BUTTON, BOB, request.id)


@pytest.mark.parametrize(
    ("channels", "found"),
    [
        ({"C1"}, "C1"),
        ({"T1:C1", "T2:C2"}, "C1"),
        ({"E1:C3"}, "C3"),
        ({"T2:C2"}, ""),
        (set(), ""),
    ],
)
def test_each_workspace_has_its_own_channel(channels: set[str], found: str) -> None:
    """A request of one company must not stand in another's channel."""
    place = Place("T1", "C9", "U1", "E1")
    of = Policy(admins=frozenset({"U2"}), admin_channels=frozenset(channels))

    assert of.admin_channel(place) == found
    assert replace(of, admins=frozenset()).admin_channel(place) == ""


def test_a_country_is_left_to_the_gate_only_where_somebody_can_be_asked() -> None:
    """And never for the phone that rings first."""
    of = policy()
    paris = PhoneNumber("+33142278186")

    assert of.number(paris.e164) == paris
    for strict in (
        replace(of, admin_channels=frozenset()),
        replace(of, admins=frozenset()),
        policy(askable=frozenset({Askable.CAP})),
    ):
        with pytest.raises(UserError):
            strict.number(paris.e164)
    with pytest.raises(UserError):
        of.first_number(paris.e164, "US")
