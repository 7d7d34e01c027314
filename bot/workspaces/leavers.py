"""Finds who was deactivated though no event of Slack's arrived: a look-up a day each.

An event is lost if the bot is down for longer than Slack repeats it, or lacks the scope.
"""

from __future__ import annotations

import logging

from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.errors import ChatBusy, ChatError, ChatRefused
from bot.rounds import Rounds
from bot.slack.posting.profiles import Profiles
from bot.slack.posting.spaces import Spaces
from bot.storage.people.look_ups import LookUps
from bot.workspaces.workspaces import PeopleLeft

log = logging.getLogger(__name__)

LOOK_EVERY = 60.0
"""Seconds between two rounds."""

LOOKED_UP_AT_ONCE = 5
"""People in a round. Slack allows about a hundred ``users.info`` a minute for all
processes together, and commands need them (Slack docs, "Rate limits", Tier 4)."""

USER_UNKNOWN = {"user_not_found", "user_not_visible"}
"""No proof that somebody has left: a token of another workspace gets the same answer."""

ANSWERED = USER_UNKNOWN | {"missing_scope"}
"""Slack's refusals that will be the same in an hour."""


class Leavers:
    """Looks connected people up in Slack, and disconnects those who were deactivated.

    Nobody is disconnected by an error: only by a profile with ``deleted: true``.
    """

    def __init__(
        self,
        look_ups: LookUps,
        spaces: Spaces,
        profiles: Profiles,
        clock: Clock,
        *,
        people_left: PeopleLeft,
        every: float = LOOK_EVERY,
    ) -> None:
        self._look_ups = look_ups
        self._spaces = spaces
        self._profiles = profiles
        self._clock = clock
        self._people_left = people_left
        self._every = every

    async def run(self) -> None:
        """Look up who is due, every minute, forever."""
        await Rounds("looking for people who left").run(self._wait_and_look)

    async def _wait_and_look(self) -> float:
        await self._clock.sleep(self._every)
        await self.look()
        return 0.0

    async def look(self) -> None:
        """Do one round; end it early if Slack's rate limit is reached."""
        now = self._clock.now()
        for person in await self._look_ups.lease_due(now, LOOKED_UP_AT_ONCE):
            try:
                if await self._has_left(person):
                    log.info("%s was deactivated in Slack", person.user)
                    await self._people_left(person.enterprise, person.team, person.user)
            except ChatBusy:
                return
            except ChatError as error:
                if not _is_answer(error):
                    continue
                log.warning("Slack does not say who %s is: %s", person.user, error)
            await self._look_ups.done(person, self._clock.now())

    async def _has_left(self, person: Person) -> bool:
        """Ask Slack, if the bot still has a token of the person's workspace."""
        if not await self._spaces.serves(person.enterprise, person.team):
            return False
        place = Place(person.team, "", person.user, person.enterprise)
        return (await self._profiles.read(place, person.user)).deleted


def _is_answer(error: ChatError) -> bool:
    return isinstance(error, ChatRefused) and error.error in ANSWERED
