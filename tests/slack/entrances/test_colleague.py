"""``/ringout @bob``: a colleague's number is found, shown, and dialed when confirmed."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import suppress
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.phone_lists import merged
from bot.calls.call import Place
from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name, NameSource
from bot.calls.people.person import Person, Preferences, Shows
from bot.calls.people.phones import NO_PHONES, NamedPhones, Phone, direct, dump, load
from bot.calls.typed.dialing import LONGEST_TYPED, Command, read_command
from bot.errors import ChatBusy, ChatRefused, UserError
from bot.policy.added import Added, Verdict
from bot.policy.prospect import Prospect
from bot.ringcentral.transport.wire import Number
from bot.sandbox.slack.ledger import Called
from bot.sandbox.slack.messages import Private
from bot.slack.entrances.commands.colleague import call_colleague
from bot.slack.posting.profiles import MOST_PROFILES, PROFILE_KEPT_FOR, Profiles
from bot.slack.texts import answers, asking, colleague
from bot.slack.texts.asking import Chosen
from bot.slack.texts.colleague import Offer
from bot.slack.texts.profile import Profile
from bot.storage.people.connections import Connections
from bot.vault import Vault, new_key
from fakes import FakeClock
from intents import a_call
from own import PATIENT, connects, lets_connect
from slack_shapes import checkers
from spaces import beside
from town import Town

BOBS = "+14155550177"
BOB = "<@U0BOB|bob>"
ANN = Place("T1", "C1", "U1")
CHECK, _ = checkers()


def phone_of(town: Town, text: str, user: str = "bob") -> None:
    """Have somebody write *text* into their own profile."""
    town.slack.workspace.user(user).phone = text


async def asked(town: Town, text: str = BOB, *, user: str = "ann") -> Private:
    """Have somebody type a colleague's name; return what they are answered."""
    before = len(town.slack.private(user))
    assert (await town.types(text, user=user)).ok
    await town.until(lambda: len(town.slack.private(user)) > before)
    return town.slack.private(user)[-1]


def buttons(message: Private) -> list[str]:
    """Return the labels of a message's buttons."""
    return [each["text"]["text"] for each in message.elements]


def looked_up(town: Town) -> list[str]:
    """Return the colleagues whom Slack was asked about, besides who asked."""
    asked_about = [each.args["user"] for each in town.slack.calls_of("users.info")]
    return [each for each in asked_about if each != "U0ANN"]


def stored(town: Town) -> bool:
    """Whether the bot has stored any call."""
    connection = sqlite3.connect(town.folder / "calls.db", timeout=5)
    try:
        return bool(connection.execute("SELECT count(*) FROM calls").fetchone()[0])
    finally:
        connection.close()


def name_of_call(town: Town) -> Name | None:
    """Return the other party's name, as the bot has stored it with its one call."""
    connection = sqlite3.connect(town.folder / "calls.db", timeout=5)
    try:
        (name,) = connection.execute("SELECT callee_name FROM calls").fetchone()
    finally:
        connection.close()
    return Name.load(name)


# The question, and its answers


async def test_a_colleague_is_called_by_the_number_of_their_profile(town: Town) -> None:
    """Shown whole and with its country; dialed when Call is pressed, not before."""
    phone_of(town, "(415) 555-0177")

    question = await asked(town)
    before = (town.posts, stored(town), len(town.cards()))
    await town.slack.click("ann", question, "call_person")
    await town.finished()

    assert "Bob Baker" in question.versions[0].text
    assert "Call Bob Baker at +1 415-555-0177?" in question.versions[0].text
    assert "Slack profile" in question.versions[0].text
    assert before == (0, False, 0)
    assert [call.callee for call in town.ringcentral.calls] == [BOBS]
    assert "415-555-0177" not in str([m.versions for m in town.slack.messages("sales")])
    assert "0177" in town.cards()[0].text
    assert name_of_call(town) == Name("Bob Baker", NameSource.MENTION)


async def test_the_question_is_for_its_reader_alone_and_goes_when_answered(
    town: Town,
) -> None:
    """Nobody else reads the number, and nobody presses twice by mistake."""
    phone_of(town, BOBS)

    question = await asked(town)
    assert buttons(question) == ["Call", "Not now"]
    assert town.slack.private("bob") == []
    await town.slack.click("ann", question, "call_person")
    await town.until(lambda: "Calling you on" in question.text)

    assert "call_person" not in str(question.blocks)
    assert len(town.slack.private("ann")) == 1


async def test_not_now_dials_nothing(town: Town) -> None:
    """And leaves no button behind; another device may still show that of the call."""
    phone_of(town, BOBS)

    question = await asked(town)
    blocks = question.blocks
    await town.slack.click("ann", question, "call_nobody")
    await town.until(lambda: "no call was placed" in question.text)
    assert question.elements == []
    await town.slack.click("ann", question, "call_person", blocks=blocks)
    await town.until(lambda: "You pressed Not now before" in question.text)

    assert question.elements == []
    assert town.posts == 0
    assert not stored(town)


async def test_what_is_dialed_is_what_was_shown_whatever_has_changed_since(
    town: Town,
) -> None:
    """A profile edited after the question must not change the number to call."""
    phone_of(town, BOBS)
    question = await asked(town)
    phone_of(town, "+14155550199")

    await town.slack.click("ann", question, "call_person")
    await town.until(lambda: town.ringcentral.calls)

    assert town.ringcentral.calls[0].callee == BOBS
    assert looked_up(town) == ["U0BOB"]


async def test_a_click_that_is_delivered_twice_dials_once(town: Town) -> None:
    """By its trigger_id, as for every button."""
    phone_of(town, BOBS)
    question = await asked(town)

    await town.slack.click("ann", question, "call_person", trigger_id="9.T.x")
    await town.slack.redeliver()
    await town.slack.click(
        "ann",
        question,
        "call_person",
        trigger_id="9.T.x",
        blocks=question.versions[0].blocks,
    )
    await town.finished()

    assert town.posts == 1


async def test_somebody_else_cannot_answer_the_question(town: Town) -> None:
    """Only the asker sees the button, but a modified client could still press it."""
    phone_of(town, BOBS)
    question = await asked(town)
    other = await asked(town, "<@U0CARL>", user="bob")
    stolen = deepcopy(list(question.blocks))

    other.change("", stolen)
    await town.slack.click("bob", other, "call_person")
    await town.until(lambda: len(town.slack.private("bob")) > 1)

    assert "Only <@U0ANN> can answer that" in town.slack.private("bob")[-1].text
    assert town.posts == 0


async def test_a_forged_answer_dials_no_more_than_a_typed_number(town: Town) -> None:
    """The operator's rules are asked again; what is no answer of ours is refused."""
    phone_of(town, BOBS)
    question = await asked(town)
    here = town.slack.workspace
    mine = ["", here.team, here.user("ann").id]
    for value in (
        json.dumps({"to": "+442079460958", "from": None, "as": None, "for": mine}),
        json.dumps({"to": "911", "from": None, "as": None, "for": mine}),
        json.dumps({"to": BOBS, "from": "+14155550123", "as": None, "for": mine}),
        "null",
        "[]",
        "{}",
        "x",
        json.dumps({"to": BOBS, "for": 7}),
    ):
        blocks = deepcopy(list(question.blocks))
        blocks[-1]["elements"][0]["value"] = value
        told = len(town.slack.private("ann"))
        await town.slack.click("ann", question, "call_person", blocks=blocks)
        await town.until(lambda told=told: len(town.slack.private("ann")) > told)  # type: ignore[misc]

    assert town.posts == 0
    assert not stored(town)
    assert "call_person" in str(question.blocks)


async def test_phones_that_were_typed_with_the_name_are_kept(town: Town) -> None:
    """Which rings first, and what bob sees; both shown before they count."""
    phone_of(town, BOBS)

    question = await asked(town, f"{BOB} from mobile as +16505550190")
    await town.slack.click("ann", question, "call_person")
    await town.until(lambda: town.ringcentral.calls)
    [placed] = town.ringcentral.requests_of("POST", "/ring-out")

    assert "from mobile as +16505550190" in str(question.versions[0].blocks)
    assert "+16505550190" in str(placed.body)


async def test_pressed_while_a_call_to_them_is_open_it_asks_once_more(
    town: Town,
) -> None:
    """As for a number that was typed."""
    phone_of(town, BOBS)
    town.ringcentral.play(PATIENT)
    await town.types(BOBS)
    await town.until(lambda: town.posts)

    question = await asked(town)
    await town.slack.click("ann", question, "call_person")
    await town.until(lambda: "already calling" in question.text)
    await town.slack.click("ann", question, "call_anyway")

    await town.until(lambda: town.posts == 2)


async def test_over_the_limit_the_question_stays(closed_town: Town) -> None:
    """So that it can be pressed a little later."""
    town = closed_town
    await town.open(RINGOUT_CALLS_PER_MINUTE="1")
    phone_of(town, BOBS)
    await town.types()
    await town.until(lambda: town.posts)
    for _ in range(3):
        question = await asked(town)

    await town.slack.click("ann", question, "call_person")
    await town.until(lambda: "calls in a minute" in town.slack.private("ann")[-1].text)

    assert buttons(question) == ["Call", "Not now"]
    await town.until(lambda: town.posts == 1)


async def test_its_card_goes_where_their_cards_go(town: Town) -> None:
    """The button's place counts as the command's."""
    phone_of(town, BOBS)
    here = town.slack.workspace
    async with beside(town) as store:
        await Connections(store.writer, Vault([new_key()])).prefer(
            Person("", here.team, "U0ANN"), Preferences(shows=Shows.DM)
        )

    await town.slack.click("ann", await asked(town), "call_person")
    await town.until(lambda: "call_again" in str(town.slack.dm("ann")))

    assert town.cards() == []


# Whose number, and which


async def test_the_number_at_ringcentral_comes_first_and_the_other_second(
    closed_town: Town,
) -> None:
    """Who connected has a number that RingCentral vouches for."""
    town = closed_town
    lets_connect(town, "bob", shared=True)
    await town.open()
    await connects(town, "bob")
    bob = PhoneNumber(town.ringcentral.person("bob").direct)
    phone_of(town, BOBS)

    question = await asked(town)

    assert buttons(question) == [
        f"Call {bob.international}",
        "Call +1 415-555-0177",
        "Not now",
    ]
    assert question.text.index(bob.international) < question.text.index("0177")
    await town.slack.click("ann", question, "call_person_other")
    await town.until(lambda: town.ringcentral.calls)
    assert town.ringcentral.calls[0].callee == BOBS


async def test_one_number_from_both_is_one_button(closed_town: Town) -> None:
    """Written in another way, it is the same number; dialed in either case."""
    town = closed_town
    lets_connect(town, "bob", shared=True)
    await town.open()
    await connects(town, "bob")
    bob = PhoneNumber(town.ringcentral.person("bob").direct)
    phone_of(town, bob.international.removeprefix("+1 "))

    question = await asked(town)

    assert buttons(question) == ["Call", "Not now"]
    assert "from RingCentral and their Slack profile" in question.text
    await town.slack.click("ann", question, "call_person")
    await town.until(lambda: town.ringcentral.calls)
    assert town.ringcentral.calls[0].callee == bob.e164


@pytest.mark.parametrize("scopes", [False, True])
async def test_who_connected_can_be_called_without_a_profile(
    closed_town: Town, *, scopes: bool
) -> None:
    """No phone in it, or no right to look: RingCentral's number is enough."""
    town = closed_town
    lets_connect(town, "bob", shared=True)
    await town.open()
    await connects(town, "bob")
    if not scopes:
        town.slack.rules.scopes.discard("users:read")

    question = await asked(town)

    assert buttons(question) == ["Call", "Not now"]
    bob = PhoneNumber(town.ringcentral.person("bob").direct)
    assert bob.international in question.text
    assert ("Bob Baker" if scopes else "<@U0BOB>") in question.text


# Nobody to call


async def test_oneself_an_app_and_somebody_unknown_are_not_called(town: Town) -> None:
    """Each with a sentence of its own."""
    assert "That's you" in (await asked(town, "<@U0ANN>")).text
    assert "an app" in (await asked(town, f"<@{town.slack.workspace.bot.id}>")).text
    assert "can't find that person" in (await asked(town, "<@U0NOBODY>")).text
    assert "can't find that person" in (await asked(town, f"<@U{'X' * 150}>")).text
    assert town.posts == 0


async def test_the_same_user_id_in_another_workspace_is_another_person(
    closed_town: Town,
) -> None:
    """A connection there tells nothing here."""
    town = closed_town
    lets_connect(town, "bob", shared=True)
    await town.open()
    await connects(town, "bob")
    assert town.bot is not None
    assert town.bot.services is not None
    board = town.bot.services.switchboard
    team = town.slack.workspace.team

    assert await board.direct_number(Place(team, "C", "U0ANN"), "U0BOB") is not None
    assert await board.direct_number(Place("T0OTHER", "C", "U0ANN"), "U0BOB") is None
    assert await board.direct_number(Place(team, "C", "U0ANN"), "U0CARL") is None


async def test_without_the_scope_it_says_what_is_missing(town: Town) -> None:
    """An app that was installed before it asked for users:read."""
    phone_of(town, BOBS)
    town.slack.rules.scopes.discard("users:read")

    answer = await asked(town)

    assert "can't see profiles" in answer.text
    assert "Ask your RingOut admin." in answer.text
    assert "/ringout" in answer.text


async def test_a_slack_that_is_busy_is_asked_again_later(town: Town) -> None:
    """The answer must be neither an error nor a number."""
    phone_of(town, BOBS)
    await town.meets()
    town.slack.faults.add("ratelimited", "users.info", retry_after=7)

    assert "Try again in a minute" in (await asked(town)).text
    assert buttons(await asked(town)) == ["Call", "Not now"]


async def test_a_slow_slack_does_not_hold_up_the_ack(town: Town) -> None:
    """Slack shows an error after three seconds without one."""
    phone_of(town, BOBS)
    await town.meets()
    acked = asyncio.Event()

    async def hold(call: Called) -> None:
        if call.method == "users.info":
            await acked.wait()

    town.slack.door.on_call = hold
    ack = await town.types(BOB)
    acked.set()

    assert ack.ok
    await town.until(lambda: "0177" in str(town.slack.private("ann")))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"RINGOUT_ALLOWED_USERS": "U0BOB"}, "aren't allowed to place calls"),
        ({"RINGOUT_ALLOWED_CHANNELS": "C0DEALS"}, "in this channel"),
    ],
)
async def test_who_may_not_call_learns_no_number(
    closed_town: Town, setting: dict[str, str], said: str
) -> None:
    """Refused before anything is looked up."""
    closed_town.env |= setting
    await closed_town.open()
    phone_of(closed_town, BOBS)

    answer = await asked(closed_town)

    assert said in answer.text
    assert looked_up(closed_town) == []


async def test_who_has_no_account_is_asked_to_connect_first(closed_town: Town) -> None:
    """As for a number; nothing is looked up for them."""
    lets_connect(closed_town, "bob")
    await closed_town.open()
    phone_of(closed_town, BOBS)

    answer = await asked(closed_town)

    assert "Connect RingCentral first" in answer.text
    assert looked_up(closed_town) == []


async def test_phones_too_long_to_be_any_are_refused_at_once(town: Town) -> None:
    """A button can carry only so much."""
    phone_of(town, BOBS)

    answer = await asked(town, f"{BOB} from {'1' * (LONGEST_TYPED + 1)}")

    assert "the name of one of your phones" in answer.text
    assert looked_up(town) == []


# What a question holds


REGIONS = st.sampled_from(["US", "GB", "DE", "IN", "BR"])
NUMBERS = st.sampled_from(
    [
        "+14155550142",
        "+442079460958",
        "+4930123456",
        "+919876543210",
        "+5511987654321",
        "+18885550100",
        "+18095550123",
        "+16505550101",
    ]
).map(PhoneNumber)
TYPED = st.none() | st.text(max_size=LONGEST_TYPED)
NAMED = st.builds(NamedPhones, st.none() | NUMBERS, st.none() | NUMBERS)


@given(
    st.lists(NUMBERS, min_size=1, max_size=2, unique=True),
    TYPED,
    NAMED,
    st.text(max_size=80),
)
def test_what_is_dialed_is_what_was_shown(
    numbers: list[PhoneNumber], from_: str | None, phones: NamedPhones, name: str
) -> None:
    """Each button's number stands in the text, and reads the same in any country.

    So do the phones that the command names, whatever their labels mean later.
    """
    offers = [Offer(number, "somewhere") for number in numbers]
    command = Command("person", "U2", from_)
    message = colleague.question(
        Profile("U2", name), offers, command, ANN.person, phones
    )

    pressed = [
        Chosen.load(each["value"])
        for each in message.blocks[-1]["elements"]
        if each["action_id"] != asking.NOT_NOW_BUTTON
    ]
    assert [each.to for each in pressed] == numbers
    for each, number in zip(pressed, numbers, strict=True):
        assert number.international in message.text
        assert number.international in str(message.blocks[0])
        assert each.phones == phones
        assert each.is_for(ANN.person)
        assert not each.is_for(Person("", "T1", "U9"))
        assert not each.is_for(Person("", "T2", "U1"))
    assert "<!" not in message.text
    ids = [each["action_id"] for each in message.blocks[-1]["elements"]]
    assert len(set(ids)) == len(ids)
    if CHECK is not None:
        call = {"channel": "C1", "text": message.text, "blocks": list(message.blocks)}
        assert CHECK("chat.postMessage", call) == []


async def test_a_click_looks_nothing_up_again() -> None:
    """A profile edited after the question must not change the number to call.

    Here nothing but the button can say it: profiles are kept for minutes, so through the
    whole bot a second look would find what was shown.
    """
    dialed = []

    async def place(key: str, at: Place, to: PhoneNumber, *_: Any, **__: Any) -> Added:
        dialed.append((key, at, to))
        return Added(Verdict.NEW, a_call(callee=to))

    policy = SimpleNamespace(calls_per_minute=10)
    services: Any = SimpleNamespace(
        switchboard=SimpleNamespace(place=place, policy=policy)
    )
    shown = Chosen(PhoneNumber(BOBS), NO_PHONES, ANN.person, key="1")
    click: Any = SimpleNamespace(text=shown.dump(), place=ANN, wish="2")

    await call_colleague(click, services)

    assert dialed == [("1", ANN, PhoneNumber(BOBS))]


@given(st.text())
def test_any_value_of_a_button_is_read_or_refused(text: str) -> None:
    """Whatever a client sends."""
    with suppress(UserError):
        Chosen.load(text)


@pytest.mark.parametrize(
    ("name", "about", "called"),
    [
        ("Bob Baker", None, "Bob Baker"),
        ("Bob Baker", "the budget", "Bob Baker (the budget)"),
        ("Bob \u202eBaker", "415 555 0199", "Bob Baker (••• ••• 0199)"),
        ("", None, ""),
    ],
)
def test_the_card_will_call_a_colleague_by_name(
    name: str, about: str | None, called: str
) -> None:
    """As Slack does, with what the person wrote, both cleaned."""
    command = Command("person", "U2", None, None, about)
    offer = Offer(PhoneNumber(BOBS), "somewhere")

    message = colleague.question(Profile("U2", name), [offer], command, ANN.person)

    value = message.blocks[-1]["elements"][0]["value"]
    found = Chosen.load(value).name
    assert found == (Name(called, NameSource.MENTION) if called else None)


def test_a_question_from_before_this_version_can_be_answered() -> None:
    """It may stand there for days; its button names nobody."""
    value = json.loads(Chosen(PhoneNumber(BOBS), NO_PHONES, ANN.person).dump())
    del value["name"]

    assert Chosen.load(json.dumps(value)).name is None


@pytest.mark.parametrize("source", NameSource)
def test_a_private_name_stays_private_when_its_call_is_placed_again(
    source: NameSource,
) -> None:
    """A card in a channel would show what the person's own address book says."""
    name = Name("Nora", source)

    question = asking.again(a_call(callee_name=name), ANN.person, "key")

    value = question.blocks[-1]["elements"][0]["value"]
    assert Chosen.load(value).name == name


def test_within_an_organization_a_click_may_name_another_workspace() -> None:
    """The same person; outside of one, the same id is somebody else."""
    chosen = Chosen(PhoneNumber(BOBS), NO_PHONES, Person("E1", "T1", "U1"))

    assert chosen.is_for(Person("E1", "T2", "U1"))
    assert not chosen.is_for(Person("E2", "T1", "U1"))


def test_help_names_it() -> None:
    """Nobody finds out otherwise."""
    assert "/ringout @alice" in answers.RINGOUT_HELP.text


# Profiles


class Asked:
    """A Slack that counts who was asked about, and fails as it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None

    async def client(self, enterprise: str, team: str) -> Asked:
        """Be every workspace's client."""
        del enterprise, team
        return self

    async def users_info(self, user: str) -> Any:
        """Answer with a name that tells how often anybody was asked about."""
        self.asked.append(user)
        if self.error is not None:
            raise self.error

        found = {"id": user, "real_name": f"N{len(self.asked)}"}
        return SimpleNamespace(data={"ok": True, "user": found})


async def test_a_profile_is_remembered_for_a_few_minutes() -> None:
    """Slack limits how often it is asked."""
    slack, clock = Asked(), FakeClock()
    profiles = Profiles(slack, clock)  # type: ignore[arg-type]

    first, again = await profiles.of(ANN, "U2"), await profiles.of(ANN, "U2")
    await profiles.of(Place("T2", "C1", "U1"), "U2")
    await clock.sleep(PROFILE_KEPT_FOR + 1)
    later = await profiles.of(ANN, "U2")

    assert (first.name, again.name, later.name) == ("N1", "N1", "N3")


async def test_profiles_do_not_fill_the_memory() -> None:
    """The cache drops its oldest entry, and does not keep failures."""
    slack = Asked()
    profiles = Profiles(slack, FakeClock())  # type: ignore[arg-type]
    for number in range(MOST_PROFILES + 1):
        await profiles.of(ANN, f"U{number}")
    slack.error = ChatRefused("user_not_found")
    with pytest.raises(ChatRefused):
        await profiles.of(ANN, "U0")
    slack.error = ChatBusy(1)
    with pytest.raises(ChatBusy):
        await profiles.of(ANN, "U0")

    assert len(profiles._known) == MOST_PROFILES
    await profiles.of(ANN, "U1")  # still there


@pytest.mark.parametrize(
    ("data", "place", "is_stranger"),
    [
        ({"team_id": "T1"}, ANN, False),
        ({}, ANN, False),
        ({"team_id": "T2"}, ANN, True),
        ({"team_id": "T1", "is_stranger": True}, ANN, True),
        ({"team_id": "T2"}, Place("T1", "C", "U", "E1"), True),
        ({"team_id": "E1"}, Place("T1", "C", "U", "E1"), False),
        (
            {"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}},
            Place("T1", "C", "U", "E1"),
            False,
        ),
        (
            {"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}},
            Place("T1", "C", "U", "E1"),
            True,
        ),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": ""}}, ANN, True),
    ],
)
def test_a_stranger_is_of_another_organization(
    data: dict[str, Any], place: Place, *, is_stranger: bool
) -> None:
    """A sister workspace of Enterprise Grid is the same company."""
    assert Profile.read(data, place, "U2").is_stranger == is_stranger


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "profile",
                    "phone",
                    "tz",
                    "real_name",
                    "team_id",
                    "enterprise_user",
                    "deleted",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_profile_is_read(data: Any) -> None:
    """A field of another type is a field that is missing."""
    found = Profile.read(data, ANN, "U2")

    assert all(isinstance(each, str) for each in (found.name, found.phone, found.tz))


def test_slacks_own_bot_has_no_phone() -> None:
    """users.info says of USLACKBOT that it is none."""
    profile = Profile.read({"is_bot": False}, ANN, "USLACKBOT")

    assert "app" in str(colleague.not_callable(profile))


async def test_a_profile_tells_the_time_zone(town: Town) -> None:
    """For whoever shows times to that person."""
    assert town.bot is not None
    assert town.bot.services is not None
    here = Place(town.slack.workspace.team, "C0SALES", "U0ANN")

    profile = await town.bot.services.profiles.of(here, "U0CARL")

    assert (profile.name, profile.tz) == ("Carl Cooper", "Europe/London")


# Which number is a person's own


def listed(number: str, usage: str = "DirectNumber", **more: Any) -> Number:
    """Return a number as RingCentral lists it."""
    return Number(id="1", number=number, usage=usage, **more)


def test_the_direct_number_is_found_whatever_else_it_is() -> None:
    """Often it is the desk phone's too, or may not be shown to others."""
    rings = [
        listed(
            BOBS,
            "",
            label="Desk phone",
            type="PhoneLine",
            features=frozenset({"CallForwarding"}),
        ),
        listed("+16505550101", "", type="Mobile", features=frozenset({"CallFlip"})),
    ]
    company = listed(
        "+18885550100", "MainCompanyNumber", features=frozenset({"CallerId"})
    )
    fax = listed("+14155550188", type="FaxOnly")

    both = merged(rings, [company, fax, listed(BOBS, type="VoiceFax")], "US")
    alone = merged(rings[1:], [company, fax, listed(BOBS, type="VoiceFax")], "US")
    nothing = merged(rings[1:], [company, fax], "US")

    assert direct(both) == direct(alone) == PhoneNumber(BOBS)
    assert direct(nothing) is None
    only = next(each for each in alone if each.direct)
    assert (only.rings, only.shows) == (False, False)
    assert fax.number not in {each.number.e164 for each in both}
    assert load(dump(both)) == both


def test_phones_that_were_stored_before_have_no_direct_number() -> None:
    """Until they are listed again, minutes later."""
    old = json.dumps(
        [{"number": BOBS, "label": "", "type": "", "rings": True, "shows": True}]
    )

    assert load(old) == (Phone(PhoneNumber(BOBS), rings=True, shows=True),)


@pytest.mark.parametrize(
    ("typed", "own"),
    [
        ("for the message from 312 555 0177", True),
        ('for "the message" from 312 555 0177', False),
    ],
)
@pytest.mark.parametrize("to", ["<@U2>", "+493012"])
def test_a_question_keeps_that_from_may_be_one_of_the_words(
    to: str, typed: str, *, own: bool
) -> None:
    """So that pressing its button rings no stranger first."""
    command = read_command(f"{to} {typed}")
    offer = Offer(PhoneNumber(BOBS), colleague.BY_SLACK, "US", None)
    found = Prospect(PhoneNumber("+493012"), doubt=Doubt.SHORT)
    said = (
        colleague.question(Profile("U2"), [offer], command, ANN.person)
        if command.kind == "person"
        else asking.offered(found, command, ANN.person, "key")
    )

    value = said.blocks[-1]["elements"][0]["value"]

    assert Chosen.load(value).own_phone is own
