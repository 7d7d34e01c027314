"""No value of the program prints a secret: a log line, an error or a debugger may print it."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import bot

SECRET = "a-secret-7391"

LOOKS_SECRET = {
    *("access", "auth", "authorization", "bearer", "body", "browser", "code", "codes"),
    *(
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "headers",
        "jwt",
        "key",
        "keys",
    ),
    *("nonce", "password", "payload", "refresh", "secret", "secrets", "signature"),
    *("signing", "state", "ticket", "tickets", "token", "tokens", "trigger", "url"),
    *("urls", "verifier"),
}
"""Words in the name of a field, which is then taken for a secret where it is a text."""

MAY_BE_TEXT = re.compile(r"\b(?:str|bytes|Any|object|Json)\b")

NAMED_TEXTS = re.compile(
    r"(?i)(?:Mapping|dict)\[.*,.*\b(?:str|bytes|Any|object|Json)\b"
)
"""Texts under names that are only known later, as an environment has them: a field of such
a type is taken for a secret whatever its own name is."""

DOUBLE = "a double's: what its tests print when they fail, and no secret of anybody"

HARMLESS = {
    "calls.call.Refusal.code": "RingCentral's code for its reason",
    "calls.sessions.pushed.PushedParty.code": "a state of a side",
    "calls.sessions.session.SessionParty.code": "a state of a side",
    "policy.file.FileFlaw.key": "the name of a rule in a file",
    "ringcentral.transport.network.RingCentralApp.server_url": "public",
    "sandbox.ledger.Seen.body": DOUBLE,
    "sandbox.ringcentral.parties.PartyChange.code": DOUBLE,
    "sandbox.ringcentral.webhooks.Delivery.body": DOUBLE,
    "sandbox.ringcentral.webhooks.Webhooks.token_header": DOUBLE,
    "sandbox.ledger.Seen.headers": DOUBLE,
    "sandbox.ledger.Seen.query": DOUBLE,
    "calls.log.missed_calls.MissedCall.keys": "ids of sessions",
    "calls.missed_card.Missed.keys": "ids of sessions",
    "calls.missed_places.MissedPlaces.by_extension": "Slack ids of channels",
    "sandbox.ringcentral.log_sync.LogSync.tokens": DOUBLE,
    "sandbox.ringcentral.messages.LeftMessage.body": DOUBLE,
    "sandbox.ringcentral.messages.MessageStore.tokens": DOUBLE,
    "sandbox.limits.RateVerdict.headers": DOUBLE,
    "sandbox.ringcentral.answers.Ask.ids": DOUBLE,
    "sandbox.ringcentral.answers.Reply.body": DOUBLE,
    "sandbox.ringcentral.answers.Reply.headers": DOUBLE,
    "sandbox.ringcentral.faults.Fault.body": DOUBLE,
    "sandbox.ringcentral.faults.Fault.headers": DOUBLE,
    "sandbox.ringcentral.ringout.RingOuts.dial_codes": "country codes",
    "sandbox.slack.answers.Args.values": DOUBLE,
    "sandbox.slack.answers.Method.token": "a kind of token",
    "sandbox.slack.answers.Reply.body": DOUBLE,
    "sandbox.slack.answers.Reply.headers": DOUBLE,
    "sandbox.slack.auth.Auth.ticket": "a function",
    "sandbox.slack.delivery.Ack.body": DOUBLE,
    "sandbox.slack.delivery.Deliveries.options_url": "the bot's own address",
    "sandbox.slack.delivery.Deliveries.request_url": "the bot's own address",
    "sandbox.slack.faults.SlackFault.body": DOUBLE,
    "sandbox.slack.ledger.Called.args": DOUBLE,
    "sandbox.slack.ledger.Complaint.body": DOUBLE,
    "sandbox.slack.oauth.OAuth.redirect_urls": "the bot's own addresses",
    "sandbox.slack.payloads.Delivery.payload": DOUBLE,
    "sandbox.slack.payloads.Delivery.url": DOUBLE,
    "sandbox.slack.sockets.Sockets._waiting": DOUBLE,
    "sandbox.slack.triggers.Triggers._made": DOUBLE,
    "sandbox.slack.triggers.Triggers.seen_from": DOUBLE,
    "sandbox.slack.views.View.errors": DOUBLE,
    "sandbox.slack.views.View.suggested": DOUBLE,
    "sandbox.slack.views.View.touched": DOUBLE,
    "sandbox.web.deeds.Ask.values": DOUBLE,
    "sandbox.web.deeds.Deeds._table": "functions",
    "sandbox.web.server.WebServer._files": "the files of a public page",
    "sandbox.web.server.WebServer.manifest": "public",
    "serving.oauth_browser.OAuthBrowser.cookie": "the name of a cookie",
    "serving.oauth_browser.OAuthBrowser.public_url": "public",
    "settings.settings.Settings.public_url": "public",
    "settings.settings.Settings.rc_server_url": "public",
    "settings.settings.Settings.ringout_recording_url": "in every link of a reply",
    "settings.settings.Settings.slack_api_url": "public",
    "settings.settings.Settings.slack_authorize_url": "public",
    "slack.posting.marks.Mark.key": "a word in a message's metadata",
    "slack.texts.card_buttons.MenuRow.key": "the name of an option",
    "slack.texts.list_parties.Parties.letters": "a letter for each number",
    "storage.calls.events.CallEvent.state": "a state of a call",
    "storage.people.subscriptions.KnownSubscription.token": "a hash",
    "ringcentral.push.frames.Frame.headers": "of a frame: what RingCentral calls its kind",
}
"""What looks like a secret and is none, each with its reason."""


@cache
def classes() -> list[type]:
    """Return every class of the program."""
    names = [each.name for each in pkgutil.walk_packages(bot.__path__, "bot.")]
    found = []
    for name in names:
        if "migrations" in name:  # Alembic runs them
            continue
        members = vars(importlib.import_module(name)).values()
        found += [e for e in members if inspect.isclass(e) and e.__module__ == name]
    return found


def fields_of(cls: type) -> dict[str, str]:
    """Return the fields that the repr of *cls* may print, and their types."""
    if dataclasses.is_dataclass(cls):
        return {each.name: str(each.type) for each in dataclasses.fields(cls)}
    return {
        each: str(cls.__annotations__[each]) for each in getattr(cls, "_fields", ())
    }


def looks_secret(name: str, type_: str) -> bool:
    """Whether a field has the name of a secret and can hold a text, or holds named texts."""
    if NAMED_TEXTS.search(type_) and not type_.startswith("Callable"):
        return True
    words = set(name.lower().split("_"))
    return bool(words & LOOKS_SECRET) and bool(MAY_BE_TEXT.search(type_))


def suspects() -> Iterator[tuple[type, str]]:
    """Return each field that looks like a secret, with its class."""
    for cls in classes():
        for name, type_ in fields_of(cls).items():
            if looks_secret(name, type_):
                yield cls, name


def label(cls: type, field: str) -> str:
    """Return how `HARMLESS` names a field."""
    return f"{cls.__module__.removeprefix('bot.')}.{cls.__name__}.{field}"


def instance(cls: type, field: str) -> Any:
    """Return a value whose *field* is the secret, made past what checks it."""
    values = {name: SECRET if name == field else "" for name in fields_of(cls)}
    if issubclass(cls, tuple):
        return tuple.__new__(cls, values.values())
    made = object.__new__(cls)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def printed(value: object) -> str:
    """Return *value* in all ways in which it could get into a log or an error."""
    return " ".join([repr(value), str(value), f"{value}", repr([value])])


def shown() -> set[str]:
    """Return the names of the fields that are printed."""
    return {
        label(cls, field)
        for cls, field in suspects()
        if SECRET in printed(instance(cls, field))
    }


def test_no_value_prints_what_looks_like_a_secret() -> None:
    """A new field of a new dataclass is found here, or gets its reason."""
    assert shown() == set(HARMLESS)


def test_no_error_is_given_what_looks_like_a_secret() -> None:
    """The arguments of an error are printed by whatever reports it."""
    given = {
        f"{each.__name__}.{name}"
        for each in classes()
        if issubclass(each, BaseException)
        for name in inspect.signature(each.__init__).parameters
        if looks_secret(name, "str")
    }

    assert given == {"NotConnected.code", "Refused.code", "NotFound.code"}


def test_no_other_class_prints_its_fields() -> None:
    """Python prints of a plain class its name alone, unless the class has a say."""
    own = {
        f"{each.__module__}.{each.__name__}"
        for each in classes()
        if not dataclasses.is_dataclass(each)
        if not issubclass(each, enum.Enum) and not hasattr(each, "_fields")
        if {"__repr__", "__str__", "__format__"} & set(vars(each))
    }

    assert own == {"bot.errors.UserError"}


@dataclasses.dataclass
class Careless:
    """What the test looks for."""

    user_password: str
    note: str


def test_a_careless_value_would_be_found() -> None:
    """A search that finds nothing passes every day."""
    assert looks_secret("user_password", "str")
    assert SECRET in printed(instance(Careless, "user_password"))
    assert not looks_secret("note", "str")
    assert not looks_secret("state", "State")


@pytest.mark.parametrize(
    ("type_", "may"),
    [
        ("Mapping[str, str]", True),
        ("dict[str, str | None]", True),
        ("collections.abc.MutableMapping[str, Any]", True),
        ("defaultdict[str, list[str]]", True),
        ("Mapping[str, Setting]", False),
        ("dict[str, int]", False),
        ("Callable[[dict[str, str]], str]", False),
    ],
)
def test_texts_by_name_may_be_secrets_whatever_the_field_is_called(
    type_: str,
    may: bool,  # noqa: FBT001 - parametrized
) -> None:
    """The environment was printed whole, because its name promises no secret."""
    assert looks_secret("environment", type_) is may
