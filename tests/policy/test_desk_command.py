"""What admins type after ``/ringout-admin``."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.policy.desk_command import (
    AUDIT_WORDS,
    AdminCommand,
    AdminFlaw,
    AdminVerb,
    AuditRequest,
    UnreadableAdminCommand,
    read_admin_command,
    read_audit_request,
    read_entry,
    reason_of,
)
from bot.policy.wish import DoNotCall
from bot.slack.texts import desk_words

NORTHWIND = "+14155550142"


@pytest.mark.parametrize(
    ("typed", "verb", "rest"),
    [
        ("", AdminVerb.HELP, ""),
        ("help", AdminVerb.HELP, ""),
        ("pause", AdminVerb.PAUSE, ""),
        ("Pause phones are down", AdminVerb.PAUSE, "phones are down"),
        ("pause: a reason\nof two lines", AdminVerb.PAUSE, "a reason\nof two lines"),
        ("pause calls until noon", AdminVerb.PAUSE, "until noon"),
        ("resume", AdminVerb.RESUME, ""),
        ("unpause", AdminVerb.RESUME, ""),
        ("audit", AdminVerb.AUDIT, ""),
        ("audit <@U1|ann> 7d", AdminVerb.AUDIT, "<@U1|ann> 7d"),
        ("do-not-call", AdminVerb.LIST, ""),
        ("do-not-call list", AdminVerb.LIST, ""),
        ("do not call list northwind", AdminVerb.LIST, "northwind"),
        ("do-not-call add +1 415 555 0142", AdminVerb.ADD, "+1 415 555 0142"),
        ("dnc remove 415 555 0142", AdminVerb.REMOVE, "415 555 0142"),
    ],
)
def test_a_command_is_a_verb_and_the_rest(
    typed: str, verb: AdminVerb, rest: str
) -> None:
    """A verb that is not understood while calls have to be stopped costs money."""
    assert read_admin_command(typed) == AdminCommand(verb, rest)


@pytest.mark.parametrize("typed", ["paused", "resumed now", "audits", "415 555 0142"])
def test_what_is_no_verb_is_said(typed: str) -> None:
    """Guessing would pause calls that nobody wanted to pause."""
    with pytest.raises(UnreadableAdminCommand) as caught:
        read_admin_command(typed)

    assert caught.value.flaw is AdminFlaw.VERB


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("", AuditRequest()),
        ("<@U1|ann>", AuditRequest(user="U1")),
        ("of <@U1> for the last 30 days", AuditRequest(user="U1", days=30)),
        ("throttle 2w", AuditRequest(word="throttle", days=14)),
        ("refused", AuditRequest(verdict="refuse")),
        ("pause 1d", AuditRequest(word="pause", days=1)),
        ("415 555 0142 7d", AuditRequest(number=NORTHWIND, days=7)),
        ("<tel:+14155550142|(415) 555-0142>", AuditRequest(number=NORTHWIND)),
        ("911", AuditRequest(number="911")),
        (
            "<@W9> refused country +442079460018 90d",
            AuditRequest(
                user="W9",
                word="country",
                verdict="refuse",
                number="+442079460018",
                days=90,
            ),
        ),
    ],
)
def test_the_audit_is_narrowed_by_words_in_any_order(
    typed: str, asked: AuditRequest
) -> None:
    """An admin who looks into a complaint should not have to learn an order."""
    assert read_audit_request(typed, "US") == asked


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        *desk_words.AUDIT_NAMES.items(),
        *((each.replace("-", " "), each) for each in sorted(AUDIT_WORDS)),
        ("Quiet Hours, 30d <@U1>", "quiet-hours"),
    ],
)
def test_the_audit_is_narrowed_by_what_its_list_shows(typed: str, word: str) -> None:
    """Whoever reads "quiet hours" in a row types that, not the program's word for it."""
    assert read_audit_request(typed, "US", desk_words.AUDIT_NAMES).word == word


@pytest.mark.parametrize(
    ("typed", "flaw"),
    [
        ("throttle country", AdminFlaw.AUDIT_TWICE),
        ("<@U1> <@U2>", AdminFlaw.AUDIT_TWICE),
        ("7d 30d", AdminFlaw.AUDIT_TWICE),
        ("yesterday", AdminFlaw.AUDIT_WORD),
        ("throttel", AdminFlaw.AUDIT_WORD),
    ],
)
def test_what_narrows_nothing_is_said(typed: str, flaw: AdminFlaw) -> None:
    """A list that silently ignores a word is taken for the answer to it."""
    with pytest.raises(UnreadableAdminCommand) as caught:
        read_audit_request(typed, "US")

    assert caught.value.flaw is flaw


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("415 555 0142", DoNotCall(digits=NORTHWIND)),
        (
            "415 555 0142 asked us to stop",
            DoNotCall(digits=NORTHWIND, reason="asked us to stop"),
        ),
        (
            "+14155550142 2 complaints",
            DoNotCall(digits=NORTHWIND, reason="2 complaints"),
        ),
        (
            "<tel:+14155550142|415 555 0142> because of Tom &amp; Ann",
            DoNotCall(digits=NORTHWIND, reason="of Tom & Ann"),
        ),
        (
            "+1900* premium",
            DoNotCall(digits="+1900", is_prefix=True, reason="premium"),
        ),
        ("+1 900 *", DoNotCall(digits="+1900", is_prefix=True)),
    ],
)
def test_an_entry_is_a_number_or_a_beginning_and_a_reason(
    typed: str, entry: DoNotCall
) -> None:
    """A reason swallowed by the number, or the other way round, blocks somebody else."""
    assert read_entry(typed, "US") == entry


@pytest.mark.parametrize("typed", ["", "Northwind", "*", "1900*", "+*", "+1x*", "0142"])
def test_what_is_no_number_is_not_put_on_the_list(typed: str) -> None:
    """An entry that covers nothing is believed to protect somebody."""
    with pytest.raises(UserError):
        read_entry(typed, "US")


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read_or_refused_in_words(typed: str) -> None:
    """Anything else would end as "something went wrong" while calls should stop."""
    for read in (
        read_admin_command,
        lambda text: read_audit_request(text, "US"),
        lambda text: read_entry(text, "US"),
        reason_of,
    ):
        with contextlib.suppress(UserError):
            read(typed)
