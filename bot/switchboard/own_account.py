"""What people do about their own account: connect, choose, look, disconnect.

Each method is about the person who asks. Who that is comes from Slack's signed payload,
never from a message or a form.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.accounts.callers import Caller
from bot.accounts.clients import SHARED
from bot.accounts.connecting import Connecting
from bot.accounts.disconnecting import Disconnecting
from bot.accounts.registry import Accounts
from bot.calls.call import Place, State
from bot.calls.overview import (
    NOTHING_TO_DO,
    DisconnectResult,
    Overview,
    Sheet,
    SignInLink,
    ToDo,
)
from bot.calls.people.person import Person, Preferences
from bot.calls.people.phones import to_myself
from bot.errors import NotConnected
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.pending_sign_ins import form_of
from bot.switchboard.policy import Policy
from bot.user_errors import NoOwnAccounts, NoSecondNumber

FINISHED_ON_HOME = 10
"""Finished calls that a Home tab lists."""

LOOKED_AT = 40
"""Calls that are read for a Home tab; those in progress are among the newest."""

LIVE_STATES = {State.REQUESTED, State.PLACING, State.FOLLOWING}


class OwnAccount:
    """What people do about their own account.

    *to_do* is None where nobody is asked what came of calls. *tells_missed*: whether people
    may be told of missed calls. The methods raise
    `UserError` if the person can fix it, `NotConnected` if they need an account first,
    and `StoreUnavailable`.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        connections: Connections,
        connecting: Connecting | None,
        disconnecting: Disconnecting,
        store: Store,
        policy: Policy,
        client_id: str,
        to_do: Callable[[Person], Awaitable[ToDo]] | None = None,
        tells_missed: bool = False,
    ) -> None:
        self._accounts = accounts
        self._connections = connections
        self._connecting = connecting
        self._disconnecting = disconnecting
        self._store = store
        self._policy = policy
        self.client_id = client_id
        self._to_do = to_do
        self._tells_missed = tells_missed

    @property
    def by_browser(self) -> bool:
        """Whether they sign in on RingCentral's page, not with a JWT credential."""
        return self._connecting is not None and self._connecting.by_browser

    async def link(self, place: Place, label: str) -> SignInLink:
        """Return where this person signs in: once, within ten minutes."""
        url = await self._may_connect(place).link(place.person, label)
        return SignInLink(url, form_of(url.rpartition("/")[2]))

    def check_may_connect(self, place: Place) -> None:
        """Raise `UserError` unless this person may connect an account here."""
        self._may_connect(place)

    async def by_credential(self, place: Place, jwt: str) -> None:
        """Connect with a JWT credential; raises what `Connecting.by_jwt` raises."""
        await self._may_connect(place).by_jwt(place.person, jwt)

    async def disconnect(self, place: Place) -> DisconnectResult | None:
        """End this person's connection, even if they may not call; None if none was."""
        return await self._disconnecting.disconnect(place.person)

    async def sheet(self, place: Place, *, anew: bool = False) -> Sheet:
        """Return what can be chosen; *anew* asks RingCentral (two Light requests)."""
        self._policy.check_user(place)
        if anew:
            caller = await self._accounts.refresh_phones(place.person)
        else:
            caller = await self._accounts.of(place.person)
        nothing = replace(caller, chosen=replace(caller.chosen, first=""))
        default = nothing.choose(None, None, self._policy.region).caller
        first = next((each for each in caller.phones if each.number == default), None)
        return Sheet(
            caller.phones,
            caller.chosen,
            self._policy.region,
            first,
            can_be_told=self._tells_missed and caller.account != SHARED,
        )

    async def save(self, place: Place, chosen: Preferences) -> None:
        """Store this person's settings."""
        self._policy.check_user(place)
        await self._connections.prefer(place.person, chosen)

    async def myself(self, place: Place) -> str:
        """Return the person's own number that a test call rings, in E.164."""
        self._policy.check_user(place)
        caller = await self._accounts.of(place.person)
        if not caller.phones:
            caller = await self._accounts.refresh_phones(place.person)
        first = caller.choose(None, None, self._policy.region).caller
        number = to_myself(caller.phones, first)
        if number is None:
            raise NoSecondNumber
        return number.e164

    async def overview(self, place: Place) -> Overview:
        """Return what this person's Home tab shows; costs two to four database reads."""
        caller, ended = await self._caller(place)
        why = ended.code if ended else ""
        calls = await self._store.of_person(place.person, LOOKED_AT, open_first=True)
        first = ""
        if caller is not None:
            rings = caller.choose(None, None, self._policy.region).caller
            known = (each.name for each in caller.phones if each.number == rings)
            first = next(known, rings.international if rings else "")
        return Overview(
            name=caller.name if caller else "",
            connected=caller is not None and caller.account != SHARED,
            ended=ended is not None,
            ended_why=why,
            can_call=caller is not None,
            can_connect=self._connecting is not None,
            first=first,
            open_calls=tuple(c for c in calls if c.state in LIVE_STATES),
            last_calls=tuple(c for c in calls if c.state not in LIVE_STATES)[
                :FINISHED_ON_HOME
            ],
            to_do=await self._to_do(place.person) if self._to_do else NOTHING_TO_DO,
        )

    async def _caller(self, place: Place) -> tuple[Caller | None, NotConnected | None]:
        """Return the account that *place*'s person calls with, or None.

        The second value says that they had one whose sign-in has ended, and why.
        """
        try:
            return await self._accounts.of(place.person), None
        except NotConnected as error:
            return None, error if error.again else None

    def _may_connect(self, place: Place) -> Connecting:
        self._policy.check_user(place)
        if self._connecting is None:
            raise NoOwnAccounts
        return self._connecting
