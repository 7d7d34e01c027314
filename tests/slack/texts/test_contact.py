"""Whom people are told to ask: in their own words, never to be obeyed by Slack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings.readers import LONGEST_CONTACT, contact
from bot.settings.setting import Malformed
from bot.slack.texts.contact import NO_CONTACT, Contact


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


def test_a_code_is_given_to_them() -> None:
    """The admin finds the log's line by it; in a channel it is posted."""
    assert NO_CONTACT.give("ab12") == "Give your RingOut admin this code: `ab12`."
    assert Contact("U0DANA").give("ab12") == "Give <@U0DANA> this code: `ab12`."
    assert Contact("C0HELP").give("ab12") == "Post this code in <#C0HELP>: `ab12`."


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
