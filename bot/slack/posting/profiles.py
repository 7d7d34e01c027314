"""Reads people's profiles in Slack and keeps them for a few minutes."""

from __future__ import annotations

from collections import OrderedDict

from bot.calls.call import Place
from bot.clock import Clock
from bot.errors import ChatUnknown
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask, field
from bot.slack.texts.profile import Profile

PROFILE_KEPT_FOR = 300.0
"""Seconds. ``users.info`` is limited to about 100 a minute (Slack docs, "Rate limits",
Tier 4), and somebody who corrects the phone in their profile should not wait for long."""

MOST_PROFILES = 1_000
"""Profiles kept; the one read longest ago is dropped first."""


class Profiles:
    """The profiles of people in every workspace."""

    def __init__(self, spaces: Spaces, clock: Clock) -> None:
        self._spaces = spaces
        self._clock = clock
        self._known: OrderedDict[tuple[str, str, str], tuple[float, Profile]] = (
            OrderedDict()
        )

    async def of(self, place: Place, user: str) -> Profile:
        """Return the profile of *user* as the workspace of *place* sees it.

        Raises:
            ChatRefused: ``missing_scope`` if the app may not read profiles,
                ``user_not_found``, ``user_not_visible``.
            ChatBusy, ChatUnknown: It can't be read at the moment.
        """
        key = place.enterprise, place.team, user
        at, known = self._known.get(key, (0.0, None))
        if known is not None and self._clock.monotonic() - at < PROFILE_KEPT_FOR:
            return known
        profile = await self.read(place, user)
        self._known[key] = self._clock.monotonic(), profile
        self._known.move_to_end(key)
        if len(self._known) > MOST_PROFILES:
            self._known.popitem(last=False)
        return profile

    async def read(self, place: Place, user: str) -> Profile:
        """Ask Slack for the same, whatever is known; raises as `of` does."""
        client = await self._spaces.client(place.enterprise, place.team)
        data = await ask(client.users_info(user=user))
        if not isinstance(data.get("user"), dict):
            raise ChatUnknown("an answer without a user")
        if field(data, "user", "id") not in ("", user):
            raise ChatUnknown("an answer about somebody else")
        return Profile.read(data["user"], place, user)
