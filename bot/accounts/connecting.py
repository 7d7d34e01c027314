"""Connecting a person's own RingCentral account; `bot.accounts.disconnecting` lets go of it.

By the browser: a ticket in the person's private message opens our page, which names
them; from there RingCentral's sign-in (authorization code with PKCE), bound by state
and cookie to that browser. Without a public address: by a JWT credential of theirs.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from ringcentral.platform.platform import Platform

from bot.accounts.disconnecting import Disconnecting
from bot.accounts.phone_lists import list_phones
from bot.accounts.registry import Accounts
from bot.accounts.token_stores import closed
from bot.calls.person import Person
from bot.clock import Clock
from bot.errors import (
    BotError,
    CredentialsRefused,
    Disconnected,
    Refused,
    RingCentralError,
)
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sign_in import grant, oauth
from bot.ringcentral.sign_in.tokens import Tokens, is_final
from bot.ringcentral.transport.network import Network
from bot.serving import oauth_errors
from bot.storage.people.connections import Connections, Extension, Linked
from bot.storage.people.signins import SignIn, SignIns
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
GOOD_FOR = timedelta(minutes=10)
CONNECT, CALLBACK = "/ringcentral/connect/", "/ringcentral/callback"


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes next, and the cookie that it has to bring back."""

    url: str
    cookie: str


class Connecting:
    """Makes connections; *connected* hears of each."""

    def __init__(
        self,
        network: Network,
        connections: Connections,
        signins: SignIns,
        accounts: Accounts,
        disconnecting: Disconnecting,
        clock: Clock,
        *,
        public_url: str,
        region: str,
        connected: Callable[[Linked], Awaitable[None]],
    ) -> None:
        self._network = network
        self._connections = connections
        self._signins = signins
        self._accounts = accounts
        self._disconnecting = disconnecting
        self._clock = clock
        self._public_url = public_url
        self._region = region
        self._connected = connected

    @property
    def by_browser(self) -> bool:
        """Whether people sign in at RingCentral's own page."""
        return bool(self._public_url)

    async def link(self, person: Person, label: str) -> str:
        """Return the address where *person*, and nobody else, may begin."""
        ticket = oauth.new_secret()
        ends = self._clock.now() + GOOD_FOR
        await self._signins.add(ticket, SignIn(TICKET, person, label, ends))
        return f"{self._public_url}{CONNECT}{ticket}"

    async def whose(self, ticket: str) -> SignIn:
        """Return who a ticket is for; it is not used up. Raises `LinkUsed`."""
        found = await self._signins.look(TICKET, ticket, self._clock.now())
        if found is None:
            raise LinkUsed
        return found

    async def begin(self, ticket: str) -> Begun:
        """Use a ticket up; return where to sign in. Raises `LinkUsed`."""
        now = self._clock.now()
        found = await self._signins.use(TICKET, ticket, now)
        if found is None:
            raise LinkUsed
        state, cookie, verifier = (oauth.new_secret() for _ in range(3))
        begun = SignIn(
            STATE, found.person, found.label, now + GOOD_FOR, cookie, verifier
        )
        await self._signins.add(state, begun)
        url = oauth.authorize_url(
            self._network, redirect_uri=self._callback, state=state, verifier=verifier
        )
        return Begun(url, cookie)

    async def finish(
        self, state: str, code: str, cookie: str, *, error: str = ""
    ) -> Linked:
        """Connect whoever began *state* in this browser. Costs one Auth, three Light.

        *error* is what RingCentral's page sent back in the place of a code.

        Raises:
            OtherBrowser: The state is unknown, used, too old, or another browser's.
            SentBack: The person canceled, or RingCentral's page met an *error*.
            NotSignedIn: RingCentral refuses the code or its tokens.
        """
        now = self._clock.now()
        found = await self._signins.use(STATE, state, now, browser=cookie)
        if found is None:
            raise OtherBrowser
        if error or not code:
            raise _sent_back(error)
        try:
            tokens = await oauth.by_code(
                self._network,
                code,
                redirect_uri=self._callback,
                verifier=found.verifier,
                now=self._clock.now,
            )
        except Refused as refused:
            log.warning("RingCentral refused a sign-in's code: %s", refused)
            raise CodeRefused(str(refused), _blame(refused)) from None
        return await self._keep(found.person, tokens)

    async def by_jwt(self, person: Person, jwt: str) -> Linked:
        """Connect *person* by a JWT credential of theirs; it is tried at once.

        Costs one Auth request and three Light. Raises `NotSignedIn`, or
        `RingCentralError` where it could not be tried.
        """
        jwt = "".join(jwt.split())
        if not grant.is_jwt(jwt):
            raise NoCredential
        try:
            tokens = await oauth.by_credential(self._network, jwt, now=self._clock.now)
        except Refused as refused:
            raise self._credential_refused(refused) from None
        return await self._keep(person, tokens)

    async def _keep(self, person: Person, tokens: Tokens) -> Linked:
        """Look who it is, and store that with their phones and tokens."""
        telephony = RingCentral(
            self._network,
            lambda platform, _: _Fresh(platform, tokens),
            gate_of=self._accounts.clients.gate if tokens.owner else None,
            now=self._clock.now,
        )
        try:
            user = await telephony.account.user()
            phones = await list_phones(telephony.numbers, self._region)
        except (RingCentralError, CredentialsRefused) as error:
            await self._disconnecting.end(tokens)
            if isinstance(error, Refused):
                raise PhonesRefused(error.status, error.code) from None
            if isinstance(error, CredentialsRefused):
                raise SignInEnded from None
            raise
        extension = Extension(user.id, user.number, user.name, user.account)
        kind = "jwt" if tokens.jwt else "oauth" if tokens.refresh else "once"
        try:
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
            await self._disconnecting.end(tokens)  # nobody else ever would
            raise
        linked, _ = await self._connections.of(person)
        if linked is None:
            raise DisconnectedMeanwhile
        if old is not None:
            await self._disconnecting.say(old)
        try:
            await self._connected(linked)
        except BotError as error:  # they are connected, told or not
            log.info("a person who connected was not told: %s", type(error).__name__)
        return linked

    def _credential_refused(self, refused: Refused) -> CredentialRefused:
        blame = _blame(refused)
        if blame is Blame.GRANT:
            log.warning("the RingCentral app takes no JWT credentials: %s", refused)
        elif blame is Blame.APP:
            log.warning(
                "RingCentral refused the app, with a JWT credential: %s", refused
            )
        client_id = self._network.app.client_id
        return CredentialRefused(str(refused), refused.status, blame, client_id)

    @property
    def _callback(self) -> str:
        return f"{self._public_url}{CALLBACK}"


def _sent_back(error: str) -> SentBack:
    reason = oauth_errors.reason(error)
    if reason != oauth_errors.CANCELLED:
        log.warning("RingCentral's sign-in page sent somebody back: %s", reason)
    return SentBack(reason)


def _blame(refused: Refused) -> Blame:
    if refused.lacks_grant:
        return Blame.GRANT
    return Blame.PERSON if is_final(refused) else Blame.APP


class _Fresh:
    """Signed in by tokens that are not stored yet; refused, they are good for nothing."""

    def __init__(self, platform: Platform, tokens: Tokens) -> None:
        life = {"token_type": "bearer", "access_token": tokens.access}
        platform.auth().set_data(life)
        self._scope = tokens.scope
        self.user = tokens.owner

    async def ensure(self) -> int:
        return 0

    async def renew(self, generation: int) -> None:
        del generation
        raise Disconnected("refused as soon as it was given")

    def scopes(self) -> frozenset[str]:
        return frozenset(self._scope.split())
