"""The assembly: the only module that sees Slack, RingCentral and the calls at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine
from dataclasses import replace

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import Background
from bot.calls.call import Call, State
from bot.calls.phone import PhoneNumber, parse
from bot.clock import Clock, RealClock
from bot.errors import (
    CredentialsRefused,
    RingCentralError,
    StoreUnavailable,
    UserError,
)
from bot.follow.follower import Follower
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.history import History
from bot.phones import DefaultPhone
from bot.policy import policy_of
from bot.ringcentral.budget import Gate
from bot.ringcentral.client import RingCentral
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
    settings: Settings, gate: Gate | None = None, clock: Clock | None = None
) -> RingCentral:
    """Return a client that has not logged in yet."""
    return RingCentral(
        settings.rc_server_url,
        settings.rc_app_client_id,
        settings.rc_app_client_secret,
        settings.rc_user_jwt,
        gate=gate,
        now=clock.now if clock else None,
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
        self._ping_interval = ping_interval
        self._clock = clock or RealClock()
        self._owner = secrets.token_hex(8)
        self._background = Background()
        self._tasks: list[asyncio.Task[None]] = []
        self._store = Store(settings.database_url, self._owner)
        account = name_of(
            settings.rc_server_url, settings.rc_app_client_id, settings.rc_user_jwt
        )
        self._sharing = Sharing(
            self._store, self._clock, credential=account, beaten=self._beaten
        )
        self._telephony = telephony_of(settings, self._sharing.gate, self._clock)
        self._session: aiohttp.ClientSession | None = None
        self.door: Door | Socket | None = None
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
        """
        self._session = aiohttp.ClientSession()
        client = web.client(
            self.settings.slack_bot_token, self.settings.slack_api_url, self._session
        )
        await self._store.open(alone=True)
        identity = await arrival.identify(client, self._clock)
        await self._sharing.start()
        await self._log_in()
        urls = ResponseUrls(self._session, self._clock, self.settings.slack_api_url)
        board = self._make_board(client, urls, identity)
        follower, phones = self._make_follower(board)
        switchboard = Switchboard(
            store=self._store,
            telephony=self._telephony,
            policy=policy_of(self.settings),
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
        days = self.settings.ringout_retention_days
        for name, work in self._sharing.tasks(days, self._wake.set).items():
            self._run(work, name)
        self._background.start(self._warm(phones), name="default phone")
        self.door = await self._make_door(app, client, identity)
        await self.door.open()

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
        if self.door is not None:
            with contextlib.suppress(Exception):  # nothing may keep a stop from ending
                await asyncio.wait_for(self.door.shut(), timeout=2)
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

    async def _make_door(
        self, app: AsyncApp, client: AsyncWebClient, identity: bolt.Identity
    ) -> Door | Socket:
        settings = self.settings
        if not settings.is_socket_mode:
            return Door(
                app, settings.slack_signing_secret, settings.host, settings.port,
                now=lambda: self._clock.now() + identity.ahead,
            )  # fmt: skip
        socket = Socket(
            app, settings.slack_app_token, ping_interval=self._ping_interval
        )
        socket.client.wss_uri = await arrival.socket_address(
            client, settings.slack_app_token, self._clock
        )
        return socket

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
            shown=self._shown,
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
        """Return the RingCentral user's first number that can ring."""
        for number in await self._telephony.forwarding_numbers():
            if number.can_ring:
                with contextlib.suppress(UserError):
                    return parse(number.number, region=self.settings.ringout_region)
        return None

    async def _warm(self, phones: DefaultPhone) -> None:
        """Learn the default phone before the first command needs it."""
        with contextlib.suppress(RingCentralError, CredentialsRefused):
            await phones.default()

    async def _shown(self, call: Call, digest: str, last: bool) -> None:  # noqa: FBT001
        """Remember what a card shows; the last state closes its call."""

        def decide(stored: Call) -> Call | None:
            done = last and stored.state is State.REPORTING
            state = State.DONE if done else stored.state
            return replace(stored, card_shown=digest, state=state)

        try:
            await self._store.change(call.id, decide, self._clock.now())
        except StoreUnavailable:
            log.warning("call %s: its card's state could not be stored", call.id)

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
