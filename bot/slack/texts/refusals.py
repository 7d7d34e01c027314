"""What a person reads when the bot does not do what they asked, for each `UserError`.

`words` are plain text and may repeat what was typed, so they have to be escaped; `told`
is escaped, and names whom to ask where only an admin can help.
"""

from __future__ import annotations

import re
from functools import singledispatch

from bot.calls.lists.request import UnreadableList
from bot.calls.numbers.phone import (
    CountryNotAllowed,
    PremiumRate,
    TariffNotAllowed,
)
from bot.calls.numbers.tariff import tariff_of
from bot.errors import UserError
from bot.policy.desk_command import UnreadableAdminCommand
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.policy.rules import Rule
from bot.slack.texts import (
    desk,
    list_words,
    policy_words,
    refused_number,
    sign_in_causes,
)
from bot.slack.texts.contact import Contact
from bot.slack.texts.text import escape
from bot.user_errors import (
    Absence,
    AccessDenied,
    AccessRule,
    Blame,
    ButtonOverflow,
    CancelLimited,
    ChannelUnknown,
    CredentialRefused,
    DisconnectedMeanwhile,
    FormTooLate,
    GrantOver,
    LabelTooLong,
    LooseFrom,
    NoCredential,
    NoOwnAccounts,
    NoSecondNumber,
    NoteChanged,
    NothingToSay,
    NotInChannel,
    OutdatedButton,
    OwnRequest,
    PhonesRefused,
    PhonesUnavailable,
    QuestionOver,
    RequestAnswered,
    RequestOver,
    Restarting,
    RulesChangedMeanwhile,
    SameNumber,
    SignInEnded,
    StandingUnknown,
    UnknownCall,
    Unseen,
)

_CODE_MARK = re.compile(r"`([^`]*)`")

NEW_LINK = "Type `/ringout connect` in Slack for a new link."

RULE_WORDS = {
    AccessRule.USERS: "You aren't allowed to place calls here.",
    AccessRule.CHANNELS: "Calls aren't allowed in this channel.",
    AccessRule.GUESTS: "Guests and people from other companies can't use RingOut here.",
    AccessRule.ADMINS: "Only RingOut admins can see the company's calls. `/callstatus` "
    "shows yours.",
    AccessRule.PLACER: "Only the person who placed this call can do that.",
    AccessRule.NUMBERS: "Only the person who placed this call and admins can see its number.",
    AccessRule.HANG_UP: "Only the person who placed this call and admins can hang it up.",
    AccessRule.ASKED: "Only the person who was asked can answer that.",
    AccessRule.CLAIMED: "Somebody else calls back.",
    AccessRule.SHOWN: "Only the person who asked for this list can do that.",
    AccessRule.DESK: "Only RingOut admins can do that.",
    AccessRule.AUDIT: "Only RingOut admins and auditors can read the audit.",
}

ABSENCE_WORDS = {
    Absence.PERSON: "You aren't in this channel. Choose another one, or none.",
    Absence.UNKNOWN: "I can't check with Slack right now whether you're in this channel. "
    "Try again, or choose none: I then show the call in our DM.",
}

UNSEEN_WORDS = {
    Unseen.NOT_IN: "Calls aren't allowed in channels that are shared with another company, "
    "and I'm not in this one to see. Invite me, or call from our DM.",
    Unseen.NOT_PERMITTED: "Calls aren't allowed in channels that are shared with another "
    "company, and I'm not permitted to see which ones are. Call from our DM instead.",
    Unseen.SILENT: "I can't check with Slack right now whether this channel is shared with "
    "another company, so I didn't call. Try again shortly, or call from our DM.",
}

OPERATORS_LISTS = {
    AccessRule.USERS,
    AccessRule.CHANNELS,
    AccessRule.GUESTS,
    AccessRule.ADMINS,
    AccessRule.DESK,
    AccessRule.AUDIT,
}
"""Rules that an admin can change."""

NAMED_WORDS = {
    AccessRule.PLACER: "Only <@{who}> can do that.",
    AccessRule.ASKED: "Only <@{who}> can answer that.",
    AccessRule.CLAIMED: "<@{who}> calls back.",
    AccessRule.NUMBERS: "Only <@{who}> and admins can see this number.",
    AccessRule.HANG_UP: "Only <@{who}> and admins can hang up this call.",
}
"""The same in mrkdwn, where it is known who can."""

FIXED: dict[type[UserError], str] = {
    LabelTooLong: "`from` and `as` take a number, or the name of one of your phones.",
    LooseFrom: "What follows `from` isn't one of your phones. If it belongs to the words "
    "after `for`, put those in quotes; if it should ring first, put it before `for`.",
    ButtonOverflow: "That's too long for one call. Leave out `from` and `as`.",
    StandingUnknown: "I can't check with Slack right now whether you may use RingOut "
    "here. Nothing was done. Try again shortly.",
    SameNumber: 'That\'s your own phone. Add "from desk" to ring another one.',
    PhonesUnavailable: "I can't look up your phones right now. Leave out `from` and "
    "`as`, or try again in a minute.",
    Restarting: "I'm restarting, so no call was placed. Try again in half a minute.",
    UnknownCall: "I don't have that call any more.",
    NothingToSay: "There's nothing to say about this call: it isn't over, or no phone rang.",
    NoteChanged: "Somebody has changed this note. Copy what you wrote, close the form, and "
    "open it again.",
    RulesChangedMeanwhile: "The rules were changed in the meantime, so nothing was done. Look at them "
    "again on my Home tab.",
    NoSecondNumber: "You have no second number for a test call. Try `/ringout` with the "
    "number of a phone near you.",
    NoOwnAccounts: "You're calling through your team's shared RingCentral account, so "
    "there's nothing to connect.",
    OutdatedButton: "That button is out of date. Type the command again.",
    RequestOver: "That request is over: nobody answered it within ten minutes, or its "
    "number was erased, or the person has left.",
    GrantOver: "That permission is over: it was good for one call, within ten minutes. If "
    "you still need to call, start again.",
    OwnRequest: "That's your own request. Another admin has to answer it.",
    QuestionOver: "That question is out of date: it was answered, or its time is over.",
    NoCredential: "That isn't a whole credential: it has three parts, with dots between "
    "them. Copy it again.",
    SignInEnded: f"RingCentral has already ended this sign-in. {NEW_LINK}",
    DisconnectedMeanwhile: f"You disconnected in the meantime. {NEW_LINK}",
    FormTooLate: "That took too long, so Slack didn't open the form. Try again.",
}
"""Errors without values."""

OPENS_BY_ITSELF = {
    Rule.EMERGENCY,
    Rule.PREMIUM,
    Rule.PAUSED,
    Rule.PER_MINUTE,
    Rule.THROTTLE,
    Rule.QUIET_HOURS,
    Rule.AT_ONCE,
}
"""Rules about which no admin can be asked, or whose time is soon over."""

ABOUT_NUMBER = {
    Rule.DO_NOT_CALL,
    Rule.THROTTLE,
    Rule.QUIET_HOURS,
    Rule.FIRST_TIME,
    Rule.FOREIGN,
}
"""Rules whose sentence is about a number that it doesn't name; a command is not shown
above the answer to it."""

FOR_ADMIN = (CountryNotAllowed, PhonesRefused, TariffNotAllowed)
"""Errors that an admin alone can help with; those with values are in `is_for_admin`."""


@singledispatch
def words(error: UserError) -> str:
    """Return the sentence for *error*; a test finds errors without words."""
    return FIXED.get(type(error)) or refused_number.words(error) or "I can't do that."


def plain_words(error: UserError) -> str:
    """Return `words` for a place that knows no code marks: a form's input, a terminal."""
    return _CODE_MARK.sub(r"“\1”", words(error))


def told(error: UserError, contact: Contact) -> str:
    """Return the sentence for *error* in mrkdwn, with whom to ask if an admin can help."""
    if isinstance(error, AccessDenied) and error.who and error.rule in NAMED_WORDS:
        return NAMED_WORDS[error.rule].format(who=escape(error.who))
    if isinstance(error, RequestAnswered) and error.by:
        done = "approved" if error.is_approved else "declined"
        return f"<@{escape(error.by)}> has already {done} this request."
    if isinstance(error, PolicyRefuses):
        said = of_policy(error)
    else:
        said = escape(words(error))
    return f"{said} {contact.ask}" if is_for_admin(error) else said


def told_plainly(error: UserError, contact: Contact) -> str:
    """Return the same in plain text, for the line under an input."""
    said = plain_words(error)
    return f"{said} {contact.ask_plainly}" if is_for_admin(error) else said


def is_for_admin(error: UserError) -> bool:
    """Return whether only an admin can help."""
    match error:
        case AccessDenied():
            return error.rule in OPERATORS_LISTS
        case CredentialRefused():
            return error.blame is not Blame.PERSON
        case PolicyRefuses():
            return error.decision.rule not in OPENS_BY_ITSELF
        case ChannelUnknown():
            return error.why is Unseen.NOT_PERMITTED
    return isinstance(error, FOR_ADMIN)


@words.register
def _(error: UnreadableList) -> str:
    seen = "".join(each for each in error.typed if each.isprintable())
    typed = refused_number.quoted(seen) if seen else ""
    return list_words.not_understood(error.flaw, typed)


@words.register
def _(error: UnreadableAdminCommand) -> str:
    seen = "".join(each for each in error.typed if each.isprintable())
    return desk.not_understood(error.flaw, refused_number.quoted(seen) if seen else "")


# What may be done, and when


@words.register
def _(error: AccessDenied) -> str:
    return RULE_WORDS[error.rule]


@words.register
def _(error: RequestAnswered) -> str:
    done = "approved" if error.is_approved else "declined"
    return f"This request was already {done}."


@words.register
def _(error: NotInChannel) -> str:
    return ABSENCE_WORDS[error.absence]


@words.register
def _(error: ChannelUnknown) -> str:
    return UNSEEN_WORDS[error.why]


@words.register
def _(error: CancelLimited) -> str:
    return (
        f"RingCentral is busy. Try again in {max(round(error.seconds), 1)} s, or hang up "
        "your phone."
    )


@words.register
def _(error: PolicyRefuses) -> str:
    return policy_words.plainly(of_policy(error))


@words.register
def _(error: PolicyAsks) -> str:
    asks = policy_words.sentences(error.decision, error.asked.user, error.at)
    return policy_words.plainly(" ".join(asks))


def of_policy(error: PolicyRefuses) -> str:
    """Say in mrkdwn which rule forbids a call."""
    number = error.number
    match error.decision.rule:
        case Rule.PREMIUM:
            return escape(words(PremiumRate(number)))
        case Rule.COUNTRY:
            return escape(words(CountryNotAllowed(number)))
        case Rule.NUMBER_TYPE if tariff := tariff_of(number.e164):
            return escape(words(TariffNotAllowed(number, tariff)))
    said = policy_words.sentences(error.decision, error.who)
    if error.decision.rule in ABOUT_NUMBER:
        said.insert(0, f"I didn't call {escape(number.international)}.")
    return " ".join(said)


# Connecting an account by a form: a few of these are shown in a browser too


@words.register
def _(error: CredentialRefused) -> str:
    if error.blame is not Blame.PERSON:
        return "RingCentral doesn't let anyone connect this way yet."
    return sign_in_causes.of(error.answer) or (
        "RingCentral doesn't accept it. Was it made for this app, and copied whole?"
    )


@words.register
def _(_: PhonesRefused) -> str:
    return "RingCentral doesn't let RingOut see your phones, so I can't connect it."
