"""What a page says when signing in or installing has failed.

The sentences are plain text and have to be escaped. Errors that a form in Slack shows
too have their words in `bot.slack.texts.refusals`. What an operator can do is in the log.
"""

from __future__ import annotations

from functools import singledispatch

from bot.errors import UserError
from bot.serving import oauth_flow
from bot.slack.texts import refusals, sign_in_causes
from bot.slack.texts.contact import Contact
from bot.slack.texts.refusals import NEW_LINK
from bot.user_errors import (
    Blame,
    CodeRefused,
    InstallNotBegun,
    InstallRefused,
    InstallSentBack,
    LinkUsed,
    NoCookie,
    OtherBrowser,
    OtherSite,
    SentBack,
)

SIGN_IN_LATER = f"That doesn't work right now. Wait a minute. {NEW_LINK}"
INSTALL_LATER = "That doesn't work right now. Try again in a minute."


@singledispatch
def words(error: UserError) -> str:
    """Return the sentence for *error*; a test finds errors without words."""
    return refusals.words(error)


def told(error: UserError, contact: Contact) -> str:
    """Return the sentence for *error*, with whom to ask if only an admin can help."""
    said = words(error)
    return f"{said} {contact.ask_plainly}" if is_for_admin(error) else said


def is_for_admin(error: UserError) -> bool:
    """Return whether only an admin can help."""
    match error:
        case SentBack() | InstallSentBack():
            return error.reason not in oauth_flow.LATER | {oauth_flow.CANCELED}
        case CodeRefused():
            return error.blame is not Blame.PERSON
    return refusals.is_for_admin(error)


@words.register
def _(_: LinkUsed) -> str:
    return f"This link was used already, or is too old. {NEW_LINK}"


@words.register
def _(_: NoCookie) -> str:
    return (
        "Open the link in Slack, and continue from there. If you see this again, allow "
        "cookies for this page."
    )


@words.register
def _(_: OtherSite) -> str:
    return (
        "Open the link in Slack, and continue from there. If you see this again, use a "
        "newer browser."
    )


@words.register
def _(_: OtherBrowser) -> str:
    return (
        "This sign-in began in another browser, was used already, or is too old. "
        f"Nothing was connected. {NEW_LINK}"
    )


@words.register
def _(error: SentBack) -> str:
    if error.reason == oauth_flow.CANCELED:
        return f"You canceled the sign-in. {NEW_LINK}"
    if error.reason in oauth_flow.LATER:
        return (
            "RingCentral can't sign you in right now, so nothing was connected. Wait a "
            f"minute. {NEW_LINK}"
        )
    return "RingCentral doesn't let anyone sign in here yet, so nothing was connected."


@words.register
def _(error: CodeRefused) -> str:
    if error.blame is not Blame.PERSON:
        return (
            "RingCentral doesn't let anyone sign in here yet, so nothing was connected."
        )
    cause = sign_in_causes.of(error.answer)
    return f"{cause or 'RingCentral did not accept this sign-in.'} {NEW_LINK}"


@words.register
def _(_: InstallNotBegun) -> str:
    return (
        "This installation began in another browser, was used already, or is older than "
        "ten minutes. Nothing was installed."
    )


@words.register
def _(error: InstallSentBack) -> str:
    if error.reason == oauth_flow.CANCELED:
        return "You canceled in Slack, so nothing was installed."
    if error.reason in oauth_flow.LATER:
        return "Slack can't do that right now. Try again in a minute."
    return "Slack doesn't accept this app yet, so nothing was installed."


@words.register
def _(_: InstallRefused) -> str:
    return "Slack didn't accept that, so nothing was installed. Start again."
