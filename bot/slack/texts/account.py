"""What a person is told, privately, about their own RingCentral account."""

from __future__ import annotations

from datetime import datetime

from bot.slack.texts import sign_in_causes
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    escape,
    foreign,
    section,
    when,
)

CONNECT_BUTTON = "connect_start"
CONNECT_LINK_BUTTON = "connect_link"
TEST_CALL_BUTTON = "test_call"
SETTINGS_BUTTON = "open_settings"
DISCONNECT_BUTTON = "disconnect"

LINK_MINUTES = 10
AFTER_THAT = "After that, connect again."
ANOTHER = "Connect another one."
DISCONNECT_WARNING = (
    "You won't see how calls in progress end, and your settings are erased."
)

DISCONNECTED = "You're disconnected."
SESSION_ENDED = "Your RingCentral sign-in has ended, and your settings are erased."
SESSION_ERASED = "Your sign-in and your settings are erased here."
REVOCATION_PENDING = (
    f"{SESSION_ERASED} RingCentral hasn't confirmed yet that the sign-in has ended there, "
    "so I keep asking."
)
SESSION_EXPIRES = f"{SESSION_ERASED} At RingCentral the sign-in ends by itself, usually within a week."
DELETE_CREDENTIAL = (
    "The credential that you pasted still works at RingCentral: delete it at "
    "developers.ringcentral.com, under *Credentials*."
)

CHECKING_FORM = "Checking"
CHECKING = (
    "RingCentral is taking a while. I'll send you a direct message when it's done."
)
CONNECTED_FORM = "Connected"
NOW_CONNECTED = "You're connected. I sent you a direct message."


def connect_button(label: str = "Connect RingCentral") -> Block:
    """Return the button that starts to connect an account."""
    return button(label, CONNECT_BUTTON, "connect", style="primary")


def _then(code: str) -> str:
    cause = sign_in_causes.of(code)
    if not cause:
        return ""
    return f"{cause} {AFTER_THAT if sign_in_causes.passes(code) else ANOTHER}"


def first(*, again: bool = False, code: str = "", placing: bool = True) -> Message:
    """Ask a person to connect an account first; *again* if their sign-in has ended.

    *code* is RingCentral's for that, if it gave one. *placing*: they wanted to call.
    """
    so = ", so no call was placed" if placing else ""
    none = " No call was placed." if placing else ""
    text = (
        f"Your RingCentral sign-in has ended{so}. {_then(code) or 'Connect again.'}"
        if again
        else f"Connect RingCentral first, to call from your own number.{none}"
    )
    return _with(
        text, connect_button("Connect again" if again else "Connect RingCentral")
    )


def offer(url: str) -> Message:
    """Give a person their own link to RingCentral's sign-in page."""
    text = (
        "Sign in to RingCentral to call from your own number. This link is only for you "
        f"and expires in {LINK_MINUTES} minutes."
    )
    link = button(
        "Sign in to RingCentral", CONNECT_LINK_BUTTON, "link", style="primary"
    )
    return _with(text, link | {"url": url})


def in_browser() -> Message:
    """Stand in the form for a link that was used, while the person signs in."""
    return _with(
        "Finish signing in in your browser. I'll send you a direct message when you're "
        "connected.",
        connect_button("Get a new link"),
    )


def offer_form() -> Message:
    """Offer the credential form: without PUBLIC_URL no browser can reach the bot."""
    return _with(
        "Connect RingCentral to call from your own number. The form shows how.",
        connect_button(),
    )


def to_connect() -> Message:
    """Answer a message of somebody who wants to connect; a message opens no form."""
    return _with("Connect RingCentral to call from your own number.", connect_button())


def to_settings() -> Message:
    """Answer a message of somebody who wants their settings."""
    return _with(
        "Here are your settings:", button("Settings", SETTINGS_BUTTON, "settings")
    )


def connected(name: str, extension: str, phone: str) -> Message:
    """Confirm a connection, with its account, and offer a test call."""
    who = f" as *{foreign(name)}*" if name else ""
    number = f", extension {foreign(extension)}" if extension else ""
    rings = f" {foreign(phone)} rings first." if phone else ""
    text = f"You're connected{who}{number}.{rings}"
    return _with(
        text,
        button("Test call to myself", TEST_CALL_BUTTON, "test"),
        button("Settings", SETTINGS_BUTTON, "settings"),
    )


def ended(code: str = "") -> Message:
    """Report that a sign-in has ended and can't be renewed; *code* as in `first`."""
    then = _then(code) or "Connect again to place calls and to see how they end."
    return _with(
        f"Your RingCentral sign-in has ended. {then}",
        connect_button("Connect again"),
    )


def ending(at: datetime) -> Message:
    """Warn that a sign-in will end and can't be renewed."""
    return _with(
        f"Your RingCentral sign-in ends {when(at)}. Connect again before then to keep "
        "calling.",
        connect_button("Connect again"),
    )


def nothing_to_disconnect() -> Message:
    """Answer a person who had no account connected."""
    return Message("You have no RingCentral account connected.")


def disconnected(
    *, is_revoked: bool, is_retried: bool, by_credential: bool, by: str = ""
) -> Message:
    """Confirm a disconnection, and say what of it is still to be done.

    Args:
        is_revoked: RingCentral has confirmed that the session is revoked.
        is_retried: Otherwise, whether the bot goes on asking for that.
        by_credential: They had pasted a JWT credential, which stays valid.
        by: The Slack id of the admin who did it, if not they themselves.
    """
    unrevoked = REVOCATION_PENDING if is_retried else SESSION_EXPIRES
    who = f"<@{escape(by)}>, an admin here, disconnected your RingCentral account."
    said = [who if by else DISCONNECTED, SESSION_ENDED if is_revoked else unrevoked]
    if by_credential:
        said.append(DELETE_CREDENTIAL)
    return Message(" ".join([*said, "To connect again: `/ringout connect`"]))


def disconnect_button() -> Block:
    """Return the button that disconnects, after a question."""
    return button(
        "Disconnect",
        DISCONNECT_BUTTON,
        "now",
        style="danger",
        confirm=DISCONNECT_WARNING,
    )


def _with(text: str, *buttons: Block) -> Message:
    return Message(text, (section(text), actions(*buttons)))
