"""Keeps out guests and people of other companies, where Slack says who is one.

Slack's answers are kept in memory. A start begins without them and asks again, which costs
one request for each person; a table would have to be kept true by all processes, and be
erased with the person.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from bot.background import Background
from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.calls.people.standing import ADMITTED, KnownStanding, Standing, decided
from bot.clock import Clock
from bot.errors import ChatError, ChatRefused
from bot.slack.posting.profiles import Profiles
from bot.slack.posting.spaces import NOT_INSTALLED, Spaces
from bot.slack.texts.profile import Profile
from bot.user_errors import AccessDenied, AccessRule, StandingUnknown

log = logging.getLogger(__name__)

ASK_WITHIN = 1.0
"""Seconds that an ack may wait for Slack's answer; Slack allows three for the ack."""

MOST_PEOPLE = 10_000
"""People whose standing is kept; the one asked about longest ago is dropped first."""

MEANINGS = {
    "missing_scope": Standing.UNTOLD,
    "user_not_found": Standing.STRANGER,
    "user_not_visible": Standing.STRANGER,
    NOT_INSTALLED: Standing.STRANGER,
}
"""What Slack's refusals say of a person; every other error says nothing."""


def meaning(error: ChatError) -> Standing:
    """Return what a failed ``users.info`` says of the person."""
    word = error.error if isinstance(error, ChatRefused) else ""
    return MEANINGS.get(word, Standing.UNKNOWN)


class Admission:
    """Decides who is let in; with *guests* everybody, and Slack is not asked.

    *ask_within*: seconds that an ack may wait for Slack. *most*: people remembered.
    """

    def __init__(
        self,
        spaces: Spaces,
        profiles: Profiles,
        clock: Clock,
        background: Background,
        *,
        guests: bool,
        ask_within: float = ASK_WITHIN,
        most: int = MOST_PEOPLE,
    ) -> None:
        self._spaces = spaces
        self._profiles = profiles
        self._clock = clock
        self._background = background
        self._guests = guests
        self._ask_within = ask_within
        self._most = most
        self._known: OrderedDict[tuple[str, str], dict[Person, KnownStanding]] = (
            OrderedDict()
        )
        """By organization (or workspace) and id; then by each of its workspaces."""
        self._asking: dict[Person, asyncio.Future[Standing]] = {}
        self._doubted: set[Person] = set()
        """Those who have changed since Slack was asked: the answer may be older."""

    async def check(self, place: Place, within: float | None = None) -> None:
        """Let this person in, or raise; asks Slack only if no fresh answer is known.

        *within*: seconds to wait for it, if not as many as usual.

        Raises:
            AccessDenied: They are no member.
            StandingUnknown: Slack does not answer, and never has about them.
        """
        if not self._guests and await self.is_guest(place, within):
            raise AccessDenied(AccessRule.GUESTS)

    async def is_guest(self, place: Place, within: float | None = None) -> bool:
        """Return whether they are no member, also if guests are let in.

        Raises `StandingUnknown` as `check` does.
        """
        standing = await self._standing(place.person, within)
        if standing is Standing.UNKNOWN:
            raise StandingUnknown
        if standing not in ADMITTED:
            log.info("%s is no member: %s", place.user, standing.value)
        return standing not in ADMITTED

    def changed(self, person: Person, profile: Profile | None) -> None:
        """Learn what Slack reports by itself of a *person*, with their *profile* if known.

        In an organization somebody may be a member of one workspace and a guest in
        another: the event tells of one, and Slack is asked about the others again.
        """
        key = person.space, person.user
        known = self._known.get(key, {})
        for each, last in known.items():
            known[each] = KnownStanding(last.standing, None)
        self._doubted.update(
            one for one in self._asking if (one.space, one.user) == key
        )
        if profile is not None and (person in known or person in self._asking):
            self._note(person, profile.standing, self._clock.monotonic())

    def doubt(self, person: Person) -> None:
        """Ask Slack again about a *person* of whom another process has heard."""
        self.changed(person, None)

    async def _standing(self, person: Person, within: float | None) -> Standing:
        last = self._known.get((person.space, person.user), {}).get(person)
        if last is not None and last.is_fresh(self._clock.monotonic()):
            return last.standing
        seconds = self._ask_within if within is None else within
        return decided(await self._ask(person, seconds), last)

    async def _ask(self, person: Person, seconds: float) -> Standing:
        """Return what Slack answers in time, to one request for all who wait.

        An answer that comes later is kept for the next try.
        """
        asked = self._asking.get(person)
        if asked is None:
            asked = self._asking[person] = asyncio.get_running_loop().create_future()
            self._background.start(self._hear(person, asked), name="who somebody is")
        await asyncio.wait({asked}, timeout=seconds)
        return asked.result() if asked.done() else Standing.UNKNOWN

    async def _hear(self, person: Person, asked: asyncio.Future[Standing]) -> None:
        heard, begun = Standing.UNKNOWN, self._clock.monotonic()
        try:
            heard = await self._told(person)
        except ChatError as error:
            heard = meaning(error)
            if heard is Standing.UNKNOWN:
                log.info("Slack does not say who %s is: %s", person.user, error)
        finally:
            del self._asking[person]
            at = None if person in self._doubted else begun
            self._doubted.discard(person)
            asked.set_result(self._note(person, heard, at))

    async def _told(self, person: Person) -> Standing:
        """Ask Slack. Nobody is a member in a workspace that the bot does not serve."""
        if not await self._spaces.serves(person.enterprise, person.team):
            return Standing.STRANGER
        place = Place(person.team, "", person.user, person.enterprise)
        return (await self._profiles.read(place, person.user)).standing

    def _note(self, person: Person, heard: Standing, at: float | None) -> Standing:
        """Keep what was *heard*, unless something newer is known; return what counts.

        With None for *at* it counts now, and Slack is asked again the next time.
        """
        if heard is Standing.UNKNOWN:
            return heard
        key = person.space, person.user
        known = self._known.setdefault(key, {})
        last = known.get(person)
        if last is not None and last.at is not None and (at is None or last.at > at):
            return last.standing
        known[person] = KnownStanding(heard, at)
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return heard
