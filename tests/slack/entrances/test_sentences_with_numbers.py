"""Numbers among the words of a message: which are offered, which are not, and why."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.accounts.callers import Caller
from bot.calls.doubt import doubt_of
from bot.calls.numbers.in_message import FoundNumber, FoundNumbers
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences
from bot.calls.people.phones import NO_PHONES, Phone
from bot.calls.typed.dialing import Command
from bot.errors import UserError
from bot.policy.prospect import Prospect
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.messages import events
from bot.slack.texts import refusals
from bot.slack.texts.asking import CALL_DOUBTFUL_BUTTON, Chosen
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.sentence_numbers import NONE_OF_THEM, SentenceAsker, which
from bot.slack.texts.text import Message
from bot.switchboard.choosing import Choosing, WantedPhones
from bot.switchboard.policy import Policy
from intents import ANN

MOBILE, DESK = PhoneNumber("+16505550101"), PhoneNumber("+16505550102")
PHONES = (
    Phone(MOBILE, "Mobile", "Mobile", rings=True, shows=True),
    Phone(DESK, "Desk", "Other", rings=True, shows=True),
)
FIRST, SECOND = "+14155550142", "+14155550143"


class Switchboard:
    """Reads numbers and phones by the usual rules; places nothing."""

    policy = Policy(countries=frozenset({"US"}))

    def __init__(self, region: str = "US") -> None:
        accounts: Any = SimpleNamespace()
        self._region = region
        self._choosing = Choosing(accounts, self.policy)

    async def region_of(self, _place: object, _entrance: object = None) -> str:
        """Return where the writer is."""
        return self._region

    async def phones_named(
        self, place: Any, from_: str | None, as_: str | None, *, own_phone: bool
    ) -> Any:
        """Return which of the writer's phones are meant."""
        wanted = WantedPhones(from_, as_, own_phone=own_phone)
        caller = Caller("", "Ann", PHONES, Preferences())
        return wanted.named(await self._choosing.choice(place, caller, wanted))

    async def prospect(
        self, place: Any, to: str, from_: str | None, as_: str | None, **more: Any
    ) -> Prospect:
        """Return what would be dialed."""
        callee = self.policy.number(to, self._region)
        phones = await self.phones_named(place, from_, as_, **more)
        return Prospect(callee, phones, doubt_of(callee))


def mention(text: str) -> SlackEvent:
    """Return the event of a mention with *text*."""
    event = {
        "type": "app_mention",
        "user": ANN.user,
        "team": ANN.team,
        "channel": ANN.channel,
        "ts": "1700000000.000100",
        "text": f"<@U0BOT> {text}",
    }
    bots = [{"team_id": ANN.team, "enterprise_id": None, "user_id": "U0BOT"}]
    return SlackEvent.from_body(
        {"team_id": ANN.team, "authorizations": bots, "event": event}
    )


async def answer(text: str, region: str = "US") -> Message:
    """Return what somebody in *region* is told who writes *text* to the app."""

    async def admit(*_: object) -> None:
        """Let everybody in."""

    services: Any = SimpleNamespace(
        switchboard=Switchboard(region),
        admission=SimpleNamespace(check=admit),
        contact=NO_CONTACT,
    )
    replies: Any = SimpleNamespace(reply=lambda _command, _request, work, *_: work())
    written = events(services, replies)["app_mention"]
    work: Any = await written(mention(text))
    try:
        said = await work()
    except UserError as error:
        return Message(refusals.told(error, NO_CONTACT))
    assert isinstance(said, Message)
    return said


def offers(message: Message) -> list[Chosen]:
    """Return what the buttons of a question would dial."""
    return [
        Chosen.load(each["value"])
        for block in message.blocks
        for each in block.get("elements", [])
        if each.get("action_id") == CALL_DOUBTFUL_BUTTON
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "please ring +49 30 303986300 tomorrow",
            "Calls to Germany aren't allowed here",
        ),
        ("could you try (900) 555-0142, thanks", "+1 900-555-0142 is a premium-rate"),
        ("ring Bob at 911 please", "I can't reach emergency services. Dial 911"),
        ("ring 555 0142 please", "Add the area code"),
    ],
)
async def test_a_number_in_a_sentence_that_may_not_be_called_is_named(
    text: str, said: str
) -> None:
    """Who is told to type digits would type them again."""
    told = await answer(text)

    assert said in told.text
    assert NONE_OF_THEM not in told.text
    assert offers(told) == []


@pytest.mark.parametrize(
    "text", ["{}", "{} please", "call {} now", "ring Bob: {}, ok?"]
)
@pytest.mark.parametrize(
    ("number", "region", "said"),
    [
        ("110", "US", "“110” is an extension or short code, which I can't call. Else"),
        ("110", "DE", "I can't reach emergency services. Dial 110 on a phone now."),
        ("000", "AU", "I can't reach emergency services. Dial 000 on a phone now."),
        ("933", "US", "“933” is a service number in the United States, which I can't"),
        ("411", "US", "“411” is too short: I can't call extensions or short codes."),
        (
            "116117",
            "DE",
            "“116117” is a service number in Germany, which I can't reach",
        ),
        ("0900 123456", "US", "“0900 123456” isn't a number in the United States."),
        ("0900 1234567", "DE", "+49 900 1 234567 is a premium-rate number."),
        ("0180 5123456", "DE", "is a shared-cost number, which costs extra."),
        ("415 555 01", "US", "“415 555 01” is too short for the United States."),
        ("415 555 01423", "US", "“415 555 01423” is too long for the United States."),
        ("+999 12345678", "US", "begins with a country code that doesn't exist."),
        ("2026-12-24", "US", "That looks like a date."),
    ],
)
async def test_what_is_no_number_is_called_what_it_is_among_words_as_alone(
    text: str, number: str, region: str, said: str
) -> None:
    """Who needs help, or misses a digit, learns nothing from "I can only dial digits"."""
    told = await answer(text.format(number), region)

    assert said in told.text
    assert offers(told) == []


@pytest.mark.parametrize(
    "text",
    ["ring 1-800-FLOWERS please", "call me at 5 or at 6", "see ticket7781 please"],
)
async def test_digits_that_are_a_part_of_words_are_not_explained(text: str) -> None:
    """They are no attempt at a number."""
    assert "I can only dial digits" in (await answer(text)).text


@pytest.mark.parametrize(
    ("text", "offered", "said"),
    [
        (
            "415 555 0142, else +49 30 303986300",
            [FIRST],
            "*+49 30 303986300*: Calls to Germany aren't allowed here",
        ),
        (
            "either 900-555-0142 or 415-555-0142 or 415-555-0143",
            [FIRST, SECOND],
            "*+1 900-555-0142*: +1 900-555-0142 is a premium-rate number",
        ),
        ("ring 911 or 415 555 0142 now", [FIRST], "*911*: I can't reach emergency"),
        ("415 555 0142 or 911 please", [FIRST], "*911*: I can't reach emergency"),
        ("415 555 0142 / 112, please", [FIRST], "call +1 415-555-0142?"),
        ("ring 415 555 0142, else 112!", [FIRST], "*112*: I can't reach emergency"),
        ("+49 30 303986300 or 900-555-0142, please", [], "*+1 900-555-0142*: "),
        (
            "call +1 415-•••-0143 please",
            [],
            "…0143: this message doesn't show the whole",
        ),
        (
            " or ".join(f"415 555 014{each}" for each in range(6)) + " please",
            [f"+1415555014{each}" for each in range(5)],
            "There may be more numbers",
        ),
        ("ring Bob at 415 555 0142 x12 please", [FIRST], "ask for extension 12"),
    ],
)
async def test_the_others_are_offered_and_it_is_said_why_one_is_not(
    text: str, offered: list[str], said: str
) -> None:
    """In the text alone too, which is all that a notification shows."""
    told = await answer(text)

    assert said in told.text
    assert said in str(told.blocks)
    assert [each.to.e164 for each in offers(told)] == offered
    assert (NONE_OF_THEM in told.text) == (not offered)


@pytest.mark.parametrize(
    ("behind", "caller", "caller_id", "name"),
    [
        ("from mobile", MOBILE, None, None),
        ("from desk as mobile", DESK, MOBILE, None),
        ("as desk", None, DESK, None),
        ("from mobile for Northwind", MOBILE, None, "Northwind"),
        ("for Northwind", None, None, "Northwind"),
        ("from 650 555 0102", DESK, None, None),
        ("from mobile please", MOBILE, None, None),
        ("from Mobile, thanks!", MOBILE, None, None),
        ("from desk as mobile, please.", DESK, MOBILE, None),
    ],
)
@pytest.mark.parametrize("numbers", [1, 2])
async def test_what_is_written_behind_the_numbers_is_kept(
    behind: str,
    caller: PhoneNumber | None,
    caller_id: PhoneNumber | None,
    name: str | None,
    numbers: int,
) -> None:
    """Another phone would ring than the one that was named."""
    asked = ["please 415 555 0142", "please 415 555 0142 or 415 555 0143"][numbers - 1]

    told = await answer(f"{asked} {behind}")

    assert len(offers(told)) == numbers
    for each in offers(told):
        assert (each.phones.caller, each.phones.caller_id) == (caller, caller_id)
        assert (each.name.text if each.name else None) == name
    assert "As you typed: " in str(told.blocks)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ring Bob at 415 555 0142 now from 650 555 0199", "takes one of your own"),
        ("ring 415 555 0142, there is a message from Bob", "takes one of your own"),
        (f"ring 415 555 0142, a message from {'x' * 300}", "take a number"),
        (f"ring 415 555 0142, I am from {'a' + ' ' * 30_000}b", "take a number"),
        ("ring Bob at 415 555 0142 for a message from Jim", "takes one of your own"),
        ("ring 415 555 0142 as soon as possible", ""),
        ("I have a message from 415 555 0142", ""),
        ("for Bob: 415 555 0142", ""),
    ],
)
async def test_words_that_name_no_phone_are_said_and_keep_no_number_from_being_offered(
    text: str, said: str
) -> None:
    """People write "from" and "as" to each other, too."""
    told = await answer(text)

    assert [each.to.e164 for each in offers(told)] == [FIRST]
    assert offers(told)[0].phones.caller is None
    assert said in str(told.blocks)
    assert ("your usual phone rings first" in str(told.blocks)) == bool(said)


@pytest.mark.parametrize("numbers", [1, 2, 3])
async def test_a_question_has_no_more_rows_than_numbers(numbers: int) -> None:
    """A single number is asked about as one that is written alone."""
    text = " or ".join(f"415 555 014{each}" for each in range(numbers))

    told = await answer(f"{text} please")

    rows = [each["elements"] for each in told.blocks if each["type"] == "actions"]
    styles = [each.get("style") for row in rows for each in row]
    assert [len(row) for row in rows] == [1] * (numbers - 1) + [2]
    assert rows[-1][-1]["text"]["text"] == "Not now"
    assert ("primary" in styles) == (numbers == 1)


def test_a_doubtful_number_among_words_is_shown_with_its_doubt() -> None:
    """The button dials it without another question."""
    doubtful = FoundNumber("x", PhoneNumber("+441111111111"))
    asker = SentenceAsker(ANN.person, NO_PHONES, "key")

    said = which(FoundNumbers((doubtful,)), Command("dial"), asker, NO_CONTACT).text

    assert said == (
        "Do you want me to call +44 111 111 1111 (it doesn't look like a number in the "
        "United Kingdom)?"
    )
