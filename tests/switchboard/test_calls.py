"""What people do about calls, through their commands and buttons, without a database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.accounts.callers import Caller
from bot.calls.call import Call
from bot.calls.numbers.phone import NumberNotAllowed, PhoneNumber
from bot.calls.people.names import Name, NameSource
from bot.calls.people.person import Preferences, Shows
from bot.calls.people.phones import Phone, UnknownPhone
from bot.errors import UserError
from bot.policy.added import Added, Verdict
from bot.policy.decision import ALLOWED, Decision
from bot.policy.wish import CallEntrance
from bot.policy.workspace import AuditRow
from bot.slack.entrances import buttons
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.request import Request
from bot.slack.texts.profile import Profile
from bot.switchboard.calls import Switchboard
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, OutdatedButton, UnknownCall
from fakes import FakeClock
from intents import ANN, NOON, a_call

DESK = Phone(PhoneNumber("+442079460018"), "Desk", "PhoneLine", rings=True)
HOME = Phone(PhoneNumber("+442079460019"), "Home", "Home", rings=True)
MAIN = Phone(PhoneNumber("+442079460020"), "Main", shows=True)
LONDON = Policy(region="GB", countries=frozenset({"GB", "DE"}))
AGAIN, BUTTON = CallEntrance.AGAIN, CallEntrance.BUTTON
DOUBTFUL = "+49 30 12"
BOB = "<@U0BOB>"
ASKED_FIRST = (DOUBTFUL, BOB)
"""What is dialed only once a button is pressed."""


class Company:
    """A switchboard for one person, whose phones and settings a test changes."""

    def __init__(self, policy: Policy = LONDON) -> None:
        self.caller = Caller("", "", (DESK, HOME, MAIN), Preferences(region="GB"))
        self.placed: list[Call] = []
        self.stored: dict[str, Call] = {}
        self.audited: list[AuditRow] = []
        anything = cast("Any", SimpleNamespace())
        self.switchboard = Switchboard(
            store=cast("Any", self),
            accounts=cast("Any", self),
            policy=policy,
            history=anything,
            names=anything,
            facts=anything,
            clock=FakeClock(NOON),
            me="me",
            begin=self.placed.append,
            changed=self.placed.append,
            closing=asyncio.Event(),
        )
        self._services: Any = SimpleNamespace(
            switchboard=self.switchboard,
            profiles=SimpleNamespace(of=self._profile),
            contact=SimpleNamespace(),
        )
        self.takeover = SimpleNamespace(unsent=timedelta(seconds=1))

    async def of(self, person: object) -> Caller:
        """Return the person's phones and settings, as they are now."""
        del person
        return self.caller

    async def direct_number(self, person: object) -> None:
        """Know no number of any colleague's."""

    async def add(self, call: Call, **_: object) -> Added:
        """Store a call."""
        return Added(Verdict.NEW, call)

    async def audit(self, row: AuditRow) -> None:
        """Keep what was refused before the gate was asked."""
        self.audited.append(row)

    async def weigh(self, *_: object, **__: object) -> Decision:
        """Have nothing against any call."""
        return ALLOWED

    async def get(self, call_id: str) -> Call | None:
        """Return a call that is stored."""
        return self.stored.get(call_id)

    async def question(self, text: str) -> Request:
        """Type a command that is asked about; return the press of its ``Call``."""
        handled = await ringout.handle(Request("1", ANN, text), self._services)
        asked: Any = handled.ack.get("blocks")
        if handled.later is not None:
            message = await handled.later()
            asked = message.blocks if message else None
        button = asked[-1]["elements"][0]
        self._action = button["action_id"]
        assert not self.placed
        return Request("2", ANN, button["value"], press="the question")

    async def presses(self, request: Request) -> Call:
        """Press it; return the call that was placed."""
        await buttons.ACTIONS[self._action](request, self._services)
        [call] = self.placed
        return call

    @staticmethod
    async def _profile(*_: object) -> Profile:
        return Profile("U0BOB", "Bob", phone="+44 20 7946 0177")


def changes() -> list[Caller]:
    """Return what a person's phones and settings may have become since the question."""
    same = Company().caller
    other = replace(HOME, label="Desk"), replace(DESK, label="Home"), MAIN
    german = PhoneNumber("+492079460018")  # what "020 7946 0018" means in Germany
    there = (DESK, HOME, MAIN, replace(HOME, number=german, label="Berlin"))
    return [
        same,
        replace(same, chosen=Preferences(region="DE", first=HOME.number.e164)),
        replace(same, phones=other),
        replace(same, phones=there, chosen=Preferences(region="DE")),
        replace(same, phones=(replace(HOME, label=DESK.number.e164), DESK, MAIN)),
    ]


@pytest.mark.parametrize("to", ASKED_FIRST)
@pytest.mark.parametrize("typed", ["Desk", "desk", "020 7946 0018", "+442079460018"])
@pytest.mark.parametrize("change", range(len(changes())))
async def test_a_question_keeps_the_phones_that_were_meant_when_it_was_asked(
    to: str, typed: str, change: int
) -> None:
    """Another phone must not ring because a label or the home region has changed."""
    company = Company()
    press = await company.question(f"{to} from {typed} as main")
    company.caller = changes()[change]

    call = await company.presses(press)

    assert (call.caller, call.caller_id) == (DESK.number, MAIN.number)


@pytest.mark.parametrize("to", ASKED_FIRST)
@pytest.mark.parametrize("left", [(HOME, MAIN), (DESK, HOME), ()])
async def test_a_phone_that_is_gone_since_the_question_does_not_ring(
    to: str, left: tuple[Phone, ...]
) -> None:
    """Nor may others see it: whose it is by now, nobody knows."""
    company = Company()
    press = await company.question(f"{to} from desk as main")
    company.caller = replace(company.caller, phones=left or (HOME,))

    with pytest.raises(UnknownPhone):
        await company.presses(press)

    assert not company.placed


@pytest.mark.parametrize("to", ASKED_FIRST)
async def test_the_rules_count_when_the_question_is_answered(to: str) -> None:
    """What an admin forbade meanwhile is not dialed, and nobody calls who may not."""
    for policy, error in [
        (Policy(region="GB", countries=frozenset({"US"})), NumberNotAllowed),
        (Policy(users=frozenset({"U9"})), AccessDenied),
    ]:
        company = Company()
        press = await company.question(f"{to} from desk")
        company.switchboard.policy = policy

        with pytest.raises(error):
            await company.presses(press)

        assert not company.placed


@pytest.mark.parametrize("to", ASKED_FIRST)
async def test_a_phone_that_is_none_of_theirs_is_refused_before_the_question(
    to: str,
) -> None:
    """Nobody has to press a button to read that."""
    with pytest.raises(UnknownPhone):
        await Company().question(f"{to} from garage")


async def test_without_from_the_phone_of_the_moment_rings() -> None:
    """What was not typed was not shown either; a setting saved meanwhile counts."""
    company = Company()
    press = await company.question(DOUBTFUL)
    chosen = Preferences(first=HOME.number.e164)
    company.caller = replace(company.caller, chosen=chosen)

    assert (await company.presses(press)).caller == HOME.number


async def test_a_button_that_kept_typed_text_is_out_of_date() -> None:
    """An earlier version's; the person types the command again."""
    company = Company()
    press = await company.question(f"{DOUBTFUL} from desk")
    old = press.text.replace(DESK.number.e164, "desk")

    with pytest.raises(OutdatedButton):
        await company.presses(replace(press, text=old))


@pytest.mark.parametrize(
    ("source", "named"), [(NameSource.WRITTEN, True), (NameSource.ADDRESS_BOOK, False)]
)
async def test_call_again_on_a_colleagues_card_is_a_call_of_ones_own(
    source: NameSource, *, named: bool
) -> None:
    """By one's own account and phones; a name from the other's address book stays theirs."""
    company = Company()
    name, theirs = Name("Northwind", source), replace(ANN, user="U0BOB")
    company.stored["c1"] = a_call(
        place=theirs,
        callee=PhoneNumber("+442079460177"),
        caller=PhoneNumber("+493012345678"),
        caller_id=PhoneNumber("+493012345679"),
        account="bob's",
        callee_name=name,
    )

    await company.switchboard.place_again("key", ANN, "c1", entrance=AGAIN)

    [call] = company.placed
    assert (call.key, call.place, call.account) == ("key", ANN, "")
    assert (call.callee, call.caller) == (PhoneNumber("+442079460177"), DESK.number)
    assert call.caller_id is None
    assert call.callee_name == (name if named else None)


async def test_a_colleagues_number_is_dialed_by_ones_own_rules_alone() -> None:
    """The operator may have changed them; and a card of another workspace is nobody's."""
    company = Company()
    company.stored["c1"] = a_call(
        place=replace(ANN, user="U0BOB"), callee=PhoneNumber("+14155550142")
    )
    company.stored["c2"] = a_call(
        place=replace(ANN, team="T2"), callee=PhoneNumber("+442079460177")
    )

    with pytest.raises(NumberNotAllowed):
        await company.switchboard.place_again("key", ANN, "c1", entrance=AGAIN)
    with pytest.raises(UnknownCall):
        await company.switchboard.place_again("key", ANN, "c2", entrance=AGAIN)
    assert company.placed == []


@pytest.mark.parametrize(
    ("to", "from_"),
    [("020 7946 0177", None), ("020 7946 0177", "Home"), ("+49 30 12", "Home")],
)
async def test_what_would_be_dialed_is_what_is_dialed(to: str, from_: str) -> None:
    """A question shows it; nothing is stored until it is answered."""
    company = Company()

    shown = await company.switchboard.prospect(ANN, to, from_, entrance=BUTTON)
    assert company.placed == []
    await company.switchboard.place(
        "key", ANN, shown.callee, shown.phones.caller, entrance=BUTTON, sure=True
    )

    [call] = company.placed
    assert call.callee == shown.callee
    assert call.caller == (HOME if from_ else DESK).number
    assert (shown.doubt is not None) == to.startswith("+49")


@pytest.mark.parametrize("to", ["911", "020 7946 0018", "+1 415 555 0142"])
async def test_what_would_not_be_dialed_is_said_before(to: str) -> None:
    """With the same reason: an emergency, one's own phone, another country."""
    company = Company()

    with pytest.raises(UserError) as before:
        await company.switchboard.prospect(ANN, to, entrance=BUTTON)
    with pytest.raises(UserError) as then:
        await company.switchboard.place("key", ANN, to, entrance=BUTTON)

    assert type(before.value) is type(then.value)


@pytest.mark.parametrize(
    ("shows", "wanted"),
    [
        (Shows.CHANNEL, Shows.CHANNEL),
        (Shows.PRIVATE, Shows.DM),
        (Shows.DM, Shows.DM),
    ],
)
async def test_a_call_back_of_whoever_keeps_results_is_in_their_dm(
    shows: Shows, wanted: Shows
) -> None:
    """A card in the channel would tell there that they have called, and when."""
    company = Company()
    chosen = replace(company.caller.chosen, shows=shows)
    company.caller = replace(company.caller, chosen=chosen)
    number = PhoneNumber("+442079460100")

    usual = await company.switchboard.place("k1", ANN, number, entrance=BUTTON)
    kept = await company.switchboard.place(
        "k2", ANN, number, entrance=BUTTON, result_in_dm=True
    )

    assert (usual.call.shows, kept.call.shows) == (shows, wanted)
