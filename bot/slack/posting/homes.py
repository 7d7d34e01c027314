"""Publishes the App Home of a person and updates it while they may be looking at it."""

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
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.errors import BotError, ChatBusy, ChatUnknown, StoreUnavailable
from bot.policy.desk_sheet import DeskSheet
from bot.slack.posting.origin import stamped
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask
from bot.slack.texts import home
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.text import Block
from bot.user_errors import AccessDenied, StandingUnknown

log = logging.getLogger(__name__)

HOME_DELAY = 2.0
"""Seconds from a change to its publishing: several changes become one."""

HOME_GAP = 0.6
"""Seconds between two Homes of a workspace: Slack allows a hundred ``views.publish`` a
minute (Slack docs, "Rate limits", Tier 4)."""


class OpenHomes(Protocol):
    """Who has opened their Home lately, for all processes. Raises `StoreUnavailable`."""

    async def note(self, person: Person, now: datetime) -> None: ...

    async def lately(
        self, enterprise: str, team: str, now: datetime
    ) -> set[Person]: ...

    async def interrupted(self, now: datetime) -> set[Person]: ...

    async def shown(self, person: Person) -> str: ...

    async def show(self, person: Person, digest: str) -> None: ...


class Homes:
    """Publishes Homes, and updates those that were opened lately.

    Slack reports an opening to one of the processes, which notes it in the database. So
    whichever process changes something knows who may be looking. A Home is published
    only if it looks different, and at most every `HOME_DELAY` seconds; the Homes of a
    workspace are published one after the other.
    """

    def __init__(
        self,
        spaces: Spaces,
        overview: Callable[[Place], Awaitable[Overview]],
        openings: OpenHomes,
        clock: Clock,
        background: Background,
        *,
        admit: Callable[[Place], Awaitable[None]],
        desk: Callable[[Place], Awaitable[DeskSheet | None]],
        contact: Contact = NO_CONTACT,
        delay: float = HOME_DELAY,
    ) -> None:
        self._spaces = spaces
        self._overview = overview
        self._openings = openings
        self._clock = clock
        self._background = background
        self._admit = admit
        self._desk = desk
        self._contact = contact
        self._delay = delay
        self._due: dict[tuple[str, str], set[Person]] = {}
        self._none_due = asyncio.Event()
        self._none_due.set()
        self._stopping = asyncio.Event()

    async def opened(self, person: Person) -> None:
        """Publish the Home of a person who has opened it; never raises."""
        try:
            await self._openings.note(person, self._clock.now())
            if person.enterprise:  # another workspace's Home may stand in its place
                await self._openings.show(person, "")
            await self._publish(person)
        except BotError as error:
            log.info("a Home could not be published: %s", error)
            self.changed(person)

    def changed(self, person: Person) -> None:
        """Publish a person's Home soon, if they may be looking at it; never raises."""
        space = (person.enterprise, person.team)
        due = self._due.get(space)
        if due is None:
            due = self._due[space] = set()
            self._none_due.clear()
            self._background.start(self._keep_up(space, due), name="Homes")
        due.add(person)

    async def resume(self) -> None:
        """Publish what a process that has ended may not have published; never raises."""
        with contextlib.suppress(StoreUnavailable):
            for person in await self._openings.interrupted(self._clock.now()):
                self.changed(person)

    async def flush(self, patience: float) -> None:
        """Publish what is due within *patience* seconds: the process is stopping.

        From now on nothing here sleeps, and what fails is left to `resume`.
        """
        self._stopping.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._none_due.wait()

    async def _keep_up(self, space: tuple[str, str], due: set[Person]) -> None:
        try:
            while due:
                await self._pause(self._delay)
                if not await self._round(space, due) and self._stopping.is_set():
                    return
        finally:
            del self._due[space]
            if not self._due:
                self._none_due.set()

    async def _pause(self, seconds: float) -> None:
        """Sleep, at most until `flush`."""
        if self._stopping.is_set():
            return
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({sleep, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            stop.cancel()

    async def _round(self, space: tuple[str, str], due: set[Person]) -> bool:
        """Publish a workspace's Homes that are due; return False if one failed.

        A Home that failed stays due.
        """
        try:
            looking = await self._openings.lately(*space, self._clock.now())
        except StoreUnavailable:
            return False
        is_done = True
        for person in list(due):
            due.discard(person)
            if person not in looking:
                continue
            try:
                if await self._publish(person):
                    await self._pause(HOME_GAP)
            except ChatBusy as error:
                due.add(person)
                await self._pause(error.retry_after)
                return False
            except (ChatUnknown, StandingUnknown, StoreUnavailable) as error:
                due.add(person)
                is_done = False
                log.info("a Home will be published later: %s", error)
            except BotError as error:
                log.info("a Home could not be published: %s", error)
        return is_done

    async def _publish(self, person: Person) -> bool:
        """Publish a Home if it looks different; return whether Slack was asked.

        Another process may publish an older or newer state at the same time. So each
        builds the Home once more after its request, until nothing has changed: whichever
        request comes last, the newest state is published.
        """
        place = Place(person.team, "", person.user, person.enterprise)
        client = await self._spaces.client(place.enterprise, place.team)
        shown, asked = await self._openings.shown(person), False
        while True:
            shows = stamped(await self._view(place), place)
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

    async def _view(self, place: Place) -> Block:
        """Return what a person may see; raises `StandingUnknown` if that isn't known."""
        try:
            await self._admit(place)
        except AccessDenied as error:
            return home.refused(error, self._contact)
        return home.view(await self._overview(place), await self._desk(place))


def _digest(shows: Block) -> str:
    body = json.dumps(shows, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()[:16]
