"""People of a workspace at the admin's desk: who is connected, and disconnecting them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.calls.call import Place
from bot.calls.overview import DisconnectResult
from bot.calls.people.person import Person
from bot.policy.desk_sheet import SignedInPerson
from bot.policy.workspace import WorkspaceId
from bot.storage.desk_rows import DeskRows
from bot.switchboard.policy import Policy


class DeskPeople:
    """Raises `UserError` for whoever is no admin, and `StoreUnavailable`."""

    def __init__(
        self,
        rows: DeskRows,
        policy: Policy,
        *,
        disconnect: Callable[[Person, str], Awaitable[DisconnectResult | None]],
        tell: Callable[[Person, str, DisconnectResult], Awaitable[None]],
        changed: Callable[[Person], None],
    ) -> None:
        self._rows = rows
        self._policy = policy
        self._disconnect = disconnect
        self._tell = tell
        self._changed = changed

    async def signed_in(self, place: Place) -> Sequence[SignedInPerson]:
        """Return who has connected an account in the admin's workspace."""
        self._policy.check_desk(place)
        return await self._rows.signed_in(WorkspaceId.of(place))

    async def disconnect(self, place: Place, user: str) -> bool:
        """End somebody's connection, and tell them who did; return False if there was none."""
        self._policy.check_desk(place)
        person = Person(place.enterprise, place.team, user)
        ended = await self._disconnect(person, place.user)
        if ended is None:
            return False
        self._changed(person)
        self._changed(place.person)
        if person != place.person:
            await self._tell(person, place.user, ended)
        return True
