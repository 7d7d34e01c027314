"""Words after ``/ringout`` that are no number, as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.lists.request import (
    ListFlaw,
    ListRequest,
    UnreadableList,
    asks_help,
    read_list_request,
)
from bot.calls.typed import list_phrases, verbs
from bot.calls.typed.dialing import Command, read_command

SAID = {
    "again": (
        "redo|repeat|redial|re-dial|redial last number|call again|call him again|again."
        "|please call again|call the last number|repeat the last call|dial it again"
    ),
    "call back": "call back|callback|call-back|call them back|please call back|return call",
    "help": (
        "how do I call?|help me|how|what can I type?|can you help me|who am I?|/ringout"
        "|please help|?|usage"
    ),
    "connect": "login|log in|log-in|sign in|signin|connect my account|link RingCentral",
    "disconnect": "disconnect|disconnect my account",
    "log out": "logout|log out|sign out|signoff|log off|unlink my account",
    "cancel": (
        "cancel|stop|stop ringing|cancel my call|abort|please stop it|cancel last call"
        "|cancel the call|cancel this call|stop calling them|stop ringing my phone"
        "|stop dialing|cancel the current call|cancel my calls"
    ),
    "hang up": (
        "hang up|hangup now|hang-up|hang up the phone|hang up my phone|hang the phone up"
        "|hang up on them|hang it up|hang up the call|end call|end my call|end the call"
        "|end the conversation|terminate the call|disconnect the call|drop the call"
    ),
    "status": (
        "status of my call|status of the call|what's the status of my call?|call status"
        "|what is my call status|how is my call going?|how\u2019s the call going"
    ),
    "settings": "settings|my settings|preferences|options|settings?",
}
LISTS = {
    "today": "today|today.|todays calls|today's calls|my calls today|call log today",
    "yesterday": "yesterday?|calls yesterday|yesterday\u2019s calls|show me yesterday",
    "missed": (
        "missed|missed calls|show my missed calls|show me the missed calls|only missed"
        "|last missed|missed last|all missed calls|missed only"
    ),
    "": "history|recents|all calls|last|last calls|recent calls|my calls|callstatus|/callstatus|show calls|log",
    "last 5": "show last 5|last 5 calls|last 5|calls, last 5|5 calls|calls 5",
    "last 1": "last call|my last call|the last call",
    "failed last 3": "last 3 failed calls|show failed last 3|3 failed|failed 3",
    "missed last 10": "10 missed|missed 10|last 10 missed|10 missed calls",
    "missed failed": "missed or failed|missed & failed|missed; failed|missed and failed|missed, failed calls",
    "company": "company|company calls",
}
"""What ``/callstatus`` reads, and how people say it."""


@pytest.mark.parametrize(
    ("kind", "text"),
    [(kind, each) for kind, texts in SAID.items() for each in texts.split("|")],
)
def test_what_people_say_is_the_thing_itself(kind: str, text: str) -> None:
    """They know what they want, and not by which word the bot calls it."""
    assert read_command(text) == Command(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "text"),
    [(filters, each) for filters, texts in LISTS.items() for each in texts.split("|")],
)
def test_a_list_is_asked_for_in_the_same_words_by_both_commands(
    filters: str, text: str
) -> None:
    """``/ringout missed calls`` and ``/callstatus missed calls`` are one wish."""
    assert read_command(text) == Command("status", filters)
    if "company" not in text and "/" not in text:
        assert read_list_request(text) == read_list_request(filters)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("last call", 1),
        ("show 20 calls", 20),
        ("the last 10", 10),
        ("last 10 calls", 10),
    ],
)
def test_a_list_says_how_many_as_people_do(text: str, count: int) -> None:
    """One call is one, not ten."""
    assert read_list_request(text).count == count


@pytest.mark.parametrize("text", ["help", "help me", "how do I filter?", "?", "Help!"])
def test_a_list_is_explained_to_who_asks(text: str) -> None:
    """Nothing alone is a list."""
    assert asks_help(text)
    assert not asks_help("")


@given(
    verb=st.sampled_from(
        [each for texts in SAID.values() for each in texts.split("|")]
    ),
    whom=st.sampled_from(
        ["911", "415 555 0142", "+44 20 7946 0018", "<@U0BOB|bob>", "Bob"]
    ),
    behind=st.booleans(),
)
def test_a_verb_beside_somebody_or_a_number_is_no_verb(
    *, verb: str, whom: str, behind: bool
) -> None:
    """What would be left out might be what was meant, 911 above all."""
    if whom == "Bob" and verb.startswith(("how", "what", "can", "who")):
        return
    text = f"{verb} {whom}" if behind else f"{whom} {verb}"

    assert verbs.read(text) is None


LIST_VOCABULARY = sorted(
    list_phrases.NARROWING | list_phrases.LIST_FILLERS | {"5", "10", "60"}
)


@given(st.lists(st.sampled_from(LIST_VOCABULARY), min_size=1, max_size=4))
def test_the_two_commands_read_every_list_alike(words: list[str]) -> None:
    """What ``/ringout`` takes for a list, ``/callstatus`` reads, and to the same list."""
    text = " ".join(words)
    found = verbs.read(text)
    if found is None or found[0] != "status":
        return

    assert _read(text) == _read(found[1])


@given(st.lists(st.sampled_from(LIST_VOCABULARY), min_size=1, max_size=4))
def test_what_a_list_is_narrowed_by_is_a_list_to_the_other_command_too(
    words: list[str],
) -> None:
    """``/ringout only missed`` is no attempt to call somebody."""
    text = " ".join(words)
    request, counts = _read(text), sum(map(list_phrases.is_count, words))
    if isinstance(request, ListFlaw) or request.number or counts > 1:
        return
    if request == ListRequest(count=request.count):
        return

    assert verbs.read(text) is not None


def _read(text: str) -> ListRequest | ListFlaw:
    try:
        return read_list_request(text)
    except UnreadableList as error:
        return error.flaw


@given(st.text("+0123456789() .-", max_size=20))
def test_digits_are_a_word_no_sooner_than_with_a_comma_behind_them(text: str) -> None:
    """Digits are not compared with all words; a comma means nothing, but ends that."""
    assert verbs.read(text) == verbs.read(f"{text},")
