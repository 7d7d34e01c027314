"""A RingCentral of our own on 127.0.0.1: for the demo, and to test against.

An imitation of what RingCentral documents and of what people met: the real SDK works
against it. It never makes a call; its numbers and people are composed.

    async with RingCentralDouble(speed=20) as ringcentral:
        ringcentral.plan("+14155550142", "callee-busy")
        ...                                # anything that talks to ringcentral.url
        assert len(ringcentral.calls) == 1
"""

from __future__ import annotations

import ssl
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.ledger import Seen
from bot.sandbox.limiters import Limiters
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.answers import Json
from bot.sandbox.ringcentral.calls import Exchange, PlacedCall, Plans
from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.door import Door, Validator
from bot.sandbox.ringcentral.faults import Faults
from bot.sandbox.ringcentral.life import ENDINGS, Side, Stage
from bot.sandbox.ringcentral.log import CallLog, Past
from bot.sandbox.ringcentral.login import Logins
from bot.sandbox.ringcentral.people import Directory
from bot.sandbox.ringcentral.persons import Persons
from bot.sandbox.ringcentral.ringout import RingOuts
from bot.sandbox.ringcentral.routes import routes
from bot.sandbox.ringcentral.staff import SERVICE, People
from bot.sandbox.ringcentral.story import Story
from bot.sandbox.stories import find

PRESSES = {"answer", "voicemail", "hangup", "cancel", *ENDINGS}


class RingCentralDouble(Persons):
    """The double: a server, and the strings to pull.

    Story time runs *speed* times as fast as real time, `clock.skip` lets it jump.
    What belongs together is an attribute: `logins` (who may log in, tokens, scopes),
    `directory` (the service user and their numbers), `people` (everybody, see
    `Persons`), `log` (the call log), `ringouts` (country policy, cancelling,
    `on_placed`), `faults`, `limits`, and `door` (hooks `on_request` and `on_effect`,
    user `permissions`, the `validator`).
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        skew: float = 0.0,
        seed: int = 7,
        limits: Limits | None = None,
        validator: Validator | None = None,
    ) -> None:
        self.clock = StoryClock(speed, skew)
        self.directory = Directory()
        self.people = People(self.directory)
        self.logins = Logins(people=self.people)
        self.url = ""
        self._limiters = Limiters(limits or Limits())
        self._exchange = Exchange(self.clock, seed)
        self._plans = Plans(find("answered"))
        self.log = CallLog(
            clock=self.clock, exchange=self._exchange, people=self.people
        )
        self.ringouts = RingOuts(
            exchange=self._exchange, plans=self._plans, people=self.people
        )
        self.door = Door(
            clock=self.clock,
            limiters=self._limiters,
            logins=self.logins,
            people=self.people,
            routes=routes(self.logins, self.ringouts, self.log, self.people),
            validator=validator,
        )
        self._runner: web.AppRunner | None = None

    async def start(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> str:
        """Serve, and return the address. What was known before a `close` is kept."""
        self.door.closing.clear()
        app = web.Application()
        app.router.add_route("*", "/{anything:.*}", self.door.answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, ssl_context=tls)
        await site.start()
        bound = self._runner.addresses[0][1]
        self.url = f"{'https' if tls else 'http'}://{host}:{bound}"
        return self.url

    async def close(self) -> None:
        """Stop serving; requests that hang are cut off."""
        self.door.closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def calls_of(self, person: str) -> list[PlacedCall]:
        """The calls that a person placed, oldest first."""
        return [call for call in self.calls if call.owner == person]

    # Which story is played

    @property
    def story(self) -> Story:
        """The story of every call that has no other planned."""
        return self._plans.default

    def play(self, story: str | Story) -> None:
        """Let every call that has no other planned play *story*."""
        self._plans.default = _story(story)

    def plan(self, number: str, *stories: str | Story) -> None:
        """Let calls to *number* (E.164) play *stories* in turn; the last one stays."""
        self._plans.plan(number, [_story(one) for one in stories])

    def queue(self, *stories: str | Story) -> None:
        """Let the next calls to numbers without a plan play *stories*, once each."""
        self._plans.queue([_story(one) for one in stories])

    # What the phones do

    @property
    def calls(self) -> list[PlacedCall]:
        """The calls that were placed here, oldest first, without other apps'."""
        return [call for call in self._exchange.calls if not call.decoy]

    @property
    def decoys(self) -> list[PlacedCall]:
        """The calls that another app placed."""
        return [call for call in self._exchange.calls if call.decoy]

    @property
    def open_calls(self) -> list[PlacedCall]:
        """The calls that are not over; `PlacedCall.progress` says how phones are."""
        return [call for call in self.calls if call.progress().stage is not Stage.OVER]

    def call(self, call_id: str) -> PlacedCall:
        """Return the call with this RingOut id; KeyError if there is none."""
        found = self._exchange.find(call_id)
        if found is None:
            raise KeyError(call_id)
        return found

    def press(self, call_id: str, side: Side | str, what: str) -> bool:
        """Do something on a phone: its call's story ends, and this hand goes on.

        Args:
            call_id: The RingOut id.
            side: ``caller`` or ``callee``.
            what: ``answer``, ``reject``, ``hangup``, ``busy``, ``voicemail``, or
                another word of `ringcentral_life.ENDINGS`.

        Returns:
            Whether it had an effect: one that does not ring can't be answered.
        """
        if what not in PRESSES:
            raise ValueError(f"{what!r} is none of {', '.join(sorted(PRESSES))}")
        return self.call(call_id).press(Side(side), what)

    # What is in the log

    def add_record(
        self,
        kind: Past,
        *,
        caller: str,
        callee: str,
        ago: timedelta,
        talk: int = 0,
        result: str = "",
        company: bool = False,
        person: str = SERVICE,
        **more: Any,
    ) -> Json:
        """Put a call of the past into the log; see `CallLog.add_past`."""
        return self.log.add_past(
            kind,
            caller=caller,
            callee=callee,
            ago=ago,
            talk=talk,
            result=result,
            company=company,
            person=person,
            **more,
        )

    # What was seen

    @property
    def requests(self) -> list[Seen]:
        """Every request, in the order in which it came in."""
        return self.door.ledger.requests

    def requests_of(self, method: str, path_contains: str) -> list[Seen]:
        """Return the requests with *method* (empty: any) to such a path."""
        return self.door.ledger.of(method, path_contains)

    @property
    def token_posts(self) -> list[Seen]:
        """The log-ins and refreshes."""
        return self.requests_of("POST", "/oauth/token")

    @property
    def connections(self) -> int:
        """How many TCP connections requests have come over."""
        return self.door.ledger.connections

    @property
    def complaints(self) -> list[str]:
        """What the validator found wrong."""
        return self.door.complaints

    # What goes wrong

    @property
    def faults(self) -> Faults:
        """The faults that wait for their requests."""
        return self.door.faults

    @property
    def limits(self) -> Limits:
        """The rate limits; may be changed at any time."""
        return self._limiters.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limiters.limits = limits

    def forgive(self) -> None:
        """Empty everybody's buckets of all rate groups and end their penalties."""
        self._limiters.forgive()


def _story(story: str | Story) -> Story:
    return find(story) if isinstance(story, str) else story
