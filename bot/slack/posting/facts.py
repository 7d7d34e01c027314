"""What Slack alone knows of a wish to call; it is asked only where a rule looks at it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.calls.numbers.phone import parse
from bot.errors import ChatError, UserError
from bot.policy.wish import Fact, FactsNeeded, Wish
from bot.slack.posting.admission import Admission
from bot.slack.posting.channels import Channels
from bot.slack.posting.profiles import Profiles
from bot.slack.texts.profile import Profile


class SlackFacts:
    """Asks Slack; each answer may take *within* seconds, while an ack waits for it."""

    def __init__(
        self,
        admission: Admission,
        channels: Channels,
        profiles: Profiles,
        *,
        within: float,
    ) -> None:
        self._admission = admission
        self._channels = channels
        self._profiles = profiles
        self._within = within

    async def learned(self, needed: FactsNeeded) -> Wish:
        """Return the wish with what was not known, all of it asked at the same time.

        Raises `StandingUnknown` or `ChannelUnknown` if Slack does not say it.
        """
        wish, facts = needed.wish, sorted(needed.facts)
        found = await asyncio.gather(*(self._told(each, wish) for each in facts))
        changes: dict[str, Any] = dict(zip(facts, found, strict=True))
        return replace(wish, **changes)

    async def _told(self, fact: Fact, wish: Wish) -> bool | str:
        match fact:
            case Fact.GUEST:
                return await self._admission.is_guest(wish.place)
            case Fact.SHARED:
                return await self._channels.is_shared(wish.place)
            case Fact.ZONE:
                return await self._zone(wish)

    async def _zone(self, wish: Wish) -> str:
        """Return the time zone of the colleague who would be called.

        Empty if Slack does not say it in time, or if the number is not theirs: then the
        number's own time counts. Whoever claims to call themselves could have written any
        number into their own profile.
        """
        user = wish.colleague or wish.called
        if not wish.colleague and user == wish.place.user:
            return ""
        try:
            async with asyncio.timeout(self._within):
                profile = await self._profiles.of(wish.place, user)
        except (ChatError, TimeoutError):
            return ""
        return profile.tz if wish.colleague or _has(profile, wish) else ""


def _has(profile: Profile, wish: Wish) -> bool:
    """Return whether it is a colleague's profile, with the number that would be called."""
    if profile.is_stranger or profile.is_bot or profile.deleted or not profile.phone:
        return False
    try:
        return parse(profile.phone, region=wish.region) == wish.number
    except UserError:
        return False
