"""What a person did wrong or can fix, as values: who may do what, accounts, forms.

`bot.slack.texts.refusals` words them; `bot.serving.refusals` words what only a browser
shows. What is wrong with a typed number or command is raised beside its rule, in
`bot.calls`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.errors import UserError


class AccessRule(Enum):
    """Who may do something: the operator's lists, and who has to do with a call."""

    USERS = "users"
    CHANNELS = "channels"
    GUESTS = "guests"
    ADMINS = "admins"
    PLACER = "placer"
    NUMBERS = "numbers"
    HANG_UP = "hang up"
    ASKED = "asked"
    SHOWN = "shown"
    CLAIMED = "claimed"
    DESK = "desk"
    AUDIT = "audit"


@dataclass(eq=False, repr=False)
class AccessDenied(UserError):
    """This person, or this channel, is not among those that *rule* lets do it.

    *who* is the Slack id of the one person who can, if there is one.
    """

    rule: AccessRule
    who: str = ""


class StandingUnknown(UserError):
    """Slack does not say just now whether this person is a member of the workspace."""


class Unseen(Enum):
    """Why Slack does not say who reads a channel."""

    NOT_IN = "not in"
    """It is private, and the bot is not in it."""
    NOT_PERMITTED = "not permitted"
    """The app lacks the scope to ask."""
    SILENT = "silent"


@dataclass(eq=False, repr=False)
class ChannelUnknown(UserError):
    """Whether a channel is shared with another company is not known, and a rule needs it."""

    why: Unseen


class Absence(Enum):
    """Whether Slack says that a person is not in a channel, or does not say."""

    PERSON = "person"
    UNKNOWN = "unknown"


@dataclass(eq=False, repr=False)
class NotInChannel(UserError):
    """A channel was chosen in which a call may not be shown."""

    absence: Absence


class SameNumber(UserError):
    """The number to call is the one that would ring first."""


class PhonesUnavailable(UserError):
    """RingCentral did not list a person's phones in time, which ``from`` or ``as`` needs."""


@dataclass(eq=False, repr=False)
class CancelLimited(UserError):
    """RingCentral's rate limit keeps a call from being stopped for *seconds*."""

    seconds: float


class Restarting(UserError):
    """The bot is shutting down and takes no calls."""


class UnknownCall(UserError):
    """The database has no such call in this workspace."""


class NothingToSay(UserError):
    """An outcome or a note of a call that is not over, or of which no phone rang."""


class NoteChanged(UserError):
    """Somebody has changed the note since the form with it was opened."""


class RulesChangedMeanwhile(UserError):
    """Somebody has changed the rules since they were shown."""


class NoSecondNumber(UserError):
    """RingCentral lists no number that a test call to oneself could ring."""


class NoOwnAccounts(UserError):
    """This bot has only a shared account: there is nothing to connect."""


class QuestionOver(UserError):
    """A workflow step's question was answered already, or its time is over."""


class RequestOver(UserError):
    """Nobody can answer this request to an admin any more, or it was deleted."""


class OwnRequest(UserError):
    """An admin has pressed a button of their own request."""


@dataclass(eq=False, repr=False)
class RequestAnswered(UserError):
    """Another admin, *by*, was first to answer."""

    by: str
    is_approved: bool


class GrantOver(UserError):
    """What an admin has allowed was used, or its time is over, or it is another person's."""


class OutdatedButton(UserError):
    """A button whose value this version cannot read."""


class FormTooLate(UserError):
    """Slack opens a form only within three seconds of the click; that has passed."""


class ButtonOverflow(UserError):
    """The command's words do not fit into a button's value."""


class LooseFrom(UserError):
    """``from`` names no phone of theirs, and may be a word of what the call is for."""


class LabelTooLong(UserError):
    """What follows ``from`` or ``as`` is longer than any number or label."""


# Connecting a RingCentral account


class Blame(Enum):
    """What RingCentral's 4xx to a sign-in is about."""

    GRANT = "grant"
    """The app may not sign anybody in this way."""
    APP = "app"
    """Something else about the app."""
    PERSON = "person"
    """The code or the credential."""


class NotSignedIn(UserError):
    """A sign-in that came to nothing."""


class LinkUsed(NotSignedIn):
    """The link was opened before, or is older than ten minutes."""


class OtherSite(NotSignedIn):
    """The form was not sent by our own page, or by a browser that does not say."""


class NoCookie(NotSignedIn):
    """The browser did not come from our page, or keeps no cookies."""


class OtherBrowser(NotSignedIn):
    """The sign-in began in another browser, was used before, or is too old."""


@dataclass(eq=False, repr=False)
class SentBack(NotSignedIn):
    """RingCentral's page gave no code: *reason* is from `bot.serving.oauth_flow`."""

    reason: str


@dataclass(eq=False, repr=False)
class CodeRefused(NotSignedIn):
    """RingCentral's page gave a code, and its token endpoint refused it."""

    answer: str
    """Status and code, such as ``400 OAU-251``."""
    blame: Blame


class NoCredential(NotSignedIn):
    """What was pasted is no JWT."""


@dataclass(eq=False, repr=False)
class CredentialRefused(NotSignedIn):
    """RingCentral refused a pasted JWT credential."""

    answer: str
    """Status and code, such as ``400 OAU-251``."""
    blame: Blame


class PhonesRefused(NotSignedIn):
    """The app may not read the account's phones."""


class SignInEnded(NotSignedIn):
    """RingCentral ended the sign-in while the account was being connected."""


class DisconnectedMeanwhile(NotSignedIn):
    """The person disconnected while the account was being connected."""


# Installing the app in a workspace


class NotInstalled(UserError):
    """An installation that came to nothing."""


class InstallNotBegun(NotInstalled):
    """It began in another browser, was used before, or is too old."""


@dataclass(eq=False, repr=False)
class InstallSentBack(NotInstalled):
    """Slack's page gave no code: *reason* is from `bot.serving.oauth_flow`."""

    reason: str


class InstallRefused(NotInstalled):
    """Slack's API refused the code."""
