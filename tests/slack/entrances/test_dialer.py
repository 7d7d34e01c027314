"""The dialer without a Slack: what it suggests is what it dials, and what goes wrong is said."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.overview import Sheet
from bot.calls.people.names import Name, NameSource
from bot.calls.people.person import Preferences
from bot.calls.people.phones import NotYourPhone, Phone
from bot.calls.suggestions import Suggested, Suggestion, SuggestionSource
from bot.errors import MayBeStored, NotConnected, StoreUnavailable, UserError
from bot.policy.added import Added, Verdict
from bot.policy.refusals import DoubtfulNumber
from bot.policy.rules import Rule
from bot.sandbox.slack import queries
from bot.slack.entrances import dialer
from bot.slack.entrances.entrance import queries as queries_in_time
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.seals import Seals
from bot.slack.entrances.waits import USUAL_FORM_WAITS
from bot.slack.texts import dialer as texts
from bot.slack.texts import refusals
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.dialer import CALLEE_FIELD, NO_NUMBER
from bot.slack.texts.text import Message
from bot.switchboard.policy import Policy
from bot.switchboard.suggesting import suggested
from bot.user_errors import (
    Absence,
    AccessDenied,
    AccessRule,
    NotInChannel,
    PhonesUnavailable,
    Restarting,
    SameNumber,
)
from intents import a_call
from virtual_time import in_virtual_time

ANN, BOB = Place("T1", "", "U1"), Place("T1", "", "U2")
NORTH = PhoneNumber("+14155550142")
SEALS = Seals("a secret")
ANYWHERE = Policy(countries=None)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KNOWN = (
    Suggestion.of(
        NORTH.e164, "Northwind <&> " + "n" * 60, SuggestionSource.ADDRESS_BOOK
    ),
    Suggestion.of("+442079460018", "", SuggestionSource.CALLED),
    Suggestion.of("+19005550142", "Premium", SuggestionSource.DIRECTORY),
)

digits = st.text("0123456789 +-().٠١٢٣４５/,;x#*", max_size=30)
written = st.builds(
    lambda region, how: phonenumbers.format_number(
        phonenumbers.example_number(region) or phonenumbers.PhoneNumber(), how
    ),
    st.sampled_from(REGIONS),
    st.sampled_from([0, 1, 2, 3]),
)
typings = st.text(max_size=400) | digits | written


@dataclass
class Desk:
    """A switchboard that notes what it is asked to dial, and answers as a test says."""

    policy: Policy = ANYWHERE
    region: str = "US"
    answer: Verdict | Exception = Verdict.NEW
    absence: Absence | None = None
    told: list[tuple[str, str]] = field(default_factory=list)
    dialed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def services(self) -> Any:
        """The services of which it is one."""
        return SimpleNamespace(
            switchboard=self,
            suggesting=self,
            presence=self,
            seals=SEALS,
            contact=NO_CONTACT,
        )

    async def check(self, place: Place, note: Message) -> None:
        """Note what somebody is told in a channel, if they are in it."""
        if self.absence is not None:
            raise NotInChannel(self.absence)
        self.told.append((place.channel, note.text))

    async def of(self, place: Place, typed: str) -> Suggested:
        """Suggest what is known to all."""
        del place
        return suggested(self.policy, typed, self.region, KNOWN)

    async def note_refusal(self, *_: object) -> None:
        """Have no audit."""

    async def region_of(self, place: Place, _entrance: object = None) -> str:
        """Return the home of all."""
        del place
        return self.region

    async def place(
        self, key: str, place: Place, to: PhoneNumber, first: Any, **more: Any
    ) -> Added:
        """Note a call."""
        number, name = self.policy.number(to.e164, self.region), more["name"]
        wanted = {"key": key, "place": place, "to": number, "from_": first}
        self.dialed.append(wanted | more)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Added(self.answer, a_call(callee=number, callee_name=name), "Mobile")


class Opening:
    """An account and Slack's modals, for somebody who opens the form."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.shown: list[Any] = []
        self.prepared = 0

    async def sheet(self, _place: Place) -> Sheet:
        """Return what they can choose, or say that they have no account."""
        if self.error is not None:
            raise self.error
        mobile = Phone(PhoneNumber("+16505550101"), "Mobile", rings=True, shows=True)
        chosen = Preferences(first="+16505550101")
        return Sheet((mobile,), chosen, "US", None)

    async def open(self, _place: Place, trigger: str, view: Any) -> None:
        """Show the form."""
        self.shown.append((trigger, view))

    async def prepare(self, _place: Place) -> None:
        """Fail to have the books read."""
        self.prepared += 1
        raise StoreUnavailable("away")


async def test_the_form_opens_with_what_one_has_set() -> None:
    """The usual phone is named; where one is, is chosen; the books are read soon."""
    opening: Any = Opening()
    services: Any = SimpleNamespace(
        own_account=opening, views=opening, suggesting=opening
    )
    said = await dialer.open_form(Request("1", ANN, trigger="t"), services)

    [(trigger, view)] = opening.shown
    blocks = {each["block_id"]: each["element"] for each in view["blocks"]}
    assert said is None
    assert trigger == "t"
    assert blocks["callee"]["min_query_length"] == 0
    assert blocks["channel"]["default_to_current_conversation"]
    usual = blocks["first"]["initial_option"]
    assert (usual["text"]["text"], usual["value"]) == ("Default (Mobile …0101)", "auto")
    assert opening.prepared == 1


@pytest.mark.parametrize("again", [False, True])
async def test_who_opens_it_without_an_account_is_led_to_one(*, again: bool) -> None:
    """In the form's place: the button there opens the sign-in."""
    opening: Any = Opening(NotConnected(again=again))
    services: Any = SimpleNamespace(
        own_account=opening, views=opening, suggesting=opening
    )
    await dialer.open_form(Request("1", ANN, trigger="t"), services)

    [(_, view)] = opening.shown
    assert "connect_start" in str(view)
    assert "submit" not in view


def chosen(value: str, **more: str) -> dict[str, Any]:
    """Return the state of a form in which a suggestion was chosen."""
    option = {"type": "external_select", "selected_option": {"value": value}}
    values: dict[str, Any] = {CALLEE_FIELD: {"dialer_number": option}}
    for name, each in more.items():
        kind = "selected_conversation" if name == "channel" else "value"
        block = "for" if name == "about" else name
        values[block] = {block: {"type": "x", kind: each}}
    return {"values": values}


def submitted(value: str, *, place: Place = ANN, **more: str) -> Request:
    """Return the submission of a form in which a suggestion was chosen."""
    state = chosen(value, **more)
    return Request("any", place, view="V1", dialog="V1", state=state)


def sealed(number: str, place: Place = ANN) -> str:
    """Return the value of a suggestion."""
    return SEALS.close(place.person, number)


async def offered(desk: Desk, typed: str) -> list[dict[str, Any]]:
    """Return what is suggested, by the rules of Slack."""
    done = await dialer.suggest(Request("1", ANN, typed), desk.services)
    return queries.suggested(dict(done.ack))


@given(typings, st.sampled_from(["US", "GB", "DE", "JP", "BR"]))
async def test_what_is_shown_is_what_is_dialed(typed: str, region: str) -> None:
    """Whatever is typed: the options are Slack's, and a chosen one dials its number."""
    desk = Desk(region=region)
    for option in await offered(desk, typed):
        desk.dialed.clear()
        done = await dialer.submit(submitted(option["value"]), desk.services)
        if done.ack.get("response_action") == "errors":
            assert option["value"].startswith(NO_NUMBER)
            assert desk.dialed == []
        else:
            [call] = desk.dialed
            assert option["text"]["text"].endswith(call["to"].international)


@given(st.text(max_size=200), typings)
async def test_no_value_that_comes_back_breaks_the_form(value: str, other: str) -> None:
    """It may be forged: then it is refused at its field, and nothing is dialed."""
    desk = Desk()
    for each in (value, other, NO_NUMBER + value):
        done = await dialer.submit(submitted(each, first=value), desk.services)
        assert done.ack["response_action"] == "errors"
    assert desk.dialed == []


@pytest.mark.parametrize(
    ("typed", "shown", "said"),
    [
        ("(415) 555-0142", f"{'Northwind <&> ' + 'n' * 42}… · +1 415-555-0142", "Call"),
        ("415 555 0177", "+1 415-555-0177", "Call this number"),
        ("bob", "“bob”", "I have no number for this name."),
        ("@b", "“@b”", "I have no number for this name. Type it, or /ringout @name"),
        ("911", "“911”", "I can't reach emergency services."),
        ("+49 30 12", "+49 3012", "It looks too short for Germany"),
        ("+1 900 555 0142", "“+1 900 555 0142”", "+1 900-555-0142 is a premium-rate"),
    ],
)
async def test_what_is_typed_is_suggested_first_if_nothing_known_is_meant(
    typed: str, shown: str, said: str
) -> None:
    """With the number that it would dial, or with why it would not."""
    first = (await offered(Desk(), typed))[0]

    assert first["text"]["text"] == shown
    assert first["description"]["text"].startswith(said)


MILO = Suggestion.of("+14155550171", "Milo Hart", SuggestionSource.ADDRESS_BOOK)
MANY = [
    Suggestion.of(f"+1415555{n:04}", f"Milo {n}", SuggestionSource.DIRECTORY)
    for n in range(120)
]


@pytest.mark.parametrize(
    ("typed", "known", "shown"),
    [
        ("milo", [MILO], ["Milo Hart · +1 415-555-0171"]),
        ("@milo", [MILO], ["Milo Hart · +1 415-555-0171"]),
        ("Milo H", [MILO], ["Milo Hart · +1 415-555-0171"]),
        ("0171", [MILO], ["“0171”", "Milo Hart · +1 415-555-0171"]),
        ("milo 0171", [MILO], ["“milo 0171”", "Milo Hart · +1 415-555-0171"]),
        ("555 0171", [MILO], ["“555 0171”", "Milo Hart · +1 415-555-0171"]),
        ("415 555 0171", [MILO], ["Milo Hart · +1 415-555-0171"]),
        ("415 555 0199", [MILO], ["+1 415-555-0199"]),
        ("milo", MANY, [f"Milo {n} · +1 415-555-{n:04}" for n in range(99)]),
        (
            "911",
            [Suggestion.of("+14155550911", "Kin", SuggestionSource.CALLED)],
            ["“911”", "Kin"],
        ),
        ("nobody", [MILO], ["“nobody”"]),
    ],
)
def test_enter_takes_what_was_typed_and_a_name_is_whom_it_means(
    typed: str, known: list[Suggestion], shown: list[str]
) -> None:
    """Slack's menu chooses the first row: no digits call whoever else has them."""
    found = suggested(ANYWHERE, typed, "US", known)

    made = texts.options(found, str, NO_CONTACT)

    assert len(made) == len(shown) <= 100
    for option, text in zip(made, shown, strict=True):
        assert option["text"]["text"].startswith(text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("bob", "I don't have a number for “bob”."),
        ("@bob", "I don't have a number for “@bob”."),
        ("premium", "+1 900-555-0142 is a premium-rate number."),
        ("0142", "“0142” is too short"),
    ],
)
async def test_a_row_that_calls_nobody_says_why_at_the_field(
    typed: str, said: str
) -> None:
    """For the reason that the menu gave; there is more room than in the menu."""
    desk = Desk()
    row = (await offered(desk, typed))[0]

    done = await dialer.submit(submitted(row["value"]), desk.services)

    assert row["value"].startswith(NO_NUMBER)
    assert said in done.ack["errors"][CALLEE_FIELD]
    assert desk.dialed == []


class SlowDesk(Desk):
    """Needs as long to know who somebody is as to know whom they may mean."""

    seconds = 0.0

    async def admit(self, _place: Place, within: float) -> None:
        """Let everybody in, late."""
        assert within < USUAL_FORM_WAITS.suggest
        await asyncio.sleep(self.seconds)

    async def of(self, place: Place, typed: str) -> Suggested:
        """Suggest what is known, late."""
        await asyncio.sleep(self.seconds)
        return await super().of(place, typed)


@pytest.mark.parametrize(("seconds", "is_late"), [(0.4, False), (0.5, True)])
def test_nobody_who_types_waits_for_two_answers_in_a_row(
    seconds: float, *, is_late: bool
) -> None:
    """Who they are and whom they may mean are asked within one time."""
    desk = SlowDesk()
    desk.seconds = seconds
    services: Any = desk.services
    services.admission = SimpleNamespace(check=desk.admit)
    suggest = queries_in_time()[texts.DIALER_MENU]

    async def type_number() -> Handled:
        return await suggest(Request("1", ANN, "415 555 0177"), services)

    with pytest.raises(TimeoutError) if is_late else contextlib.nullcontext():
        done = in_virtual_time(type_number())
        assert len(done.ack["options"]) == 1


async def test_a_number_that_may_not_be_called_is_not_suggested() -> None:
    """Somebody who types it is told why; a name would lead to a refusal."""
    values = [each["text"]["text"] for each in await offered(Desk(), "premium")]

    assert values == ["“premium”"]


async def test_a_suggestion_counts_for_whom_it_was_shown_to() -> None:
    """A value from somebody else's menu says nothing of the number in it."""
    desk = Desk()
    done = await dialer.submit(
        submitted(sealed(NORTH.e164, BOB), place=ANN), desk.services
    )

    assert CALLEE_FIELD in done.ack["errors"]
    assert NORTH.e164 not in sealed(NORTH.e164)
    assert desk.dialed == []


async def test_the_form_says_what_a_command_says() -> None:
    """Phones, caller ID, what it is about, and where the card goes."""
    desk = Desk()
    form = submitted(
        sealed(NORTH.e164),
        first="+16505550101",
        caller_id="auto",
        channel="C0SALES",
        about="Northwind\nrenewal",
    )
    done = await dialer.submit(form, desk.services)

    [call] = desk.dialed
    assert call["key"] == "dialog V1"
    assert call["place"] == Place("T1", "C0SALES", "U1")
    assert (call["from_"], call["as_"]) == (PhoneNumber("+16505550101"), None)
    assert call["name"] == Name("Northwind renewal", NameSource.WRITTEN)
    assert done.ack == {"response_action": "clear"}
    assert done.later is not None
    told = await done.later()
    assert told is not None
    assert "Calling you on Mobile" in told.text


@pytest.mark.parametrize(
    ("shown", "about", "said"),
    [
        ("Milo Hart · {}", "", "Milo Hart, {}"),
        ("A · B <&> · {}", "", "A · B &lt;&amp;&gt;, {}"),
        ("Milo Hart · {}", "Northwind", "Northwind, {}"),
        ("Milo Hart · +1 415-555-0199", "", "{}"),
        ("{}", "", "{}"),
        ("", "", "{}"),
    ],
)
async def test_who_chose_a_name_reads_it_again_and_nobody_else_does(
    shown: str, about: str, said: str
) -> None:
    """In the private answer: what is placed, and so the card, has only what was written."""
    desk, number = Desk(), NORTH.international
    form = submitted(sealed(NORTH.e164), channel="C1", about=about)
    option = form.state["values"][CALLEE_FIELD]["dialer_number"]["selected_option"]
    option["text"] = {"type": "plain_text", "text": shown.format(number)}
    done = await dialer.submit(form, desk.services)

    assert done.later is not None
    told = await done.later()
    assert told is not None
    assert told.text.endswith(f", then {said.format(number)}.")
    assert "Milo" not in str(desk.dialed)


@pytest.mark.parametrize(
    "answer", [Verdict.ALREADY_OPEN, DoubtfulNumber(NORTH, Doubt.SHORT)]
)
async def test_a_question_keeps_the_name_that_was_chosen(answer: Any) -> None:
    """The answer to its button has it, too."""
    desk = Desk(answer=answer)
    form = submitted(sealed(NORTH.e164), channel="C1")
    option = form.state["values"][CALLEE_FIELD]["dialer_number"]["selected_option"]
    option["text"] = {"text": f"Milo Hart · {NORTH.international}"}
    asked = await dialer.submit(form, desk.services)
    desk.answer = Verdict.NEW
    done = await dialer.answer(answered(asked), desk.services)

    assert done.later is not None
    told = await done.later()
    assert told is not None
    assert "Milo Hart, +1 415-555-0142" in told.text


@pytest.mark.parametrize(
    ("error", "at", "said"),
    [
        (AccessDenied(AccessRule.CHANNELS), "channel", "Choose a channel where"),
        (AccessDenied(AccessRule.USERS), "callee", "You aren't allowed"),
        (NotYourPhone("from", ()), "first", "don't have that number any more"),
        (NotYourPhone("as", ()), "caller_id", "don't have that number any more"),
        (SameNumber(), "first", "Ring another phone first"),
        (PhonesUnavailable(), "first", "Choose the default"),
        (Restarting(), "callee", "no call was placed"),
        (StoreUnavailable("away"), "callee", "so no call was placed"),
        (MayBeStored("lost"), "callee", "I can't tell whether"),
    ],
    ids=repr,
)
async def test_what_is_wrong_stands_at_its_field(
    error: Exception, at: str, said: str
) -> None:
    """The form stays open, with all that was filled in."""
    desk = Desk(answer=error)

    done = await dialer.submit(submitted(sealed(NORTH.e164)), desk.services)

    [(field_, text)] = done.ack["errors"].items()
    assert field_ == at
    assert said in text
    assert "/ringout" not in text
    assert "`" not in text


@pytest.mark.parametrize(
    ("absence", "said"),
    [
        (Absence.PERSON, "You aren't in this channel."),
        (Absence.UNKNOWN, "I can't check with Slack right now"),
    ],
)
async def test_a_channel_that_one_is_not_in_is_refused_at_its_field(
    absence: Absence, said: str
) -> None:
    """The card would be read there by others, and not by whoever called."""
    desk = Desk(absence=absence)

    done = await dialer.submit(
        submitted(sealed(NORTH.e164), channel="C1"), desk.services
    )
    alone = await dialer.submit(submitted(sealed(NORTH.e164)), desk.services)

    assert said in done.ack["errors"]["channel"]
    assert alone.ack == {"response_action": "clear"}
    assert len(desk.dialed) == 1


async def test_a_chosen_channel_is_asked_about_before_anything_is_placed() -> None:
    """By a note to the person there, where calls are allowed at all."""
    desk = Desk(answer=Restarting())
    form = submitted(sealed(NORTH.e164), channel="C1")
    await dialer.submit(form, desk.services)
    closed = Desk(policy=Policy(countries=None, channels=frozenset({"C2"})))
    refused = await dialer.submit(form, closed.services)

    said = "You chose this channel for your call to +1 415-555-0142."
    assert desk.told == [("C1", said)]
    assert closed.told == []
    assert "channel" in refused.ack["errors"]


async def test_a_channel_where_calls_are_not_allowed_is_named_as_such() -> None:
    """Where one was chosen, it is that one that has to be changed."""
    desk = Desk(answer=AccessDenied(AccessRule.CHANNELS))

    done = await dialer.submit(
        submitted(sealed(NORTH.e164), channel="C1"), desk.services
    )

    assert "aren't allowed in this channel" in done.ack["errors"]["channel"]


def answered(done: Handled) -> Request:
    """Return the press of ``Call`` in the question that a form has shown."""
    body = {
        "type": "view_submission",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "view": {
            **done.ack["view"],
            "id": "V2",
            "root_view_id": "V1",
            "type": "modal",
        },
    }
    return Request.from_view(body)


@pytest.mark.parametrize(
    ("answer", "said", "again"),
    [
        (DoubtfulNumber(NORTH, Doubt.SHORT), "looks too short", False),
        (Verdict.ALREADY_OPEN, "You're already calling", True),
    ],
    ids=["doubtful", "already open"],
)
async def test_a_question_stands_on_top_of_the_form_and_has_its_key(
    answer: Verdict | UserError, said: str, *, again: bool
) -> None:
    """Back returns to the form; Call places the same call, once for both."""
    desk = Desk(answer=answer)
    form = submitted(sealed(NORTH.e164), channel="C1", first="+16505550101")
    asked = await dialer.submit(form, desk.services)
    desk.answer = Verdict.NEW
    done = await dialer.answer(answered(asked), desk.services)

    one, two = desk.dialed
    assert asked.ack["response_action"] == "push"
    assert said in str(asked.ack["view"]["blocks"])
    assert asked.ack["view"]["close"]["text"] == "Back"
    answers = {Rule.THROTTLE} if again else set()
    assert two == one | {"sure": True, "again": again, "answered": answers}
    assert done.ack == {"response_action": "clear"}
    assert done.place == Place("T1", "C1", "U1")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Verdict.TOO_MANY, "calls in a minute"),
        (Restarting(), "restarting"),
        (StoreUnavailable("away"), "so no call was placed"),
        (Verdict.ALREADY_OPEN, "already calling"),
    ],
    ids=repr,
)
async def test_no_question_is_a_dead_end(
    answer: Verdict | Exception, said: str
) -> None:
    """What goes wrong is said there, and the same call can be tried again."""
    desk = Desk(answer=DoubtfulNumber(NORTH, Doubt.SHORT))
    asked = await dialer.submit(submitted(sealed(NORTH.e164)), desk.services)
    desk.answer = answer
    failed = await dialer.answer(answered(asked), desk.services)
    desk.answer = Verdict.NEW
    done = await dialer.answer(answered(failed), desk.services)

    assert failed.ack["response_action"] == "update"
    assert said in str(failed.ack["view"]["blocks"])
    assert desk.dialed[-1]["to"] == NORTH
    assert done.ack == {"response_action": "clear"}


async def test_a_form_that_has_called_says_so_if_another_number_is_chosen() -> None:
    """The answer to its first submission was lost: nobody may think both were called."""
    desk = Desk(answer=Verdict.REPEATED)
    same = await dialer.submit(submitted(sealed(NORTH.e164)), desk.services)

    class Other(Desk):
        async def place(self, *_: Any, **__: Any) -> Added:
            return Added(Verdict.REPEATED, a_call(callee=NORTH))

    other = await dialer.submit(submitted(sealed("+14155550177")), Other().services)

    assert same.ack == {"response_action": "clear"}
    assert same.later is None
    assert "already called +1 415-555-0142" in str(other.ack["view"])


@pytest.mark.parametrize("contact", ["U0DANA", "C0HELP", "S0DESK", "the desk", ""])
def test_why_nothing_is_suggested_is_read_without_marks(contact: str) -> None:
    """An option shows neither a mention nor code as such."""
    asked = refusals.told(AccessDenied(AccessRule.USERS), Contact(contact))
    option = texts.complaint(Message(f"{asked} `x` &amp; y"))

    said = option["text"]["text"]
    whom = "the desk" if contact == "the desk" else "your RingOut admin"
    assert said.startswith(f"You aren't allowed to place calls here. Ask {whom}.")
    assert option["value"] == NO_NUMBER


@pytest.mark.parametrize("again", [False, True])
async def test_who_has_no_account_finds_the_button_to_connect(*, again: bool) -> None:
    """As a command without one."""
    desk = Desk(answer=NotConnected(again=again))

    done = await dialer.submit(submitted(sealed(NORTH.e164)), desk.services)

    assert done.ack["response_action"] == "update"
    assert "connect_start" in str(done.ack["view"])
