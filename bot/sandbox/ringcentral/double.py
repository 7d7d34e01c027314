"""The double of RingCentral on 127.0.0.1, for the demo and the tests.

It behaves as RingCentral documents and as users have reported; the real SDK works with
it. It makes no call, and its numbers and people are made up.

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
from bot.sandbox.limiters import UserLimiters
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.answers import Json
from bot.sandbox.ringcentral.calls import Exchange, PlacedCall, Plans
from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.contacts import Directory
from bot.sandbox.ringcentral.door import Door, Validator
from bot.sandbox.ringcentral.faults import Faults
from bot.sandbox.ringcentral.gateway import PATH
from bot.sandbox.ringcentral.incoming import IncomingCalls
from bot.sandbox.ringcentral.life import ENDINGS, CallStage, Side
from bot.sandbox.ringcentral.log import CallLog, Past
from bot.sandbox.ringcentral.login import Logins
from bot.sandbox.ringcentral.messages import MessageStore
from bot.sandbox.ringcentral.people import SERVICE, People
from bot.sandbox.ringcentral.person import Person
from bot.sandbox.ringcentral.person_actions import PersonActions
from bot.sandbox.ringcentral.push import Push
from bot.sandbox.ringcentral.ringout import RingOuts
from bot.sandbox.ringcentral.routes import routes
from bot.sandbox.ringcentral.story import Story
from bot.sandbox.ringcentral.telephony import Telephony
from bot.sandbox.stories import find

PRESSES = {"answer", "voicemail", "hangup", "cancel", *ENDINGS}


class RingCentralDouble(PersonActions):
    """The server, and all that a test can look at or change while it runs.

    Story time runs *speed* times as fast as real time; `clock.skip` jumps ahead.

    Attributes:
        logins: Clients, tokens, sessions and scopes.
        service: The service user and their numbers.
        people: All users; see `PersonActions`.
        directory: The company's directory.
        log: The call log.
        messages: Voicemails; the app may read them once it has ``ReadMessages``.
        incoming: Calls that come in.
        telephony: Sessions of calls, what hangs them up, people's other calls, presence.
        ringouts: Allowed countries, when a call can be canceled, the hook `on_placed`.
        push: Subscriptions to events, and the events.
        door: Hooks `on_request` and `on_effect`, user `permissions`, the `validator`.
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
        self.service = Person()
        self.people = People(self.service)
        self.directory = Directory(self.people)
        self.logins = Logins(people=self.people)
        self.url = ""
        self._limiters = UserLimiters(limits or Limits())
        self._exchange = Exchange(self.clock, seed)
        self._plans = Plans(find("answered"))
        self.incoming = IncomingCalls(self.clock, self._exchange, self.people)
        self.log = CallLog(
            clock=self.clock,
            exchange=self._exchange,
            incoming=self.incoming,
            people=self.people,
        )
        self.messages = MessageStore(self.clock, self._exchange, self.people)
        self.ringouts = RingOuts(
            exchange=self._exchange, plans=self._plans, people=self.people
        )
        self.push = Push(
            self.clock,
            self.people,
            self.logins,
            self._exchange,
            self.incoming,
            self.messages,
        )
        self.telephony = Telephony(
            clock=self.clock, exchange=self._exchange, people=self.people
        )
        self.door = Door(
            clock=self.clock,
            limiters=self._limiters,
            logins=self.logins,
            people=self.people,
            routes=routes(
                self.logins,
                self.ringouts,
                self.log,
                self.people,
                self.directory,
                self.push,
                self.telephony,
                self.messages,
            ),
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
        """Listen, and return the URL. State survives `close` and another `start`."""
        self.door.closing.clear()
        app = web.Application()
        app.router.add_get(PATH, self.push.gateway.serve)
        app.router.add_route("*", "/{anything:.*}", self.door.answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, ssl_context=tls)
        await site.start()
        bound = self._runner.addresses[0][1]
        self.url = f"{'https' if tls else 'http'}://{host}:{bound}"
        self.push.open(self.url)
        return self.url

    async def close(self) -> None:
        """Stop listening; cut off requests that hang."""
        self.door.closing.set()
        await self.push.close()
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
        """Return the calls that a person placed, oldest first."""
        return [call for call in self.calls if call.owner == person]

    # Which story is played

    @property
    def story(self) -> Story:
        """The story of calls for which no other is planned."""
        return self._plans.default

    def play(self, story: str | Story) -> None:
        """Set the story of calls for which no other is planned."""
        self._plans.default = _story(story)

    def plan(self, number: str, *stories: str | Story) -> None:
        """Plan *stories* for calls to *number* (E.164), in turn; the last one repeats."""
        self._plans.plan(number, [_story(one) for one in stories])

    def queue(self, *stories: str | Story) -> None:
        """Queue *stories*, once each, for the next calls to numbers without a plan."""
        self._plans.queue([_story(one) for one in stories])

    # What the phones do

    @property
    def calls(self) -> list[PlacedCall]:
        """All calls but those of other apps, oldest first."""
        return [call for call in self._exchange.calls if not call.decoy]

    @property
    def decoys(self) -> list[PlacedCall]:
        """The calls that other apps placed."""
        return [call for call in self._exchange.calls if call.decoy]

    @property
    def open_calls(self) -> list[PlacedCall]:
        """The calls that are not over; `PlacedCall.progress` has their phones' states."""
        return [
            call for call in self.calls if call.progress().stage is not CallStage.OVER
        ]

    def call(self, call_id: str) -> PlacedCall:
        """Return the call with this RingOut id; KeyError if there is none."""
        found = self._exchange.find(call_id)
        if found is None:
            raise KeyError(call_id)
        return found

    def press(self, call_id: str, side: Side | str, what: str) -> bool:
        """Act on a phone. The rest of the call's story is dropped.

        Args:
            call_id: The RingOut id.
            side: ``caller`` or ``callee``.
            what: ``answer``, ``reject``, ``hangup``, ``busy``, ``voicemail``, or
                another key of `life.ENDINGS`.

        Returns:
            Whether it had an effect; a phone that does not ring can't be answered.
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
        """Add a past call to the log; see `CallLog.add_past`."""
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
        """Every request, in the order of arrival."""
        return self.door.ledger.requests

    def requests_of(self, method: str, path_contains: str) -> list[Seen]:
        """Return the requests with *method* (empty: any) whose path contains a text."""
        return self.door.ledger.of(method, path_contains)

    @property
    def token_posts(self) -> list[Seen]:
        """The token requests: sign-ins and refreshes."""
        return self.requests_of("POST", "/oauth/token")

    @property
    def connections(self) -> int:
        """How many TCP connections have carried requests."""
        return self.door.ledger.connections

    @property
    def complaints(self) -> list[str]:
        """All that the validator has found wrong."""
        return self.door.complaints

    # What goes wrong

    @property
    def faults(self) -> Faults:
        """The faults that are set for coming requests."""
        return self.door.faults

    @property
    def limits(self) -> Limits:
        """The rate limits of every user. They may be changed at any time."""
        return self._limiters.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limiters.limits = limits

    def forgive(self) -> None:
        """Reset all request counts and end all penalties, of every user."""
        self._limiters.forgive()


def _story(story: str | Story) -> Story:
    return find(story) if isinstance(story, str) else story
