"""The text after ``/ringout``: its shape, its characters, and calls for help."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata

from bot.calls.numbers.phone import parse
from bot.calls.numbers.refusal import NotAPhoneNumber
from bot.calls.typed import dialing, wrapping
from bot.calls.typed.dialing import BadCommand, Command, read_command
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.slack.texts.refusals import words
from refused import refused


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "help",
        " HELP ",
        "Help",
        "`help`",
        "\u200b",
        "help me",
        "Help!",
        "“help”",
        "?",
        "??",
        "-h",
        "--help",
        "/help",
        "usage",
        "info",
        "Help me please",
        "how to",
    ],
)
def test_nothing_and_help_ask_for_help(text: str) -> None:
    """Who types the bare command, or a word of it, gets to read what it does."""
    assert read_command(text) == Command("help")


@pytest.mark.parametrize(
    ("text", "kind", "to"),
    [
        ("again", "again", ""),
        ("Redial", "again", ""),
        ("re-dial", "again", ""),
        ("call again", "again", ""),
        ("“again”", "again", ""),
        ("call last number", "again", ""),
        ("cancel", "cancel", ""),
        ("stop", "cancel", ""),
        ("hang up", "hang up", ""),
        ("Hangup!", "hang up", ""),
        ("end the call", "hang up", ""),
        ("cancel call", "cancel", ""),
        ("status", "status", ""),
        ("call history", "status", ""),
        ("callstatus last 5", "status", "last 5"),
        ("last 10", "status", "last 10"),
        ("last 3 calls", "status", "last 3"),
        ("my calls today", "status", "today"),
        ("history missed last 5", "status", "missed last 5"),
        ("LAST", "status", ""),
    ],
)
def test_what_else_people_type_is_the_thing_itself(
    text: str, kind: Any, to: str
) -> None:
    """They know what they want, and not which command has it."""
    assert read_command(text) == Command(kind, to)


@pytest.mark.parametrize(
    "text", ["again 415 555 0142", "cancel 911", "last 911", "stop Bob", "status 4155"]
)
def test_a_verb_with_a_number_is_no_verb(text: str) -> None:
    """What is left out might be what was meant, 911 above all."""
    assert read_command(text).kind == "dial"


@pytest.mark.parametrize(
    ("text", "to", "from_"),
    [
        ("+14155550142", "+14155550142", None),
        ("  415 555 0142 ", "415 555 0142", None),
        ("415 555 0142 from 650 555 0101", "415 555 0142", "650 555 0101"),
        ("4155550142 FROM +16505550101", "4155550142", "+16505550101"),
        ("4155550142\u00a0from\u00a06505550101", "4155550142", "6505550101"),
        (
            "<tel:+14155550142|x> from <tel:+1650|y>",
            "<tel:+14155550142|x>",
            "<tel:+1650|y>",
        ),
        ("<tel:+14155550142|a from b>", "<tel:+14155550142|a from b>", None),
        ("from mobile 415 555 0142", "415 555 0142", "mobile"),
        ("from “my desk” (415) 555-0142", "(415) 555-0142", "“my desk”"),
        ("from room 2, +14155550142", "+14155550142", "room 2"),
        ("from +16505550101 415 555 0142", "415 555 0142", "+16505550101"),
        (
            "from +1 650 555 0101 <tel:+14155550142>",
            "<tel:+14155550142>",
            "+1 650 555 0101",
        ),
        ("from mobile to 415 555 0142", "415 555 0142", "mobile"),
        ("from: mobile 415 555 0142", "415 555 0142", "mobile"),
        ("415 555 0142 from: mobile", "415 555 0142", "mobile"),
        (
            "from <tel:+16505550101> <tel:+14155550142>",
            "<tel:+14155550142>",
            "<tel:+16505550101>",
        ),
        ("415from650", "415from650", None),
    ],
)
def test_a_number_and_where_to_ring_first(
    text: str, to: str, from_: str | None
) -> None:
    """The parser passes numbers on unchanged; they are validated later."""
    assert read_command(text) == Command("dial", to, from_)


@pytest.mark.parametrize(
    "text",
    [
        "as main 415 555 0142 from mobile",
        "from mobile 415 555 0142 as main",
        "from mobile as main 415 555 0142",
        "as main from mobile 415 555 0142",
        "415 555 0142 as main from mobile",
    ],
)
def test_from_and_as_may_stand_anywhere(text: str) -> None:
    """People say it as it comes to them."""
    assert read_command(text) == Command("dial", "415 555 0142", "mobile", "main")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("from 6505550101", "Type the number to call first"),
        ("4155550142 from", "one of your phones after “from”"),
        ("from", "Type the number to call first"),
        ("1 from 2 from 3", "Type “from” once"),
        ("from 650 555 0101 415 555 0142", "Type the number to call first"),
        ("from line 1 415 555 0142 from desk", "Type “from” once"),
        ("415 555 0142 for", "something after “for”"),
        ("for", "Type the number to call first"),
        ("as +1 650 555 0101 415 555 0142", "Type the number to call first"),
        ("from +1 650-555-0101 +1 415 555 0142", "Type the number to call first"),
        ("from +44 20 7946 0018 415 555 0142", "Type the number to call first"),
        ("for Northwind", "Type the number to call first"),
        ("for Northwind 415 555 0142", "Type the number to call first"),
        ("from mobile for Northwind 415 555 0142", "Type the number to call first"),
        ("415 555 0142 for A from desk for B", "Type “for” once"),
    ],
)
def test_a_lame_from_gets_the_right_form_back(text: str, why: str) -> None:
    """The answer names the missing part and what to type."""
    with pytest.raises(BadCommand) as caught:
        read_command(text)

    assert why in words(caught.value)
    assert "`/ringout 415 555 0142 f" in words(caught.value)


@pytest.mark.parametrize(
    "text", ["from 911", "call for help 911", "for 911", "mom for 911", "x for 1 911"]
)
def test_a_lame_command_with_an_emergency_number_is_a_call_for_help(text: str) -> None:
    """However 911 is typed, the person must learn that this is no way to get help."""
    with refused(EmergencyNumber, match="Dial 911 on a phone now"):
        read_command(text)


@pytest.mark.parametrize("verb", ["", "call ", "Call ", "please ring ", "to "])
def test_a_verb_before_a_person_changes_nothing(verb: str) -> None:
    """``call @alice`` says what the command does anyway."""
    command = read_command(f"{verb}<@U2|alice> from desk")

    assert command == Command("person", "U2", "desk")


def test_a_command_in_a_log_shows_no_number() -> None:
    """A repr ends up in logs sooner or later, so it must not hold a number."""
    command = read_command("4155550142 from 4155550143 for Bob 4155550144")

    assert "415" not in repr(command)
    assert "Bob" not in repr(command)


@pytest.mark.parametrize(
    ("text", "words_", "from_", "as_"),
    [
        ("{} for Northwind renewal", "Northwind renewal", None, None),
        ("{} for: Northwind", "Northwind", None, None),
        ("{} FOR Bob's desk", "Bob's desk", None, None),
        ("{} for Northwind from mobile as main", "Northwind", "mobile", "main"),
        ("{} from mobile for Northwind as main", "Northwind", "mobile", "main"),
        ("{} as main from mobile for Northwind", "Northwind", "mobile", "main"),
        ("from mobile {} for Northwind as main", "Northwind", "mobile", "main"),
        ("for Northwind from mobile {} as main", "Northwind", "mobile", "main"),
        ("as main for Northwind from mobile {}", "Northwind", "mobile", "main"),
        ("{} for “notes from Bob as usual”", "notes from Bob as usual", None, None),
        ("{} for 'Bob's as usual' from mobile", "Bob's as usual", "mobile", None),
        ('for "Northwind" {}', "Northwind", None, None),
        ('for "notes from Bob" {} from mobile', "notes from Bob", "mobile", None),
        ('{} for "the boss" Bob', '"the boss" Bob', None, None),
        ("{} for thanks for all", "thanks for all", None, None),
        ("{} from 'line for sales'", None, "'line for sales'", None),
        ("{} for Bob 415 555 0199", "Bob 415 555 0199", None, None),
        ("{} for <tel:+14155550199|(415) 555-0199>", "(415) 555-0199", None, None),
        ("{} for <@U2|bob>", "bob", None, None),
        ("{} for <#C1|sales> &amp; co", "#sales & co", None, None),
        ("{} for <https://x.example/|x.example>", "x.example", None, None),
        ("{} for <!here> all", "all", None, None),
        ("{} for <@U2>", "", None, None),
    ],
)
@pytest.mark.parametrize("to", ["415 555 0142", "+14155550142", "<tel:+1415|x>"])
def test_what_the_call_is_for_changes_nothing_else(
    to: str, text: str, words_: str | None, from_: str | None, as_: str | None
) -> None:
    """The words are only shown; a number among them is not dialed."""
    command = read_command(text.format(to))

    assert command == Command("dial", to, from_, as_, words_)


@pytest.mark.parametrize(
    ("text", "is_loose"),
    [
        ("415 555 0142 for the message from 312 555 0177", True),
        ("415 555 0142 for the message from <tel:+13125550177|312> as main", True),
        ("415 555 0142 as main for the message from 312 555 0177", True),
        ("415 555 0142 for the message as main from 312 555 0177", True),
        ('415 555 0142 for "the" message from 312 555 0177', True),
        ("for the message from <tel:+13125550177|312> +14155550142", True),
        ("<@U2> for the message from 312 555 0177", True),
        ('415 555 0142 for "the message" from 312 555 0177', False),
        ('415 555 0142 for "the message from 312 555 0177"', False),
        ('for "the message" 415 555 0142 from 312 555 0177', False),
        ("415 555 0142 from 312 555 0177 for the message", False),
        ("from mobile 415 555 0142 for the message", False),
        ("415 555 0142 from 312 555 0177", False),
        ("415 555 0142 for the message", False),
    ],
)
def test_a_from_behind_words_without_quotes_may_be_one_of_them(
    text: str, *, is_loose: bool
) -> None:
    """A message from a number is no wish that this number rings first."""
    assert read_command(text).is_from_loose is is_loose


def test_a_colleague_may_be_called_for_something() -> None:
    """``@alice for the budget``, as with a number."""
    command = read_command("<@U2|alice> for the budget from desk")

    assert command == Command("person", "U2", "desk", None, "the budget")


SPOKEN = st.text(max_size=40).filter(
    lambda text: (
        not {"from", "as"} & set(re.split(r"[\s:]+", text.lower()))
        and not set(text) & set("<>")
        and not text.isspace()
    )
)


@given(SPOKEN, st.sampled_from(["{} for {}", "{} from desk for {}", "{} as a for {}"]))
def test_no_words_change_what_is_dialed(words_: str, form: str) -> None:
    """Whatever the words are, with quotes, digits and all: the number stays the same."""
    to = "415 555 0142"
    alone = read_command(form.split(" for ", maxsplit=1)[0].format(to))
    try:
        command = read_command(form.format(to, words_))
    except (BadCommand, EmergencyNumber):
        assert not words_.strip()
        return

    assert (command.kind, command.to) == (alone.kind, alone.to)
    assert (command.from_, command.as_) == (alone.from_, alone.as_)


@given(SPOKEN.filter(str.strip), st.sampled_from(['""', "“”", "«»", "''"]))
def test_quoted_words_may_hold_any_words(words_: str, quotes: str) -> None:
    """``for “notes from Bob”`` does not ring another phone."""
    if set(quotes) & set(words_):
        return
    text = f"415 555 0142 for {quotes[0]}from {words_} as x{quotes[1]} as main"

    command = read_command(text)

    assert (command.to, command.from_, command.as_) == ("415 555 0142", None, "main")


@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="from <>|19\u00a0", max_size=30),
        st.lists(
            st.sampled_from(
                ["for", "from", "as", '"', "“x", "y”", "415 555 0142", "<@U1>", "911"]
            ),
            max_size=9,
        ).map(" ".join),
    )
)
def test_any_text_is_a_command_or_a_sentence(text: str) -> None:
    """Slack passes on whatever was typed, so no text may crash the parser."""
    answer: Command | str
    try:
        answer = read_command(text)
    except UserError as caught:
        answer = words(caught)

    if isinstance(answer, str):
        assert answer.endswith((".", "`"))
    else:
        assert (answer.kind in {"dial", "person"}) == bool(answer.to)


@given(st.text(max_size=300))
def test_cleaning_never_fails_and_keeps_no_invisible_mark(text: str) -> None:
    """A mark left in would make two equal-looking texts differ."""
    cleaned = dialing.clean(text)

    assert "\u200e" not in cleaned
    assert "\u00a0" not in cleaned
    assert len(cleaned) <= dialing.LONGEST_TYPED


@pytest.mark.parametrize("filling", [", ", "! ", "\t", "1", "\u200b", "x ", "\u3000."])
@pytest.mark.parametrize(
    "form",
    [
        "from a{}",
        "as a{}1",
        "415 555 0142 for x{}x",
        "415 555 0142 for <{}",
        "415 555 0142 for {}",
        "415 555 0142 from {}x",
    ],
)
def test_a_long_command_holds_up_nobody_else(form: str, filling: str) -> None:
    """All commands are split in one thread: time may not grow by a text's square."""
    text = form.format(filling * (12_000 // len(filling)))
    begun = time.process_time()

    with suppress(UserError):
        read_command(text)

    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("space", ["\n", "\v", "\x1c", "\x85", "\u00a0", "\u3000"])
def test_marks_and_spaces_at_the_end_are_dropped(space: str) -> None:
    """Every space of Unicode is one."""
    assert wrapping.unwrapped(f'"a b"{space}.,;{space}:!?{space}') == "a b"


def test_an_entity_of_absurd_length_is_no_crash() -> None:
    """Python refuses to read integers of more than 4300 digits."""
    with pytest.raises(NotAPhoneNumber):
        parse(f"&#{'9' * 5000};", region="US")


@pytest.mark.parametrize(
    "text",
    [
        "911",
        "+911",
        "+1911",
        "+1 911",
        "1 911",
        "(911)",
        "911#",
        "*911",
        "911.",
        "tel:911",
        "<tel:911>",
        "<tel:911|911>",
        "<tel:+14155550142|911>",
        "`911`",
        "\uff19\uff11\uff11",
        "9\u200b1\u200b1",
        "9-1-1",
        "9 911",
        "call 911",
        "911 now!",
        "911, hurry: 2 people",
        "911 911",
        "911 or 112",
        "9911",
        "0911",
        "9111",
        "91155",
        "911911",
        "911 2",
        "tel:911;phone-context=+1",
        "011 911",
    ],
)
def test_911_in_any_dress_is_a_call_for_help(text: str) -> None:
    """Whoever types it must hear at once that this is not the way."""
    with refused(EmergencyNumber, match=r"Dial 911 on a phone now\."):
        parse(text, region="US")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("call 112", "112"),
        ("call 911", "911"),
        ("call 999", "999"),
        ("+44 999", "999"),
        ("+49 (0) 112", "112"),
    ],
)
def test_numbers_that_everybody_knows_count_everywhere(text: str, number: str) -> None:
    """Travelers type the emergency number that they know from home."""
    with refused(EmergencyNumber, match=f"Dial {number} on a phone now"):
        parse(text, region="JP")


@pytest.mark.parametrize("text", ["+110", "+33 15"])
def test_another_countrys_number_is_not_sold_as_the_local_one(text: str) -> None:
    """15 reaches nobody in the US: the answer tells the person to use the local one."""
    with refused(EmergencyNumber, match="or your local emergency number"):
        parse(text, region="US")


@pytest.mark.parametrize(
    ("text", "region"),
    [(each, "US") for each in ("101", "*101*", "000", "110", "119", "15", "10111")]
    + [("111", "GB"), ("9999", "LU"), ("<tel:101>", "US"), ("988", "JP")],
)
def test_an_extension_is_not_called_an_emergency_number(text: str, region: str) -> None:
    """101 is RingCentral's usual first extension; that it is more in India comes second."""
    with refused(EmergencyNumber, match="is an extension or short code") as caught:
        parse(text, region=region)

    first, _, second = words(caught.value).partition("Elsewhere")
    assert "emergency" not in first
    assert "dial your local one on a phone" in second


def test_no_number_up_to_three_digits_claims_too_much() -> None:
    """Only home's own numbers, and those that everybody knows, are told to be dialed."""
    for number in range(100, 1000):
        with pytest.raises(UserError) as caught:
            parse(str(number), region="US")
        is_told = "I can't reach emergency services" in words(caught.value)
        assert is_told == (number in {112, 911, 999, 988}), words(caught.value)


def test_every_countrys_emergency_numbers_are_refused() -> None:
    """By the metadata's own examples, at home and abroad, bare and with country code."""
    for region in sorted(phonenumbers.SUPPORTED_SHORT_REGIONS):
        metadata = PhoneMetadata.short_metadata_for_region(region)
        if metadata is None or metadata.emergency is None:
            continue
        number = str(metadata.emergency.example_number)
        code = phonenumbers.country_code_for_region(region)
        for text in (number, f"({number})", f"+{code} {number}"):
            for home in (region, "US"):
                with pytest.raises(EmergencyNumber):
                    parse(text, region=home)


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("911 234 567", "ES", "+34911234567"),
        ("0911 123456", "DE", "+49911123456"),
        ("+91 1123 456789", "US", "+911123456789"),
    ],
)
def test_an_ordinary_number_may_begin_with_911(
    text: str, region: str, e164: str
) -> None:
    """A Madrid number does; it is no call for help."""
    assert parse(text, region=region).e164 == e164


@pytest.mark.parametrize(
    "text",
    [
        "x123",
        "ext 110",
        "112 234 5678",
        "911-2345",
        "9112345",
        "gate 15",
        "+1301",
        "+91155",
    ],
)
def test_digits_among_others_are_no_call_for_help(text: str) -> None:
    """Extension 123 is not Colombia's police: the true reason helps more."""
    with pytest.raises(NotAPhoneNumber):
        parse(text, region="US")


@given(st.text(st.characters(min_codepoint=9, max_codepoint=126), max_size=60))
def test_plain_text_is_cleaned_as_the_same_with_an_invisible_mark(text: str) -> None:
    """Text that needs no cleaning is not looked at again: that must change nothing."""
    assert dialing.clean(text) == dialing.clean(f"{text}\u200b")
