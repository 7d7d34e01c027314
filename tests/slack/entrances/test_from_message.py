"""``Call a number`` on a message: what is shown, and what its form may place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.numbers.phone import CountryNotAllowed, PhoneNumber
from bot.calls.overview import Sheet
from bot.calls.people.person import Preferences
from bot.calls.people.phones import NotYourPhone, Phone
from bot.errors import ChatBusy, ChatError, ChatRefused, NotConnected, UserError
from bot.policy.added import Added, Verdict
from bot.slack.entrances.from_message import Begun, open_form, submit
from bot.slack.entrances.request import Request
from bot.slack.entrances.seals import Seals
from bot.slack.entrances.waits import USUAL_FORM_WAITS, FormWaits
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.profile import Profile
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, AccessRule, Restarting, SameNumber
from intents import a_call

ANN = Place("T1", "C1", "U1")
ONE = "+14155550142"
LINK = "https://acme.slack.com/archives/C1/p1"
DESK = Phone(PhoneNumber("+16505550101"), rings=True, shows=True)
SEALS = Seals("x")


@dataclass
class Office:
    """Services of the bot: what was opened and placed, and what a test makes fail."""

    error: Exception | None = None
    verdict: Verdict = Verdict.NEW
    policy: Policy = field(default_factory=Policy)
    opened: list[Any] = field(default_factory=list)
    placed: list[Any] = field(default_factory=list)
    contact = NO_CONTACT
    seals = SEALS
    waits: FormWaits = USUAL_FORM_WAITS
    named: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Be each of the services."""
        self.switchboard = self.own_account = self
        self.views = SimpleNamespace(open=self.open)
        self.permalinks = SimpleNamespace(of=self.link)
        self.profiles = SimpleNamespace(of=self.profile)

    async def region_of(self, _place: Place, _entrance: object = None) -> str:
        """Return the home country, or fail."""
        if self.error:
            raise self.error
        return "US"

    async def sheet(self, _place: Place) -> Sheet:
        """Return one phone."""
        return Sheet((DESK,), Preferences(), "US", DESK)

    async def link(self, _place: Place, ts: str) -> str:
        """Return a message's link."""
        assert ts == "1.1"
        return LINK

    async def profile(self, _place: Place, user: str) -> Profile:
        """Return somebody's profile, or fail, or take for ever."""
        named = self.named[user]
        if isinstance(named, ChatError):
            raise named
        if named is None:
            await asyncio.Event().wait()
        return Profile(user, named)

    async def open(self, place: Place, trigger: str, view: Any, held: str = "") -> None:
        """Note what was opened."""
        self.opened.append((place, trigger, view, held))

    async def place(
        self, key: str, place: Place, to: Any, *args: Any, **more: Any
    ) -> Added:
        """Note what was to be placed, or fail."""
        if self.error:
            raise self.error
        self.policy.number(to.e164)
        self.placed.append((key, place, to, *args, more["message_link"]))
        return Added(self.verdict, a_call(callee=to))


def message(text: str) -> Request:
    """Return Ann's choice of the shortcut on a message."""
    body = {
        "type": "message_action",
        "trigger_id": "1.2",
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "user": {"id": "U1", "name": "ann"},
        "message": {"ts": "1.1", "text": text, "user": "U9", "team": "T9"},
    }
    return Request.from_shortcut(body)


def submitted(number: str = ONE, held: str | None = None, **more: str) -> Request:
    """Return Ann's submission of the form, with a number as the bot sealed it."""
    sealed = SEALS.close(ANN.person, number) if number else ""
    chosen = {"callee": sealed, "first": "auto", "caller_id": "auto", **more}
    return Request(
        "1.3",
        Place("T1", "", "U1"),
        dialog="V1",
        held=Begun("C1", LINK).dump() if held is None else held,
        state={
            "values": {
                name: {name: {"selected_option": {"value": value}}}
                for name, value in chosen.items()
            }
        },
    )


async def test_choosing_the_shortcut_opens_a_form_and_dials_nothing() -> None:
    """A stranger's message in a shared channel is as good as a colleague's."""
    office = Office()

    assert await open_form(message("Bob: 415 555 0142"), office) is None  # type: ignore[arg-type]

    [(place, trigger, view, held)] = office.opened
    assert (place, trigger) == (ANN, "1.2")
    assert "+1 415-555-0142" in str(view)
    assert ONE not in str(view)
    assert Begun.load(held) == Begun("C1", LINK)
    assert office.placed == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bob Baker", "@Bob Baker"),
        ("", "someone"),
        (ChatRefused("missing_scope"), "someone"),
        (ChatBusy(30), "someone"),
        (None, "someone"),
    ],
    ids=repr,
)
async def test_a_mention_beside_a_number_has_a_name_if_slack_tells_it(
    name: Any, shown: str
) -> None:
    """Without one the form opens all the same, and in time."""
    office = Office(named={"U0BOB": name}, waits=FormWaits(mentioned=0.01))

    await open_form(message("ring 415 555 0142 back, <@U0BOB>?"), office)  # type: ignore[arg-type]

    assert f"415 555 0142 back, {shown}?" in str(office.opened[0][2])


async def test_a_number_is_checked_when_it_is_listed() -> None:
    """A message may hold any number: what must not be dialed is not to be chosen."""
    office = Office()

    await open_form(message("+44 20 7946 0018"), office)  # type: ignore[arg-type]

    [(_, _, view, _)] = office.opened
    assert "United Kingdom" in str(view)
    assert "options" not in str(view)


async def test_who_is_not_connected_reads_how_to_connect() -> None:
    """There is no phone that could ring."""
    office = Office(NotConnected())

    await open_form(message("415 555 0142"), office)  # type: ignore[arg-type]

    assert "Connect RingCentral" in str(office.opened[0][2])


@pytest.mark.parametrize("error", [AccessDenied(AccessRule.CHANNELS), Restarting()])
async def test_who_may_not_call_here_sees_no_form(error: UserError) -> None:
    """The rules for typed commands hold for this entrance as well."""
    office = Office(error)

    with pytest.raises(type(error)):
        await open_form(message("415 555 0142"), office)  # type: ignore[arg-type]
    assert office.opened == []


async def test_a_submission_places_one_call_from_the_message() -> None:
    """Its key is the form's own, so that another submission is no second call."""
    office = Office()

    handled = await submit(submitted(first=DESK.number.e164), office)  # type: ignore[arg-type]

    [(key, place, to, first, link)] = office.placed
    assert (place, to, first, link) == (ANN, PhoneNumber(ONE), DESK.number, LINK)
    assert "V1" in key
    assert handled.ack == {"response_action": "clear"}


async def test_a_number_is_checked_again_when_it_is_submitted() -> None:
    """By then the rules may be others; the reason stands at the number."""
    office = Office()

    handled = await submit(submitted("+442079460018"), office)  # type: ignore[arg-type]

    assert office.placed == []
    assert "United Kingdom" in handled.ack["errors"]["callee"]


@pytest.mark.parametrize(
    ("error", "at"),
    [
        (SameNumber(), "first"),
        (NotYourPhone("from", ()), "first"),
        (NotYourPhone("as", ()), "caller_id"),
        (CountryNotAllowed(PhoneNumber(ONE)), "callee"),
        (AccessDenied(AccessRule.CHANNELS), "callee"),
        (Restarting(), "callee"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_is_wrong_stands_at_its_field(error: UserError, at: str) -> None:
    """The form stays open, and Slack accepts errors for inputs that are there alone."""
    handled = await submit(submitted(), Office(error))  # type: ignore[arg-type]

    assert list(handled.ack["errors"]) == [at]


@pytest.mark.parametrize(
    "request_",
    [
        submitted(""),
        submitted(callee="forged"),
        submitted(callee=SEALS.close(Place("T1", "C1", "U2").person, ONE)),
        submitted(callee=SEALS.close(ANN.person, "415 555 0142")),
        submitted(first="+19005550142x"),
        Request("1", ANN, state={"values": {}}),
        Request("1", ANN, state=7),
    ],
)
async def test_nothing_is_dialed_that_the_form_did_not_offer(request_: Request) -> None:
    """Somebody else's form, a forged one, an empty one: the form says so."""
    office = Office()

    handled = await submit(request_, office)  # type: ignore[arg-type]

    assert office.placed == []
    assert handled.ack["response_action"] == "errors"


async def test_a_second_call_to_the_same_number_is_asked_about() -> None:
    """As for a typed number; the question has a button to call anyway."""
    office = Office(verdict=Verdict.ALREADY_OPEN)

    handled = await submit(submitted(), office)  # type: ignore[arg-type]

    assert handled.ack["response_action"] == "push"
    assert LINK in str(handled.ack["view"]["private_metadata"])


@pytest.mark.parametrize("held", ["", "null", "[]", "{", '{"channel": 1}'])
async def test_a_form_that_kept_nothing_calls_all_the_same(held: str) -> None:
    """The card is then in the person's DM, without a link."""
    office = Office()

    await submit(submitted(held=held), office)  # type: ignore[arg-type]

    [(_, place, *_, link)] = office.placed
    assert (place.channel, link) == ("", "")
