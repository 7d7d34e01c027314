"""Publishing App Home, and keeping it up to date while a person may look at it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from bot.background import Background
from bot.calls.call import Place
from bot.calls.overview import Overview
from bot.calls.person import Person
from bot.clock import Clock
from bot.errors import BotError, ChatBusy, ChatUnknown, StoreUnavailable
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask
from bot.slack.texts import home
from bot.slack.texts.text import Block

log = logging.getLogger(__name__)

GAP = 2.0
"""Seconds between a change and what is shown: a call changes several times in them."""

EVERY = 0.6
"""Seconds between two Homes of a workspace: a hundred ``views.publish`` a minute are
let in (Slack docs, "Rate limits", Tier 4)."""


class Openings(Protocol):
    """Who looks at their Home, for all processes; all raise `StoreUnavailable`."""

    async def note(self, person: Person, now: datetime) -> None: ...

    async def lately(
        self, enterprise: str, team: str, now: datetime
    ) -> set[Person]: ...

    async def interrupted(self, now: datetime) -> set[Person]: ...

    async def shown(self, person: Person) -> str: ...

    async def show(self, person: Person, digest: str) -> None: ...


class Homes:
    """Publishes Homes; keeps those that were opened lately up to date.

    Whatever process an opening was told to: the one that changes something looks who
    may see it. A Home changes every `GAP` seconds at most, where it would look
    different; those of a workspace one after the other, each as it is by then.
    """

    def __init__(
        self,
        spaces: Spaces,
        overview: Callable[[Place], Awaitable[Overview]],
        openings: Openings,
        clock: Clock,
        background: Background,
        *,
        full: bool,
    ) -> None:
        self._spaces = spaces
        self._overview = overview
        self._openings = openings
        self._clock = clock
        self._background = background
        self._full = full
        self._due: dict[tuple[str, str], set[Person]] = {}

    async def opened(self, person: Person) -> None:
        """Show somebody their Home, for they look at it; never raises."""
        try:
            await self._openings.note(person, self._clock.now())
            await self._publish(person)
        except BotError as error:
            log.info("a Home could not be published: %s", error)
            self.changed(person)

    def changed(self, person: Person) -> None:
        """Show it anew, soon, to somebody who may be looking at it; never raises."""
        space = (person.enterprise, person.team)
        due = self._due.get(space)
        if due is None:
            due = self._due[space] = set()
            self._background.start(self._keep_up(space, due), name="Homes")
        due.add(person)

    async def resume(self) -> None:
        """Show what a process that is gone may have left unshown; never raises."""
        with contextlib.suppress(StoreUnavailable):
            for person in await self._openings.interrupted(self._clock.now()):
                self.changed(person)

    async def flush(self, patience: float) -> None:
        """Show now what would be shown soon, within *patience* seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                rounds = (self._round(*each) for each in list(self._due.items()))
                await asyncio.gather(*rounds)

    async def _keep_up(self, space: tuple[str, str], due: set[Person]) -> None:
        try:
            while due:
                await self._clock.sleep(GAP)
                await self._round(space, due)
        finally:
            del self._due[space]

    async def _round(self, space: tuple[str, str], due: set[Person]) -> None:
        """Show a workspace's Homes that are due by now; what fails stays due."""
        try:
            looking = await self._openings.lately(*space, self._clock.now())
        except StoreUnavailable:
            return
        for person in list(due):
            due.discard(person)
            if person not in looking:
                continue
            try:
                if await self._publish(person):
                    await self._clock.sleep(EVERY)
            except ChatBusy as error:
                due.add(person)
                await self._clock.sleep(error.retry_after)
                return
            except (ChatUnknown, StoreUnavailable) as error:
                due.add(person)
                log.info("a Home will be published later: %s", error)
            except BotError as error:
                log.info("a Home could not be published: %s", error)

    async def _publish(self, person: Person) -> bool:
        """Show a Home as it is now; return whether it looked different.

        Another process may publish at the same time what it saw sooner or later. Each
        looks once more when its own has landed, so the last one shows the newest.
        """
        place = Place(person.team, "", person.user, person.enterprise)
        client = await self._spaces.client(place.enterprise, place.team)
        shown, asked = await self._openings.shown(person), False
        while True:
            shows = home.view(await self._overview(place), full=self._full)
            digest = _digest(shows)
            if digest == shown:
                return asked
            try:
                await ask(client.views_publish(user_id=place.user, view=shows))
            except ChatUnknown:
                await self._openings.show(person, "")
                raise
            shown, asked = digest, True
            await self._openings.show(person, digest)


def _digest(shows: Block) -> str:
    body = json.dumps(shows, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()[:16]
