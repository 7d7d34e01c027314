"""Numbers in a message: found where people write them, shown with their words, read as typed."""

from __future__ import annotations

import re
from functools import partial

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from bot.calls.numbers.in_message import (
    MOST_FOUND,
    MOST_LOOKS,
    FoundNumbers,
    found_in,
)
from bot.calls.numbers.mentions import MOST_MENTIONED, mentioned
from bot.calls.numbers.passage import Passage
from bot.calls.numbers.phone import (
    CountryNotAllowed,
    PhoneNumber,
    PremiumRate,
    parse,
)
from bot.calls.numbers.refusal import InvalidNumber, UnreadableNumber
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.switchboard.policy import Policy

ANYWHERE = Policy(countries=None)
OURS = Policy(countries=frozenset({"US"}))
ONE, TWO = "+14155550142", "+14155550143"


def found(*texts: str, region: str = "US", policy: Policy = ANYWHERE) -> FoundNumbers:
    """Return what is found in a message, by the rules for typed numbers."""
    return found_in(texts, region, partial(policy.number, region=region))


def offered(*texts: str, region: str = "US") -> list[str]:
    """Return the numbers that a person may choose, in their order."""
    seen = found(*texts, region=region).numbers
    return [each.number.e164 for each in seen if each.may_be_dialed and each.number]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("<tel:+14155550142|(415) 555-0142>", [ONE]),
        ("<tel:4155550142>", [ONE]),
        ("<callto:+14155550142|me>", [ONE]),
        ("Call <https://wa.me/14155550142|us>", [ONE]),
        ("415 555 0143 or <tel:+14155550142|here>", [ONE, TWO]),
        ("<tel:+14155550142|415-555-0142> 415-555-0142 +1 415 555 0142", [ONE]),
        ("(415) 555-0142, 415.555.0143", [ONE, TWO]),
        ("415 555 0142 415 555 0143", [ONE, TWO]),
        ("415-555-0142/415-555-0143", [ONE, TWO]),
        ("Phone:415-555-0142.", [ONE]),
        ("\u8bf7\u6253415 555 0142\u7ed9\u6211", [ONE]),
        ("\u202a+1\u00a0(415)\u00a0555\u20110142\u202c", [ONE]),
        ("\uff0b\uff11 \uff14\uff11\uff15 555 0142", [ONE]),
        ("`415 555 0142`\n*415 555 0143*", [ONE, TWO]),
        ("Order 12345 415 555 0142", [ONE]),
        ("Order 4155550142, #4155550143", [ONE, TWO]),
        ("https://shop.example/orders/4155550142", [ONE]),
        ("<https://shop.example/orders/4155550142|your order>", [ONE]),
        ("4155550142@shop.example", [ONE]),
        ("<@U4155550142|ann> <#C4155550142|sales> <!subteam^S4155550142>", []),
        ("ann4155550142bob 4155550142ab x4155550142", []),
        ("ORD4155550142, Fax4155550143", [ONE, TWO]),
        ("2026-11-30 10:22 192.168.100.100 $4,155,550,142.00 12/30/2026", []),
        ("9400110200881234567890", []),
        ("nothing 12 & 2026", []),
        ("", []),
    ],
)
def test_numbers_are_found_where_people_write_them(
    text: str, numbers: list[str]
) -> None:
    """Links first, each number once; a person decides what is an order and what a phone."""
    assert offered(text) == numbers


@pytest.mark.parametrize(
    ("text", "region", "numbers"),
    [
        ("030 123456", "DE", ["+4930123456"]),
        ("fr: 01 23 45 67 89 - 06 12 34 56 78", "FR", ["+33123456789", "+33612345678"]),
        ("020 7946 0018", "GB", ["+442079460018"]),
        ("+49 30 901820", "US", ["+4930901820"]),
    ],
)
def test_home_is_the_persons_own(text: str, region: str, numbers: list[str]) -> None:
    """As for a typed number: the same digits are another number elsewhere."""
    assert offered(text, region=region) == numbers


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("415 555 0142 / 0143", ["0142", "0143"]),
        ("415 555 0142/0143/0144", ["0142", "0143", "0144"]),
        ("415 555 0142/43", ["0142", "0143"]),
        ("415-555-0142/3", ["0142", "0143"]),
        ("415 555 0142 or 0143", ["0142", "0143"]),
        ("<tel:+14155550142|415 555 0142> / 0143", ["0142", "0143"]),
        ("415 555 0142 / 2 people", ["0142"]),
        ("415 555 0142 / 24h", ["0142"]),
        ("415 555 0142 / 415 555 0143", ["0142", "0143"]),
        ("415 555 0142 / 0142", ["0142"]),
    ],
)
def test_another_end_is_another_number(text: str, ends: list[str]) -> None:
    """Offices write ``0142 / 0143`` for two lines."""
    assert offered(text) == [f"+1415555{end}" for end in ends]


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("(415) 555-0142 ext. 22", "22"),
        ("(415) 555-0142, ext 22", "22"),
        ("415-555-0142x22", "22"),
        ("415-555-0142 #22", "22"),
        ("+1 415 555 0142,,22", "22"),
        ("<tel:+14155550142;ext=22|415-555-0142 x22>", "22"),
        ("<tel:+14155550142|415-555-0142> ext 22", "22"),
        ("415-555-0142, #4155550143", ""),
        ("415-555-0142 w 42nd St", ""),
    ],
)
def test_an_extension_is_told_and_not_dialed(text: str, extension: str) -> None:
    """RingOut rings whole numbers; the person has to ask for the extension."""
    first = found(text).numbers[0]

    assert first.number == PhoneNumber(ONE)
    assert (first.may_be_dialed, first.extension) == (True, extension)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("+44 20 7946 0018", CountryNotAllowed),
        ("900 555 0142", PremiumRate),
        ("<tel:+14155550142|415 555 0143>", UnreadableNumber),
        ("<tel:911|help>", EmergencyNumber),
        ("call 911", EmergencyNumber),
        ("555-0142", InvalidNumber),
    ],
)
def test_what_must_not_be_dialed_is_shown_with_its_reason(
    text: str, error: type[UserError]
) -> None:
    """By the rules for typed numbers; a person should not wonder where it went."""
    [one] = found(text, policy=OURS).numbers

    assert isinstance(one.error, error)
    assert not one.may_be_dialed


LABELS = [
    "555-0142",
    "Bob 2",
    "Room 101",
    "call 24/7",
    "415",
    "0142 (ext 7)",
    "Order 1234567",
    "2026-11-30",
    "+1 (415) 555-0142 or 1-2-3",
    "call us at 415 555 0142",
    "Office 3, " + "a long way down the hall, " * 10,
]
OTHERS = [
    "415 555 0143",
    "4155550143",
    "555-0143",
    "+44 20 7946 0018",
    "call +1 555 123 4567",
    "Bob: 415 5550143",
    "(415) 555-0143 x22",
    "\uff14\uff11\uff15 555 0143",
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("target", [f"tel:{ONE}", "tel:4155550142"])
def test_digits_in_a_label_do_not_hide_where_a_link_leads(
    label: str, target: str
) -> None:
    """They are words beside the number: a room, a person's desk, an opening hour."""
    [one] = found(f"Ask <{target}|{label}> today").numbers

    assert (one.may_be_dialed, one.number) == (True, PhoneNumber(ONE))
    assert (one.before, one.text, one.after) == ("Ask ", label, " today")


@pytest.mark.parametrize("label", OTHERS)
def test_a_label_with_another_number_makes_a_link_doubtful(label: str) -> None:
    """Whoever wrote it may want somebody called who is not shown."""
    [one] = found(f"<tel:{ONE}|{label}>").numbers

    assert isinstance(one.error, UnreadableNumber)
    assert not one.may_be_dialed


@pytest.mark.parametrize(
    ("link", "numbers"),
    [
        ("https://x.com/t/4155550142|ticket", [ONE]),
        ("https://x.com/t/4155550142|ticket 1234567", [ONE]),
        ("https://x.com/t/4155550142|2026-11-30 12:30:45", [ONE]),
        ("https://x.com/t/4155550142|415-555-0143", [TWO, ONE]),
        ("https://x.com/t/4155550142|415-555-0142", [ONE]),
        ("https://x.com/t/4155550142|4155550", [ONE]),
        ("https://x.com/t/4155550142|5", [ONE]),
        ("https://x.com/t/4155550142|x.com/t/4155550142", [ONE]),
        ("https://x.com/?a=1&amp;n=4155550142|x.com/?a=1&amp;n=4155550142", [ONE]),
        ("https://x.com/t/415555|ticket 1234567", []),
    ],
)
def test_a_label_with_digits_does_not_hide_the_number_in_a_url(
    link: str, numbers: list[str]
) -> None:
    """The number in the URL may be the one that was meant; a person decides."""
    assert offered(f"See <{link}> today") == numbers


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/t/4155550142|x.com/t/4155550142",
        "https://x.com/?a=1&amp;n=4155550142|x.com/?a=1&amp;n=4155550142",
    ],
)
def test_a_url_that_is_its_own_label_is_shown_once(link: str) -> None:
    """The words around a number stay as people see them in Slack."""
    assert "https" not in Passage.of(f"<{link}>").shown


def test_each_number_has_the_words_around_it() -> None:
    """Only they tell an order number from a phone; a link's label is among them."""
    text = "Hi\nOrder <tel:+14155550142|0142> &amp; call Bob at 415 555 0143 \u2013 today\nBye"
    one, other = found(text).numbers

    assert (one.before, one.text) == ("Order ", "0142")
    assert (other.before, other.after) == ("Order 0142 & call Bob at ", " \u2013 today")


@pytest.mark.parametrize(
    ("mention", "shown"),
    [
        ("<@U0BOB>", "@Bob Baker"),
        ("<@U0NEW>", "someone"),
        ("<@U0BOB|bob>", "@bob"),
        ("<@W0NEW|@dana>", "@dana"),
        ("<#C0SALES|sales>", "#sales"),
        ("<#C0SALES>", "a channel"),
        ("<#C0SALES|>", "a channel"),
        ("<!subteam^S0DESK|@desk>", "@desk"),
        ("<!subteam^S0DESK>", "a group"),
        ("<!here>", "@here"),
        ("<!channel|channel>", "channel"),
        ("<!date^1700000000^{date}|Nov 14>", "Nov 14"),
        ("<@U0EVE>", "@Eve 415 555 0199"),
    ],
)
def test_a_mention_among_the_words_is_read_as_people_see_it(
    mention: str, shown: str
) -> None:
    """A gap tells nobody who asks to be called; and no number is taken from a name."""
    names = {"U0BOB": "Bob Baker", "U0EVE": "Eve\n 415 555 0199"}
    text = f"ring 415 555 0142 back, {mention}?"
    read = partial(ANYWHERE.number, region="US")

    [only] = found_in([text], "US", read, names=names).numbers

    assert (only.before, only.after) == ("ring ", f" back, {shown}?")
    assert only.number == PhoneNumber(ONE)


def test_no_number_runs_across_a_mention() -> None:
    """Its digits would be of two numbers."""
    assert offered("415 555 <@U0BOB> 0142") == []
    assert offered("<@U0BOB>4155550142<@U0EVE>") == [ONE]


def test_a_few_people_are_asked_about_and_each_once() -> None:
    """Slack is asked about each whose name does not stand there."""
    many = " ".join(f"<@U{n}A>" for n in range(9))

    assert mentioned(["<@U0BOB> <@U0BOB> <@U0EVE|eve> <@UBOB#>"]) == ["U0BOB"]
    assert len(mentioned([many])) == MOST_MENTIONED


MASKED = [
    PhoneNumber(ONE),
    PhoneNumber("+4930123456"),
    PhoneNumber("+442079460018"),
    PhoneNumber("+33123456789"),
    PhoneNumber("+376712345"),
]


@pytest.mark.parametrize("number", MASKED, ids=str)
def test_a_number_that_the_bot_has_masked_is_told_and_never_guessed(
    number: PhoneNumber,
) -> None:
    """On its own cards: whoever may see it whole has a button there."""
    for shown in (number.masked, number.tail):
        seen = found(f"Calling Northwind \u00b7 {shown} (placed by <@U1>)")
        assert seen.numbers == ()
        assert seen.masked == (re.sub(r"\D", "", number.tail),)
        beside = found(f"{shown} is {number.international}")
        assert [each.number for each in beside.numbers] == [number]
        assert beside.masked == ()


def test_ten_numbers_are_offered_and_it_is_told_that_there_are_more() -> None:
    """One menu of Slack's holds ten; a list of hundreds is no choice."""
    lines = "\n".join(f"415 555 01{each:02}" for each in range(40))

    assert len(found(lines).numbers) == MOST_FOUND
    assert found(lines).has_more
    assert not found("\n".join(lines.split("\n")[:MOST_FOUND])).has_more


HARD = [
    "1234567890 " * 2000,
    "1 " * 10_000,
    "+1" * 10_000,
    "+1 415 555 01 " * 1000,
    "1-2/3.4 5(6)7[8]9 " * 1100,
    "<tel:1|2>" * 2000,
    "\u2022" * 20_000,
    "2 345-6789 " * 1900,
    "415 555 0142 ext 5 / 0 " * 900,
    "5" * 20_000,
]


@pytest.mark.unmeasured
@pytest.mark.long_table
@pytest.mark.parametrize("text", HARD, ids=lambda text: text[:12])
def test_no_message_keeps_everybody_waiting(text: str) -> None:
    """While one message is read, no call is followed: so only so much of it is."""
    read: list[str] = []

    def noted(typed: str) -> PhoneNumber:
        read.append(typed)
        return parse(typed, region="US")

    found_in([text] * 5, "US", noted)

    assert len(read) <= MOST_LOOKS + MOST_FOUND


pieces = st.sampled_from(
    [
        "415 555 0142",
        "+1 (415) 555-0143",
        "+44 20 7946 0018",
        "<tel:+14155550142|415 555 0142>",
        "<tel:+1415|4>",
        "<https://x.example/4155550142|x>",
        "<@U1|ann>",
        " / 0143",
        " ext. 7",
        "\u2026",
        "\u2022\u2022\u2022",
        "911",
        "<",
        "|",
        ">",
        "&lt;",
        "&#52;",
        "\n",
        " ",
        "-",
    ]
)
texts = st.lists(st.lists(pieces | st.text(max_size=12), max_size=8).map("".join))


@given(texts, st.sampled_from(["US", "DE", "GB", "FR", "JP"]))
@example(["<tel:|>", "&#1114112;", "\ud800"], "US")
def test_any_message_is_read_and_nothing_is_offered_that_is_not_in_it(
    said: list[str], region: str
) -> None:
    """Whoever wrote it: what may be dialed is a number that stands there."""
    seen = found_in(said, region, partial(OURS.number, region=region))
    passages = [Passage.of(each) for each in said]
    plain = [each.plain for each in passages]
    targets = [link.target for each in passages for link in each.links]
    digits = re.sub(r"\D", "", " ".join([*plain, *targets]))

    assert len(seen.numbers) <= MOST_FOUND
    for each in seen.numbers:
        if each.may_be_dialed and each.number:
            assert OURS.number(each.number.e164) == each.number
            national = str(phonenumbers.parse(each.number.e164).national_number)
            ends = [(national[:-cut], national[-cut:]) for cut in (1, 2, 3, 4)]
            assert national in digits or any(
                head in digits and end in digits for head, end in ends
            )


@given(
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
    st.sampled_from(["national", "international", "plain", "link"]),
)
def test_what_could_be_typed_is_found_in_a_message(region: str, form: str) -> None:
    """In every country's own way to write it."""
    number = phonenumbers.example_number(region)
    assert number is not None
    whole = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    written = {
        "national": phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
        "international": whole,
        "plain": e164,
        "link": f"<tel:{e164}|{whole}>",
    }[form]
    try:
        typed = ANYWHERE.number(written, region)
    except UserError:
        return

    assert typed.e164 in offered(f"Please call {written} today.", region=region)
