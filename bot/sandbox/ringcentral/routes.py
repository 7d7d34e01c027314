"""The operations: path, handler, rate group and permissions of each.

Source: RingCentral API reference: each operation's usage plan group and permissions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.sandbox.ringcentral.answers import Ask, Reply, no_scope
from bot.sandbox.ringcentral.contacts import (
    READ_CONTACTS,
    Directory,
    list_contacts,
)
from bot.sandbox.ringcentral.gateway import SOCKET_PERMISSIONS
from bot.sandbox.ringcentral.log import CallLog
from bot.sandbox.ringcentral.log_sync import LogSync
from bot.sandbox.ringcentral.login import Logins
from bot.sandbox.ringcentral.messages import READ_MESSAGES, MessageStore
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.person import Person
from bot.sandbox.ringcentral.push import Push
from bot.sandbox.ringcentral.ringout import RingOuts
from bot.sandbox.ringcentral.signin import LOGIN, SignIn
from bot.sandbox.ringcentral.subscriptions import CALL_CONTROL
from bot.sandbox.ringcentral.telephony import READ_PRESENCE, Telephony

USER = "account/{account}/extension/{extension}"
COMPANY = "account/{account}"


BROWSER = "Browser"
"""The rate group of pages in a browser: nobody has signed in, so no limits apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation.

    Attributes:
        scope: The permission that the app needs.
        permission: The permission that the user needs.
        is_page: Whether it is a page for a browser, which no validator checks.
        of_user: Whether it needs an access token although its group is Auth.
    """

    method: str
    pattern: re.Pattern[str]
    group: str
    answer: Callable[[Ask], Reply]
    scope: str = ""
    permission: str = ""
    is_page: bool = False
    of_user: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it needs no access token."""
        return self.group in ("Auth", BROWSER) and not self.of_user


def route(
    method: str,
    path: str,
    group: str,
    answer: Callable[[Ask], Reply],
    scope: str = "",
    permission: str = "",
    *,
    is_page: bool = False,
    of_user: bool = False,
) -> Route:
    """Return the operation on *path*, which has its ids in braces."""
    whole = path if path.startswith("/") else f"/restapi/v1.0/{path}"
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", whole))
    return Route(
        method=method,
        pattern=pattern,
        group=group,
        answer=answer,
        scope=scope,
        permission=permission,
        is_page=is_page,
        of_user=of_user,
    )


def routes(
    logins: Logins,
    ringouts: RingOuts,
    log: CallLog,
    people: People,
    directory: Directory,
    push: Push,
    telephony: Telephony,
    messages: MessageStore,
) -> tuple[Route, ...]:
    """Return all operations of the double."""
    return (
        *_oauth(logins),
        *_browser(logins.sign_in),
        *_ringout(ringouts),
        *_log(log),
        *_people(people),
        *_contacts(people, directory),
        *_subscriptions(push),
        *_telephony(telephony),
        *_messages(messages),
    )


def _oauth(logins: Logins) -> Iterator[Route]:
    def token(ask: Ask) -> Reply:
        return logins.token(ask.authorization, _form(ask), ask.now)

    def revoke(ask: Ask) -> Reply:
        named = _form(ask).get("token") or ask.seen.first("token")
        return logins.revoke(ask.authorization, _form(ask), named)

    yield route("POST", "/restapi/oauth/token", "Auth", token)
    yield route("POST", "/restapi/oauth/revoke", "Auth", revoke)


def _browser(sign_in: SignIn) -> Iterator[Route]:
    authorize = "/restapi/oauth/authorize"
    yield route("GET", authorize, BROWSER, sign_in.authorize)
    yield route("POST", authorize, BROWSER, sign_in.authorize)
    yield route("GET", LOGIN, BROWSER, sign_in.page, is_page=True)
    yield route("POST", LOGIN, BROWSER, sign_in.decide, is_page=True)


def _ringout(ringouts: RingOuts) -> Iterator[Route]:
    one, scope = f"{USER}/ring-out/{{ringout}}", "RingOut"
    yield route("POST", f"{USER}/ring-out", "Heavy", ringouts.place, scope)
    yield route("GET", one, "Light", ringouts.status, scope)
    yield route("DELETE", one, "Heavy", ringouts.cancel, scope)


def _log(log: CallLog) -> Iterator[Route]:
    one, scope = f"{USER}/call-log/{{record}}", "ReadCallLog"
    everybody = "FullCompanyCallLog"
    yield route("GET", f"{USER}/call-log", "Heavy", log.list_user, scope, scope)
    yield route("GET", one, "Heavy", log.read, scope, scope)
    yield route(
        "GET", f"{USER}/call-log-sync", "Heavy", LogSync(log).answer, scope, scope
    )
    yield route(
        "GET", f"{COMPANY}/call-log", "Heavy", log.list_company, scope, everybody
    )


def _people(people: People) -> Iterator[Route]:
    def of_asker(answer: Callable[[Person, Ask], Reply]) -> Callable[[Ask], Reply]:
        return lambda ask: answer(people.asking(ask), ask)

    for path, group, answer in (
        (USER, "Light", Person.extension),
        (COMPANY, "Light", Person.account),
        (f"{USER}/forwarding-number", "Light", Person.list_forwarding_numbers),
        (f"{USER}/phone-number", "Light", Person.list_phone_numbers),
        (f"{USER}/caller-id", "Light", Person.caller_id),
        (f"{USER}/features", "Medium", Person.list_features),
        (f"{USER}/device", "Light", Person.list_devices),
    ):
        yield route("GET", path, group, of_asker(answer), "ReadAccounts")


def _contacts(people: People, directory: Directory) -> Iterator[Route]:
    def contacts(ask: Ask) -> Reply:
        return list_contacts(people.asking(ask), ask)

    book, entries = f"{USER}/address-book/contact", f"{COMPANY}/directory/entries"
    may = "ReadPersonalContacts"
    yield route("GET", book, "Heavy", contacts, READ_CONTACTS, may)
    yield route("GET", entries, "Medium", directory.entries, "ReadAccounts")


def _subscriptions(push: Push) -> Iterator[Route]:
    subscriptions = push.subscriptions

    def token(ask: Ask) -> Reply:
        if subscriptions.scopes().isdisjoint(SOCKET_PERMISSIONS):
            return no_scope("WebSocketsSubscription")
        return push.gateway.token(ask)

    every, one = "subscription", "subscription/{subscription}"
    yield route("POST", "/restapi/oauth/wstoken", "Auth", token, of_user=True)
    yield route("POST", every, "Medium", subscriptions.create)
    yield route("GET", every, "Light", subscriptions.list_own)
    yield route("GET", one, "Light", subscriptions.read)
    yield route("PUT", one, "Medium", subscriptions.update)
    yield route("DELETE", one, "Medium", subscriptions.delete)
    yield route("POST", f"{one}/renew", "Light", subscriptions.renew)


def _telephony(telephony: Telephony) -> Iterator[Route]:
    session, may = f"{COMPANY}/telephony/sessions/{{session}}", "ReadPresenceStatus"
    yield route("GET", session, "Light", telephony.read, CALL_CONTROL)
    yield route("DELETE", session, "Light", telephony.drop, CALL_CONTROL)
    presence = f"{USER}/presence"
    yield route("GET", presence, "Light", telephony.presence, READ_PRESENCE, may)


def _messages(messages: MessageStore) -> Iterator[Route]:
    content = f"{USER}/message-store/{{message}}/content/{{attachment}}"
    sync = f"{USER}/message-sync"
    yield route("GET", sync, "Light", messages.sync, READ_MESSAGES)
    yield route("GET", content, "Medium", messages.content, READ_MESSAGES)


def _form(ask: Ask) -> dict[str, str]:
    return ask.seen.body if isinstance(ask.seen.body, dict) else {}
