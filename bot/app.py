"""The assembly: the only module that sees Slack, RingCentral and the calls at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine
from functools import partial

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import Background
from bot.calls.call import Call
from bot.calls.phone import PhoneNumber
from bot.clock import Clock, RealClock
from bot.entrance import Entrance
from bot.errors import (
    CredentialsRefused,
    RingCentralError,
)
from bot.follow import closing
from bot.follow.follower import Follower
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.history import History
from bot.measures import Measures
from bot.phones import DefaultPhone, first_of
from bot.policy import policy_of
from bot.readiness import Readiness
from bot.ringcentral.budget import Gate
from bot.ringcentral.client import RingCentral
from bot.server import Server
from bot.settings import Settings
from bot.shared_budget import name_of
from bot.sharing import Sharing
from bot.slack import actions, arrival, bolt, commands, web
from bot.slack.adapter import Adapter
from bot.slack.board import Board
from bot.slack.door import Door
from bot.slack.response_urls import ResponseUrls
from bot.slack.socket import PING_EVERY, Socket
from bot.storage.processes import Beat
from bot.storage.store import Store
from bot.switchboard import Switchboard

log = logging.getLogger(__name__)

STEPS_PATIENCE = 4.0
"""Seconds for the steps under way at a stop; the rest is resumed at the next start."""

CARDS_PATIENCE = 2.0
ANSWERS_PATIENCE = 1.0
"""With the above, well under the 10 s in which a stop must be over."""


def telephony_of(
    settings: Settings,
    gate: Gate | None = None,
    clock: Clock | None = None,
    measures: Measures | None = None,
) -> RingCentral:
    """Return a client that has not logged in yet."""
    return RingCentral(
        settings.rc_server_url,
        settings.rc_app_client_id,
        settings.rc_app_client_secret,
        settings.rc_user_jwt,
        gate=gate,
        now=clock.now if clock else None,
        measures=measures,
    )


class Bot:
    """One running bot: `start`, then `stop`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        *,
        ping_interval: float = PING_EVERY,
    ) -> None:
        self.settings = settings
        self._clock = clock or RealClock()
        self._owner = secrets.token_hex(8)
        self._background = Background()
        self._tasks: list[asyncio.Task[None]] = []
        self._measures = Measures()
        self._store = Store(settings.database_url, self._owner, self._measures)
        account = name_of(
            settings.rc_server_url, settings.rc_app_client_id, settings.rc_user_jwt
        )
        self._sharing = Sharing(
            self._store, self._clock, credential=account, beaten=self._beaten
        )
        self._telephony = telephony_of(
            settings, self._sharing.gate, self._clock, self._measures
        )
        self._session: aiohttp.ClientSession | None = None
        self.door: Door | Socket | None = None
        self._entrance = Entrance(
            settings, self._clock, self._measures, ping_interval=ping_interval
        )
        self._switchboard: Switchboard | None = None
        self._follower: Follower | None = None
        self._board: Board | None = None
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Log in, take up open calls, and listen to Slack.

        Raises:
            CredentialsRefused: By Slack or RingCentral. Merely unreachable, RingCentral
                is left for later, and Slack waited for.
            StoreUnavailable: The database can't be opened.
            OSError: The port is taken.
        """
        settings = self.settings
        self._session = web.session()
        client = web.client(
            settings.slack_bot_token, settings.slack_api_url, self._session,
            self._measures,
        )  # fmt: skip
        await self._store.open(alone=True)
        await self._entrance.listen(self._readiness())
        identity = await arrival.identify(client, self._clock)
        await self._sharing.start()
        await self._log_in()
        urls = ResponseUrls(
            self._session, self._clock, settings.slack_api_url, self._measures
        )
        board = self._make_board(client, urls, identity)
        follower, phones = self._make_follower(board)
        switchboard = Switchboard(
            store=self._store,
            telephony=self._telephony,
            policy=policy_of(settings),
            phones=phones,
            history=History(self._telephony, self._store, self._clock),
            clock=self._clock,
            owner=self._owner,
            begin=follower.begin,
            changed=self._changed,
        )
        app = bolt.make(client, identity)
        adapter = Adapter(self._background, urls, board)
        commands.register(app, switchboard, adapter)
        actions.register(app, switchboard, adapter)
        self._switchboard = switchboard
        self._run(follower.run(), "follower")
        self._run(board.pace.run(), "cards")
        days = settings.ringout_retention_days
        for name, work in self._sharing.tasks(days, self._wake.set).items():
            self._run(work, name)
        self._background.start(self._warm(phones), name="default phone")
        self.door = await self._entrance.open(app, client, identity)

    async def stop(self) -> None:
        """Stop taking commands, finish what is short, leave the rest for the next start."""
        if self._switchboard is not None:
            self._switchboard.closing = True
        if self._follower is not None:
            if await self._sharing.hand_over(self._follower.halt()) and self._board:
                self._board.forget()
            await self._follower.stop(STEPS_PATIENCE)
        if self._board is not None:
            await self._board.pace.flush(CARDS_PATIENCE)
        await self._background.settle(ANSWERS_PATIENCE)
        await self._entrance.shut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        await self._telephony.close()
        await self._sharing.leave()
        self._store.close()

    async def _log_in(self) -> None:
        try:
            await self._telephony.start()
        except RingCentralError as error:
            log.warning("RingCentral can't be reached yet: %s", error)

    @property
    def server(self) -> Server | None:
        """The HTTP server, where there is one."""
        return self._entrance.server

    def _readiness(self) -> Readiness:
        return Readiness(
            self._store,
            self._measures,
            link=self._entrance.link,
            working=self._working,
            budget=self._telephony.budget_left,
        )

    def _working(self) -> bool:
        """Whether commands are taken, and what follows calls and shows cards runs."""
        taking = self._switchboard is not None and not self._switchboard.closing
        return taking and bool(self._tasks) and not any(t.done() for t in self._tasks)

    def _make_board(
        self, client: AsyncWebClient, urls: ResponseUrls, identity: bolt.Identity
    ) -> Board:
        self._board = Board(
            client,
            self._clock,
            self._background,
            urls,
            full=self.settings.full_numbers,
            give_up=self.settings.timing.log_give_up,
            poll=self.settings.timing.poll,
            ahead=identity.ahead,
            fresh=self._sharing.is_fresh,
            shown=partial(closing.shown, self._store, self._clock),
        )
        return self._board

    def _make_follower(self, board: Board) -> tuple[Follower, DefaultPhone]:
        moves = Moves(
            store=self._store,
            board=board,
            clock=self._clock,
            timing=self.settings.timing,
            owner=self._owner,
            wake=asyncio.Event(),
        )
        phones = DefaultPhone(
            self.settings.ringout_from, self._first_phone, self._clock
        )
        self._follower = Follower(
            moves,
            self._telephony,
            Placer(moves, self._telephony, phones),
            Recorder(moves, self._telephony, self._sharing.credentials),
            Reporter(moves),
        )
        self._wake = moves.wake
        return self._follower, phones

    def _beaten(self, beat: Beat) -> None:
        """Share Slack's budget; let go of cards that others have taken over."""
        if self._board is not None:
            self._board.pace.processes = beat.alive
            if beat.lost:
                self._board.forget()
        if beat.freed:
            self._wake.set()

    async def _first_phone(self) -> PhoneNumber | None:
        numbers = await self._telephony.forwarding_numbers()
        return first_of(numbers, self.settings.ringout_region)

    async def _warm(self, phones: DefaultPhone) -> None:
        """Learn the default phone before the first command needs it."""
        with contextlib.suppress(RingCentralError, CredentialsRefused):
            await phones.default()

    def _changed(self, call: Call) -> None:
        """Show what a click has changed, and let the follower see to it.

        Where another process holds the call, that one does both; the store woke it.
        """
        if call.holder not in ("", self._owner):
            return
        if self._board is not None and call.card_ts:
            self._board.show(call)
        self._wake.set()

    def _run(self, work: Coroutine[None, None, None], name: str) -> None:
        """Keep *work* running; if a fault of ours ends it, it starts the log's alarm."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_ended)
        self._tasks.append(task)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("%s has ended", task.get_name(), exc_info=task.exception())
