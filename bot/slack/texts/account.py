"""What a person is told, privately, about their own RingCentral account."""

from __future__ import annotations

from datetime import datetime

from bot.slack.texts.text import Block, Message, actions, button, foreign, section, when

CONNECT_BUTTON = "connect_start"
CONNECT_LINK_BUTTON = "connect_link"
TEST_CALL_BUTTON = "test_call"
SETTINGS_BUTTON = "open_settings"
DISCONNECT_BUTTON = "disconnect"

LINK_MINUTES = 10
DISCONNECT_WARNING = (
    "Calls that are going on are not followed to their end any more, and what you have "
    "set is forgotten."
)

SESSION_ENDED = (
    "Disconnected: the sign-in was ended at RingCentral and erased here, with your "
    "settings."
)
SESSION_ERASED = (
    "Disconnected: your sign-in and your settings are erased here, and no call is placed "
    "by them any more."
)
REVOCATION_PENDING = (
    f"{SESSION_ERASED} RingCentral has not confirmed yet that the session has ended there: it is "
    "asked again until it does, or until the session has run out by itself. Only the "
    "token for that is kept, encrypted."
)
SESSION_EXPIRES = (
    f"{SESSION_ERASED} At RingCentral the session could not be ended: it runs out by itself, "
    "within a week as a rule."
)
DELETE_CREDENTIAL = (
    "The JWT credential that you had pasted is erased here too, but RingCentral still "
    "takes it from whoever has it: delete it at developers.ringcentral.com, under "
    "*Credentials*."
)

CHECKING = "RingCentral takes its time. You get a direct message when it is done."
NOW_CONNECTED = "Your calls run in your own name now. I sent you a direct message."


def connect_button(label: str = "Connect RingCentral") -> Block:
    """Return the button that starts to connect an account."""
    return button(label, CONNECT_BUTTON, "connect", style="primary")


def first(*, again: bool = False) -> Message:
    """Ask a person to connect an account first; *again* if their sign-in has ended."""
    text = (
        "Your RingCentral sign-in has ended, so nothing was dialled. Connect again."
        if again
        else "Connect your RingCentral account first: calls then run in your name and "
        "ring your own phone. Nothing was dialled."
    )
    return _with(
        text, connect_button("Connect again" if again else "Connect RingCentral")
    )


def offer(url: str) -> Message:
    """Give a person their own link to RingCentral's sign-in page."""
    text = (
        "Sign in at RingCentral, so that calls run in your name and ring your own "
        f"phone. The link is yours alone, works once, and for {LINK_MINUTES} minutes."
    )
    link = button(
        "Sign in at RingCentral", CONNECT_LINK_BUTTON, "link", style="primary"
    )
    return _with(text, link | {"url": url})


def offer_form() -> Message:
    """Offer the credential form: without PUBLIC_URL no browser can reach the bot."""
    return _with(
        "Connect your RingCentral account with a JWT credential of your own, so that "
        "calls run in your name and ring your own phone. The form shows how to make one.",
        connect_button(),
    )


def connected(name: str, extension: str, phone: str) -> Message:
    """Confirm a connection, with its account, and offer a test call."""
    who = foreign(name) or "your account"
    number = f", extension {foreign(extension)}" if extension else ""
    rings = f" {foreign(phone)} rings first." if phone else ""
    text = f"Connected: your calls now run as *{who}*{number}.{rings}"
    return _with(
        text,
        button("Test call to myself", TEST_CALL_BUTTON, "test"),
        button("Settings", SETTINGS_BUTTON, "settings"),
    )


def ended() -> Message:
    """Report that a sign-in has ended and can't be renewed."""
    return _with(
        "Your RingCentral sign-in has ended: RingCentral does not renew it any more. "
        "Calls that were going on can't be followed; new ones need a new sign-in.",
        connect_button("Connect again"),
    )


def ending(at: datetime) -> Message:
    """Warn that a sign-in will end and can't be renewed."""
    return _with(
        f"Your RingCentral sign-in ends {when(at)}, and can't be renewed by itself. "
        "Connect again before, and no call is interrupted.",
        connect_button("Connect again"),
    )


def nothing_to_disconnect() -> Message:
    """Answer a person who had no account connected."""
    return Message("You had no RingCentral account connected.")


def disconnected(*, is_revoked: bool, is_retried: bool, by_credential: bool) -> Message:
    """Confirm a disconnection, and say what of it is still to be done.

    Args:
        is_revoked: RingCentral has confirmed that the session is revoked.
        is_retried: Otherwise, whether the bot goes on asking for that.
        by_credential: They had pasted a JWT credential, which stays valid.
    """
    unrevoked = REVOCATION_PENDING if is_retried else SESSION_EXPIRES
    said = [SESSION_ENDED if is_revoked else unrevoked]
    if by_credential:
        said.append(DELETE_CREDENTIAL)
    return Message(" ".join([*said, "`/ringout connect` starts anew."]))


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
