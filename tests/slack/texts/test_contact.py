"""Whom people are told to ask: in their own words, never to be obeyed by Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import End, Refusal, State, Why
from bot.settings.readers import LONGEST_CONTACT, contact
from bot.settings.setting import Malformed
from bot.slack.texts import sign_in_causes
from bot.slack.texts.card import card
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.reply import reply
from intents import a_call


@pytest.mark.parametrize(
    ("given_", "ask", "plainly"),
    [
        ("", "Ask your RingOut admin.", "Ask your RingOut admin."),
        ("U0123ABCD", "Ask <@U0123ABCD>.", "Ask your RingOut admin."),
        ("W0123", "Ask <@W0123>.", "Ask your RingOut admin."),
        ("S0HELP1", "Ask <!subteam^S0HELP1>.", "Ask your RingOut admin."),
        ("C0123ABCD", "Ask in <#C0123ABCD>.", "Ask your RingOut admin."),
        ("<@U0123|dana>", "Ask <@U0123>.", "Ask your RingOut admin."),
        ("<!subteam^S0123|@help>", "Ask <!subteam^S0123>.", "Ask your RingOut admin."),
        ("<#C0123|help>", "Ask in <#C0123>.", "Ask your RingOut admin."),
        ("the  help desk", "Ask the help desk.", "Ask the help desk."),
        ("SUPPORT", "Ask SUPPORT.", "Ask SUPPORT."),
        ("Dana & Lee", "Ask Dana &amp; Lee.", "Ask Dana & Lee."),
    ],
)
def test_the_contact_is_named(given_: str, ask: str, plainly: str) -> None:
    """A browser and the line under an input know no mentions."""
    said = Contact(contact(given_))

    assert (said.ask, said.ask_plainly) == (ask, plainly)


REFUSED = a_call(
    state=State.DONE,
    end=End.REFUSED,
    refusal=Refusal(403, "CMN-404"),
    account="",
    card_channel="C1",
)
FAILURES = [
    REFUSED,
    replace(REFUSED, refusal=Refusal(403, "CMN-401")),
    replace(REFUSED, refusal=Refusal(400, "XYZ-1")),
    replace(REFUSED, refusal=Refusal(409)),
    replace(REFUSED, end=End.NOT_PLACED, refusal=None, why=Why.LOGIN),
    *(
        replace(REFUSED, end=End.NOT_PLACED, why=Why.LOGIN, refusal=Refusal(400, code))
        for code in sign_in_causes.FOR_OTHERS
    ),
]
"""Calls that only an admin can help with."""


@pytest.mark.parametrize(
    ("given_", "openly", "privately"),
    [
        ("", "the RingOut admin", "your RingOut admin"),
        ("the help desk", "the help desk", "the help desk"),
        ("U0DANA", "the RingOut admin", "<@U0DANA>"),
        ("S0HELP1", "the RingOut admin", "<!subteam^S0HELP1>"),
        ("C0HELP", "in <#C0HELP>", "in <#C0HELP>"),
    ],
)
def test_a_card_and_its_reply_name_the_contact_without_calling_them(
    given_: str, openly: str, privately: str
) -> None:
    """In a channel a mention would notify the admin of each call that fails."""
    named = Contact(given_)
    for failed in FAILURES:
        in_dm = replace(failed, card_channel="D1")
        for call, whom in ((failed, openly), (in_dm, privately)):
            on_card = card(call, full=False, contact=named).text
            told = reply(call, full=False, give_up=timedelta(0), contact=named).text
            assert f"sk {whom}." in on_card
            assert f"sk {whom}." in told
            assert "RINGOUT_" not in on_card + told


def test_a_code_is_given_to_them() -> None:
    """The admin finds the log's line by it; in a channel it is posted."""
    assert NO_CONTACT.give("ab12") == "Give your RingOut admin this code: `ab12`."
    assert Contact("U0DANA").give("ab12") == "Give <@U0DANA> this code: `ab12`."
    assert Contact("C0HELP").give("ab12") == "Send this code to <#C0HELP>: `ab12`."


@pytest.mark.parametrize(
    "text",
    [
        "T0123:U0123",
        "E0123:U0123",
        "<!channel>",
        "<!here> U0123",
        "<https://x.example|help>",
        "Dana\u202e",
        "help\u200bdesk",
        "`dana`",
        "...",
        "x" * (LONGEST_CONTACT + 1),
    ],
)
def test_what_is_no_contact_is_refused_at_the_start(text: str) -> None:
    """An operator learns of it then, not by what people are told."""
    with pytest.raises(Malformed, match="a Slack id such as"):
        contact(text)


@given(st.text(max_size=LONGEST_CONTACT + 5))
def test_no_contact_makes_slack_do_something(text: str) -> None:
    """What is shown has one mention at most, and that is of the id given."""
    try:
        said = Contact(contact(text)).ask
    except Malformed:
        return

    assert "<!" not in said.replace("<!subteam^", "")
    assert said.count("<") <= 1
    assert "\n" not in said
