"""What a page says when signing in or installing has failed.

The sentences are plain text and have to be escaped. Errors that a form in Slack shows
too have their words in `bot.slack.texts.refusals`.
"""

from __future__ import annotations

from functools import singledispatch

from bot.errors import UserError
from bot.serving import oauth_flow
from bot.slack.texts import refusals, sign_in_causes
from bot.slack.texts.refusals import ADMIN_CAN, ASK_DOCTOR, NEW_LINK
from bot.user_errors import (
    Blame,
    CodeRefused,
    InstallNotBegun,
    InstallRefused,
    InstallSentBack,
    LinkUsed,
    NoCookie,
    OtherBrowser,
    SentBack,
)

ENABLE_BROWSER = (
    "switch on 3-legged OAuth (authorization code) in the app's settings at "
    "developers.ringcentral.com, under Auth."
)

CHECKS = {
    "unauthorized_client": ENABLE_BROWSER,
    "unsupported_response_type": ENABLE_BROWSER,
    "invalid_scope": "look at the app's permissions at developers.ringcentral.com.",
    "invalid_request": "`ringout-bot doctor` prints the redirect URI to register.",
}
"""What the operator can do about an error of RingCentral's page."""

SIGN_IN_LATER = (
    f"RingCentral or the bot can't do that just now. Wait a minute. {NEW_LINK}"
)
INSTALL_LATER = "Slack or the bot can't do that just now. Try again in a minute."


@singledispatch
def words(error: UserError) -> str:
    """Return the sentence for *error*; a test finds errors without words."""
    return refusals.words(error)


@words.register
def _(_: LinkUsed) -> str:
    return f"This link was used already, or is too old. {NEW_LINK}"


@words.register
def _(_: NoCookie) -> str:
    return (
        "Open the link in Slack, and go on from there. If this comes again, let this "
        "page use cookies."
    )


@words.register
def _(_: OtherBrowser) -> str:
    return (
        "This sign-in was not begun in this browser, was used already, or is too old. "
        f"Nothing was connected. {NEW_LINK}"
    )


@words.register
def _(error: SentBack) -> str:
    why = error.reason
    if why == oauth_flow.CANCELLED:
        return f"The sign-in was cancelled. {NEW_LINK}"
    if why in oauth_flow.LATER:
        return (
            f"RingCentral can't sign you in just now ({why}), so nothing was connected. "
            f"Wait a minute. {NEW_LINK}"
        )
    return (
        f"RingCentral refused the bot's app, not you ({why}), so nothing was connected. "
        f"{ADMIN_CAN} {CHECKS.get(why, ASK_DOCTOR)}"
    )


@words.register
def _(error: CodeRefused) -> str:
    match error.blame:
        case Blame.GRANT:
            return (
                "RingCentral lets nobody sign in to the bot's app by browser "
                f"({error.answer}). {ADMIN_CAN} {ENABLE_BROWSER}"
            )
        case Blame.APP:
            return (
                f"RingCentral refused the bot's app, not you ({error.answer}). "
                f"{ADMIN_CAN} {ASK_DOCTOR}"
            )
        case Blame.PERSON:
            cause = sign_in_causes.of(error.answer)
            return f"{cause or 'RingCentral did not accept this sign-in.'} {NEW_LINK}"


@words.register
def _(_: InstallNotBegun) -> str:
    return (
        "This was not begun in this browser, was used already, or is older than ten "
        "minutes. Nothing was installed. Begin again."
    )


@words.register
def _(error: InstallSentBack) -> str:
    why = error.reason
    if why == oauth_flow.CANCELLED:
        return "It was cancelled in Slack, so nothing was installed."
    if why in oauth_flow.LATER:
        return f"Slack can't do that just now ({why}). Try again in a minute."
    check = "the client id, the redirect URLs, and whether it is distributed"
    if why == "invalid_scope":
        check = "its scopes, which ringout-bot manifest prints"
    return (
        f"Slack refused the app, not you ({why}), so nothing was installed. The person "
        f"who runs the bot can mend that: look at the app in Slack, at {check}."
    )


@words.register
def _(error: InstallRefused) -> str:
    return f"Slack did not accept it ({error.error}). Begin again."
