"""Connecting a person's own RingCentral account; `bot.accounts.disconnecting` undoes it.

With a browser: a link in the person's private message opens a page of ours that names
them. From there they sign in at RingCentral (authorization code with PKCE), and state and
cookie make sure that the same browser comes back. Without a public address, people paste a
JWT credential of theirs into a form in Slack.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable

from bot.accounts.checks import ASK_DOCTOR, CHECKS
from bot.accounts.disconnecting import Disconnecting
from bot.accounts.person_tokens import closed
from bot.accounts.phone_lists import list_phones
from bot.accounts.registry import Accounts
from bot.accounts.unstored_sign_in import UnstoredSignIn
from bot.calls.people.person import Person
from bot.calls.people.phones import Phone
from bot.clock import Clock
from bot.errors import (
    BotError,
    CredentialsRefused,
    Refused,
    StoreUnavailable,
)
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sign_in import grant, oauth
from bot.ringcentral.sign_in.tokens import ACCOUNT_CODES, Tokens, is_final
from bot.ringcentral.transport.network import Network
from bot.serving.oauth_flow import CANCELED, Arrival, Departure
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Extension, Linked
from bot.storage.people.pending_sign_ins import (
    GOOD_FOR,
    PendingSignIn,
    PendingSignIns,
    form_of,
)
from bot.user_errors import (
    Blame,
    CodeRefused,
    CredentialRefused,
    DisconnectedMeanwhile,
    LinkUsed,
    NoCredential,
    OtherBrowser,
    PhonesRefused,
    SentBack,
    SignInEnded,
)

log = logging.getLogger(__name__)

TICKET, STATE = "ticket", "state"
"""The kinds of pending sign-ins: a link that nobody has used yet, and a browser that has
gone to RingCentral."""

CONNECT_PATH, SIGN_IN_CALLBACK = "/ringcentral/connect/", "/ringcentral/callback"


class Connecting:
    """Connects accounts; *connected* is called with each new connection.

    *admit* raises `UserError` for whoever may not connect any more: a guest, for one. It
    is asked when a browser begins and when it comes back, since a link that was given to a
    member is good for ten minutes, and the way to RingCentral for ten more.
    *moved* is called with a person, the id of the form in Slack that shows where they are,
    and the id that it has from now on; that is empty once they are connected.
    """

    def __init__(
        self,
        network: Network,
        connections: Connections,
        sign_ins: PendingSignIns,
        accounts: Accounts,
        disconnecting: Disconnecting,
        clock: Clock,
        *,
        public_url: str,
        region: str,
        admit: Callable[[Person], Awaitable[None]],
        connected: Callable[[Linked], Awaitable[None]],
        moved: Callable[[Person, str, str], None] = lambda *_: None,
    ) -> None:
        self._network = network
        self._connections = connections
        self._sign_ins = sign_ins
        self._accounts = accounts
        self._disconnecting = disconnecting
        self._clock = clock
        self._public_url = public_url
        self._region = region
        self._admit = admit
        self._connected = connected
        self._moved = moved

    @property
    def by_browser(self) -> bool:
        """Whether people sign in at RingCentral's own page."""
        return bool(self._public_url)

    async def link(self, person: Person, label: str) -> str:
        """Return a link by which *person* can connect, once, within `GOOD_FOR`.

        The page that it opens shows *label*.
        """
        ends = self._clock.now() + GOOD_FOR
        begun = PendingSignIn(TICKET, person, label, ends)
        ticket = await self._sign_ins.add(begun)
        return f"{self._public_url}{CONNECT_PATH}{ticket}"

    async def whose(self, ticket: str) -> PendingSignIn:
        """Return whom a ticket is for, without using it up. Raises `LinkUsed`."""
        found = await self._sign_ins.look(TICKET, ticket, self._clock.now())
        if found is None:
            raise LinkUsed
        return found

    async def begin(self, ticket: str) -> Departure:
        """Use up a ticket and return where to sign in.

        Raises `LinkUsed`, or what *admit* raises; then the ticket is still good.
        """
        now = self._clock.now()
        await self._check(TICKET, ticket)
        found = await self._sign_ins.use(TICKET, ticket, now)
        if found is None:
            raise LinkUsed
        verifier = oauth.new_secret()
        state, cookie = await self._sign_ins.begin(
            STATE, found.person, now, label=found.label, verifier=verifier
        )
        self._moved(found.person, form_of(ticket), form_of(state))
        url = oauth.authorize_url(
            self._network, redirect_uri=self._callback, state=state, verifier=verifier
        )
        return Departure(url, cookie)

    async def finish(self, arrival: Arrival) -> Linked:
        """Connect the person whose sign-in comes back. Costs one Auth, three Light.

        If that is done already, as when the last page is reloaded, return their connection.

        Raises:
            OtherBrowser: The state is unknown, used, too old, or another browser's.
            SentBack: The person canceled, or RingCentral's page met an error.
            NotSignedIn: RingCentral refuses the code or its tokens.
            UserError: What *admit* raises. Then nothing is used up, and nothing is asked.
        """
        await self._check(STATE, arrival.state)
        found = await self._sign_ins.use(
            STATE, arrival.state, self._clock.now(), browser=arrival.cookie
        )
        if found is None:
            return await self._finished(arrival)
        if arrival.refusal:
            raise _sent_back(arrival.refusal)
        try:
            tokens = await oauth.by_code(
                self._network,
                arrival.code,
                redirect_uri=self._callback,
                verifier=found.verifier,
                now=self._clock.now,
            )
        except Refused as refused:
            blame = _blame(refused)
            then = {Blame.GRANT: grant.SWITCH_ON_CODE, Blame.APP: ASK_DOCTOR}.get(blame)
            log.warning("RingCentral refused a sign-in's code: %s; %s", refused, then)
            raise CodeRefused(str(refused), blame) from None
        linked = await self._connect(found.person, tokens)
        with contextlib.suppress(StoreUnavailable):  # the connection holds all the same
            await self._sign_ins.succeed(STATE, arrival.state, found.person)
        self._moved(found.person, form_of(arrival.state), "")
        return linked

    async def _check(self, kind: str, secret: str) -> None:
        """Raise what *admit* raises of the owner of a ticket or state, if it has one."""
        found = await self._sign_ins.look(kind, secret, self._clock.now())
        if found is not None:
            await self._admit(found.person)

    async def _finished(self, arrival: Arrival) -> Linked:
        """Return the connection that this browser's sign-in has led to, if it holds."""
        found = await self._sign_ins.succeeded(
            STATE, arrival.state, self._clock.now(), browser=arrival.cookie
        )
        if found is not None:
            linked, _ = await self._connections.of(found.person)
            if linked is not None and linked.broken_at is None:
                return linked
        raise OtherBrowser

    async def by_jwt(self, person: Person, jwt: str) -> Linked:
        """Connect *person* by their own JWT credential, which is tried at once.

        Costs one Auth request and three Light. Raises `NotSignedIn`, or
        `RingCentralError` if RingCentral could not be asked.
        """
        jwt = "".join(jwt.split())
        if not grant.is_jwt(jwt):
            raise NoCredential
        try:
            tokens = await oauth.by_credential(self._network, jwt, now=self._clock.now)
        except Refused as refused:
            raise self._credential_refused(refused) from None
        return await self._connect(person, tokens)

    async def _connect(self, person: Person, tokens: Tokens) -> Linked:
        """Store the connection that *tokens* give, in place of an older one."""
        try:
            extension, phones = await self._looked_up(tokens)
            kind = "jwt" if tokens.jwt else "oauth" if tokens.refresh else "once"
            old = await self._connections.put(
                secrets.token_hex(8),
                person,
                kind,
                extension,
                closed(tokens),
                self._clock.now(),
                phones,
            )
        except BotError:
            await self._disconnecting.revoke_unstored(tokens)
            raise
        linked, _ = await self._connections.of(person)
        if linked is None:
            raise DisconnectedMeanwhile
        if old is not None:
            await self._disconnecting.revoke(old)
        try:
            await self._connected(linked)
        except BotError as error:  # the connection holds all the same
            log.info("a person who connected was not told: %s", type(error).__name__)
        return linked

    async def _looked_up(self, tokens: Tokens) -> tuple[Extension, tuple[Phone, ...]]:
        """Ask RingCentral whose *tokens* they are, and for that user's phones."""
        telephony = RingCentral(
            self._network,
            lambda platform, _: UnstoredSignIn(platform, tokens),
            gate_of=self._accounts.clients.gate if tokens.owner else None,
            now=self._clock.now,
        )
        try:
            user = await telephony.account.user()
            phones = await list_phones(telephony.numbers, self._region)
        except Refused as error:
            log.warning("the RingCentral app may not read a person's phones: %s", error)
            raise PhonesRefused from None
        except CredentialsRefused:
            raise SignInEnded from None
        return Extension(user.id, user.number, user.name, user.account), phones

    @staticmethod
    def _credential_refused(refused: Refused) -> CredentialRefused:
        blame = _blame(refused)
        if blame is Blame.GRANT:
            log.warning(
                "the RingCentral app accepts no JWT credentials: %s; %s",
                refused,
                grant.SWITCH_ON_JWT,
            )
        elif blame is Blame.APP:
            log.warning(
                "RingCentral refused the app with a person's JWT: %s; %s",
                refused,
                ASK_DOCTOR,
            )
        return CredentialRefused(str(refused), blame)

    @property
    def _callback(self) -> str:
        return f"{self._public_url}{SIGN_IN_CALLBACK}"


def _sent_back(reason: str) -> SentBack:
    if reason != CANCELED:
        then = CHECKS.get(reason, ASK_DOCTOR)
        log.warning(
            "RingCentral's sign-in page sent somebody back: %s; %s", reason, then
        )
    return SentBack(reason)


def _blame(refused: Refused) -> Blame:
    if refused.lacks_grant:
        return Blame.GRANT
    is_persons = is_final(refused) or refused.code in ACCOUNT_CODES
    return Blame.PERSON if is_persons else Blame.APP
