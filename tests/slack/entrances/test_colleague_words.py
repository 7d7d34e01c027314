"""What ``/ringout @bob`` answers, without a Slack: the handler and the operator's rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import NO_PHONES, NamedPhones
from bot.calls.typed.dialing import Command
from bot.slack.entrances.commands.colleague import ask
from bot.slack.entrances.request import Request
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.profile import Profile
from bot.slack.texts.text import Message
from bot.switchboard.policy import Policy

BOB = "U0BOB"
BOBS = "+14155550177"
HERE = Place("T1", "C1", "U0ANN")
HOME_ONLY = Policy()
WIDE = Policy(countries=frozenset({"US", "GB"}))


@dataclass
class Office:
    """What the handler asks: bob's profile, who he is at RingCentral, the rules."""

    profile: Profile
    policy: Policy = HOME_ONLY
    region: str = "US"

    @property
    def services(self) -> Any:
        """Be the services of a handler."""
        return SimpleNamespace(profiles=self, switchboard=self, contact=NO_CONTACT)

    async def of(self, place: Place, user: str) -> Profile:
        """Return the profile, whoever's it is."""
        del place, user
        return self.profile

    async def region_of(self, place: Place, _entrance: object = None) -> str:
        """Return the region that the asking person's numbers are read by."""
        del place
        return self.region

    async def phones_named(self, *_: object, **__: object) -> NamedPhones:
        """Find no phone: nothing was typed beside bob's name."""
        return NO_PHONES

    async def direct_number(self, place: Place, user: str) -> PhoneNumber | None:
        """Know of nobody who connected an account."""
        del place, user
        return None

    async def answer(self) -> Message:
        """Return what ann is answered when she types bob's name."""
        request = Request("key", HERE, "<@U0BOB|bob>")
        reply = await ask(request, self.services, Command("person", BOB))
        assert reply.later is not None
        said = await reply.later()
        assert said is not None
        return said


def buttons(message: Message) -> list[str]:
    """Return the labels of a message's buttons."""
    rows = [each["elements"] for each in message.blocks if each["type"] == "actions"]
    return [each["text"]["text"] for row in rows for each in row]


def bob(phone: str, **more: Any) -> Profile:
    """Return bob's profile with *phone* in it."""
    return Profile(BOB, more.pop("name", "Bob Baker"), phone, **more)


def read(phone: str = BOBS, **more: Any) -> Profile:
    """Return bob's profile as it is read of Slack's answer."""
    profile = {"real_name": "Bob Baker", "phone": phone}
    return Profile.read({"id": BOB, "profile": profile, **more}, HERE, BOB)


async def test_the_callers_home_reads_the_number() -> None:
    """(020) 7946 0958 is no number in the US, where bob may write it for his friends."""
    unclear = await Office(bob("020 7946 0958"), WIDE).answer()
    question = await Office(bob("020 7946 0958"), WIDE, region="GB").answer()

    assert "not sure how to read" in unclear.text
    assert "at +44 20 7946 0958? (from" in question.text


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("+1 900 555 0142", "premium-rate"),
        ("+44 20 7946 0958", "United Kingdom"),
        ("+1 809 555 0123", "Dominican Republic"),
        ("911", "not sure how to read"),
    ],
)
async def test_a_premium_or_foreign_number_in_a_profile_is_not_offered(
    phone: str, said: str
) -> None:
    """Nobody may earn money by writing a premium number into their profile."""
    answer = await Office(bob(phone)).answer()

    assert said in answer.text
    assert buttons(answer) == []


async def test_a_country_that_is_allowed_is_named_before_it_is_dialed() -> None:
    """A colleague's number may be dearer to ring than one thinks."""
    question = await Office(bob("+44 20 7946 0958"), WIDE).answer()

    assert "+44 20 7946 0958 in the United Kingdom" in question.text
    assert buttons(question) == ["Call", "Not now"]


@pytest.mark.parametrize(
    "phone", ["call my desk", "555 0177 or 555 0178", "+1 415 555 0177 x12", "x" * 500]
)
async def test_a_phone_that_is_not_surely_one_number_is_not_guessed(phone: str) -> None:
    """Shown as it is written, and left to the person."""
    answer = await Office(bob(phone)).answer()

    assert "not sure how to read" in answer.text
    assert "/ringout" in answer.text
    assert buttons(answer) == []


@pytest.mark.parametrize("phone", ["", "   "])
async def test_without_a_phone_there_is_a_sentence(phone: str) -> None:
    """With what to do next."""
    answer = await Office(read(phone)).answer()

    assert "no number in their Slack profile" in answer.text
    assert "/ringout" in answer.text


async def test_who_has_left_is_not_called() -> None:
    """The number of a deactivated person may belong to somebody else by now."""
    answer = await Office(read(deleted=True)).answer()

    assert "has left" in answer.text
    assert buttons(answer) == []


async def test_a_stranger_of_a_shared_channel_is_not_looked_up() -> None:
    """What another company's people show is theirs; the number can be typed."""
    answer = await Office(read(team_id="T0PARTNER")).answer()

    assert "another company" in answer.text
    assert "0177" not in answer.text


@pytest.mark.parametrize(
    ("phone", "name"), [(BOBS, "<!channel> \u202eBob"), ("<!here> 12", "Bob Baker")]
)
async def test_a_name_that_slack_would_obey_is_harmless(phone: str, name: str) -> None:
    """Names are free text, and so is the phone."""
    message = await Office(bob(phone, name=name)).answer()

    # Slack shows no button's value, and gives it back as it is.
    shown = re.sub(r"'value': '[^']*'", "", str(message.blocks))
    whole = message.text + shown
    assert "<!" not in whole
    assert "\u202e" not in whole
