"""The running bot: it makes all parts, hands them to each other, starts and stops them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import replace
from datetime import timedelta
from functools import partial

import aiohttp

from bot.app.administration import Administration
from bot.app.after_calls import AfterCalls, tellers_of
from bot.app.hook import Hook
from bot.app.listener import Listener
from bot.app.missed import MissedCalls
from bot.app.reporting import Reporting
from bot.app.roles import Roles
from bot.app.steps import steps_of
from bot.app.telephone import Telephone
from bot.app.tellers import Tellers
from bot.app.tempo import USUAL_TEMPO, Tempo
from bot.background import Background, Endless
from bot.calls.call import Call
from bot.calls.sessions.session import SessionEvent
from bot.clock import Clock, RealClock
from bot.cluster.member import Member
from bot.follow import closing
from bot.follow.follower import Follower
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.poller import Poller
from bot.follow.pushed import PushedEvents
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.follow.resting import LOOK_SPACING
from bot.follow.waking import CallsDue
from bot.ringcentral.call_log import CallLogApi
from bot.serving.readiness import Readiness
from bot.serving.server import Server
from bot.settings.settings import Settings
from bot.slack.entrances import account, bolt, entrance, messages
from bot.slack.entrances import steps as step_entrance
from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.http import Endpoint
from bot.slack.entrances.seals import Seals
from bot.slack.entrances.services import Services
from bot.slack.entrances.socket import Socket
from bot.slack.posting import web
from bot.slack.posting.board import Board
from bot.slack.posting.homes import Homes
from bot.slack.posting.marks import Marks
from bot.slack.posting.permalinks import Permalinks
from bot.slack.posting.presence import Presence
from bot.slack.posting.response_urls import ResponseUrls
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.views import Views
from bot.slack.texts.contact import Contact
from bot.storage.calls.store import Store
from bot.storage.people.colleagues import whose_number
from bot.storage.people.home_views import HomeViews
from bot.storage.shared.processes import Heartbeat
from bot.switchboard.calls import Switchboard
from bot.switchboard.history import History
from bot.switchboard.own_account import OwnAccount
from bot.switchboard.questions import Questions
from bot.telemetry.measures import Measures
from bot.workspaces.workspaces import Workspaces

log = logging.getLogger(__name__)


class Bot:
    """One running bot: `start`, then `stop`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        *,
        tempo: Tempo = USUAL_TEMPO,
    ) -> None:
        self.settings = settings
        self._tempo = tempo
        self._timing = replace(settings.timing, waits=tempo.waits)
        self._clock = clock or RealClock()
        self._me = secrets.token_hex(8)
        self._background = Background()
        self._closing = asyncio.Event()
        """Set once no more commands are taken."""
        self._sign_in_ended = asyncio.Event()
        """Set when a sign-in at RingCentral has ended; `Upkeep` then looks at once."""
        self._calls_due = CallsDue(self._clock, min(LOOK_SPACING, self._timing.poll))
        self._endless = Endless(self._closing)
        self.failed = self._endless.failed
        """Set once the bot can't go on; whoever started it should then `stop` it."""
        self._measures = Measures()
        self._hook = Hook(settings, self._clock, self._measures)
        self._missed = MissedCalls(settings, self._clock, self._measures, self._hook)
        self._store = self._make_store()
        self._roles = Roles(settings, self._store, self._clock)
        policy = self._roles.policy
        self._after_calls = AfterCalls(settings, self._store, self._clock, policy)
        self._reporting = Reporting(settings, self._store, self._clock, policy)
        self._member = self._make_member()
        self._telephone = self._make_telephone()
        self._session: aiohttp.ClientSession | None = None
        self.door: Endpoint | Socket | None = None
        self._listener = self._make_listener()
        self._readiness = self._make_readiness()
        self.services: Services | None = None
        self._follower: Follower | None = None
        self._pushed: PushedEvents | None = None
        self._board: Board | None = None

    async def start(self) -> None:
        """Sign in, resume open calls, and take Slack's requests.

        If Slack can't be reached it waits; RingCentral is tried again in the background.

        Raises:
            CredentialsRefused: By Slack or RingCentral.
            StoreUnavailable: The database can't be opened.
            OSError: The port is taken.
        """
        settings = self.settings
        self._session = web.session(self._tempo.slack)
        slack = Workspaces(
            settings,
            self._session,
            self._store.writer,
            self._clock,
            self._background,
            self._measures,
            people_left=self._telephone.disconnecting.disconnect_all,
            tell_of=self._member.tell_of,
            ask_within=self._tempo.admit,
        )
        await self._store.open(alone=True)
        await self._member.set_clock()
        self._telephone.people.admit_by(slack.admission.check)
        self._member.hear_by(slack.admission.doubt)
        pages = (slack.add_to, self._telephone.add_to)
        await self._listener.listen(self._readiness, *pages)
        await slack.arrive()
        await self._roles.arrive(slack, self._background, self._tempo)
        await self._member.start()
        if settings.ringout_shared_account:
            await self._telephone.arrive(self._tempo.log_in)
        urls = ResponseUrls(
            self._session, self._clock, settings.slack_api_url, self._measures
        )
        await self._serve(slack, urls)

    async def _serve(self, slack: Workspaces, urls: ResponseUrls) -> None:
        """Make what answers people, start the background tasks, and let requests in."""
        settings = self.settings
        own_account = self._make_own_account()
        admins = self._make_administration()
        homes = self._make_homes(slack, own_account, admins)
        admins.show_by(homes, self._member)
        board = self._make_board(slack.spaces, urls, homes)
        views = Views(slack.spaces)
        self._telephone.people.tell_by(
            board, Marks(slack.spaces, self._clock), homes, views
        )
        follower = self._make_follower(board)
        contact = Contact(settings.ringout_admin_contact)
        adapter = Adapter(
            self._background, urls, board, contact, ack_within=self._tempo.ack
        )
        app = bolt.make(slack.spaces, install_url=slack.install_url, tell=adapter.tell)
        switchboard, store = self._make_switchboard(slack, follower), self._store
        steps = steps_of(settings, slack, store, switchboard, self._clock, self._tempo)
        services = Services(
            switchboard,
            Questions(self._store.writer, self._clock),
            own_account,
            self._telephone.suggesting(self._store),
            views,
            homes,
            slack.profiles,
            Seals(settings.rc_app_client_secret, settings.slack_bot_token),
            slack.admission,
            steps,
            self._after_calls.remarks,
            self._after_calls.reminders(slack, homes),
            self._reporting.reports,
            self._missed.deeds(self._store, switchboard, switchboard.policy),
            Permalinks(slack.spaces, within=self._tempo.link),
            Presence(slack.spaces, within=self._tempo.forms.member),
            *admins.handlers(slack, switchboard),
            contact,
            self._tempo.forms,
        )
        entrance.register(app, services, adapter)
        slack.events(
            account.events(services)
            | messages.events(services, adapter)
            | step_entrance.events(services)
            | self._roles.events(),
            ack_within=self._tempo.ack,
        ).register(app)
        self.services = services
        self._start_tasks(slack, follower, board)
        for name, work in admins.tasks(slack, self._tempo).items():
            self._endless.start(work, name=name)
        if not settings.is_for_any_workspace:
            self._endless.start(steps.run(), name="workflow steps")
        self._background.start(homes.resume(), name="Homes")
        self.door = await self._listener.open(app, slack.spaces)

    def _start_tasks(self, slack: Workspaces, follower: Follower, board: Board) -> None:
        """Start what runs until the bot stops, and the listing of the shared phones."""
        self._endless.start(follower.run(), name="follower")
        self._endless.start(board.pace.run(), name="cards")
        settings = self.settings
        days, audit_days = settings.ringout_retention_days, settings.ringout_audit_days
        works = self._member.tasks(days, audit_days) | self._telephone.tasks()
        works |= self._roles.tasks() | self._hook.tasks(self._store)
        works |= self._after_calls.tasks(self._telephone.accounts, board)
        works |= self._reporting.tasks(slack)
        works |= self._missed.tasks(
            self._store, self._telephone.accounts, slack, self._tempo
        )
        if settings.lets_connect:
            works["leavers"] = self._telephone.leavers(slack).run()
        for name, work in works.items():
            self._endless.start(work, name=name)
        phones = self._telephone.accounts.list_shared_phones()
        self._background.start(phones, name="default phone")

    async def stop(self) -> None:
        """Take no more commands, finish what is quick, leave the rest for the next start."""
        self._closing.set()
        if self._follower is not None:
            if await self._member.hand_over(self._follower.halt()) and self._board:
                self._board.forget()
            await self._follower.stop(self._tempo.finish_steps)
        if self._pushed is not None:
            await self._pushed.stop()
        if self._board is not None:
            await self._board.flush(self._tempo.finish_edits)
        await self._background.settle(self._tempo.finish_answers)
        await self._listener.shut()
        await self._endless.stop()
        await self._telephone.stop()
        if self._session is not None:
            await self._session.close()
        self._telephone.network.close()
        await self._member.leave()
        self._store.close()

    @property
    def server(self) -> Server | None:
        """The HTTP server; None if no port is set."""
        return self._listener.server

    def _make_readiness(self) -> Readiness:
        return Readiness(
            self._store,
            self._measures,
            link=self._listener.link,
            working=self._working,
            budget=self._telephone.accounts.budget_left,
            write_every=self._tempo.write_every,
            write_within=self._tempo.write_within,
        )

    def _working(self) -> bool:
        """Whether commands are taken and all background tasks run."""
        return self._endless.is_running and not self._closing.is_set()

    def _make_store(self) -> Store:
        return Store(
            self.settings.database_url,
            self._me,
            self._measures,
            self._tempo.takeover,
            direct_url=self.settings.database_direct_url,
            on_change=self._calls_due.changed,
            teller=Tellers((self._hook, self._missed, *tellers_of(self.settings))),
            whose_number=whose_number,
        )

    def _make_member(self) -> Member:
        return Member(
            self._store,
            self._clock,
            self._calls_due.set,
            on_heartbeat=self._on_heartbeat,
            unanswered_after=self._tempo.unanswered,
        )

    def _make_telephone(self) -> Telephone:
        return Telephone(
            self.settings,
            self._store.writer,
            self._member,
            self._clock,
            self._background,
            self._measures,
            me=self._me,
            policy=self._roles.policy,
            sign_in_ended=self._sign_in_ended,
            on_event=self._on_event,
            on_gap=self._make_due,
            tempo=self._tempo,
        )

    def _make_listener(self) -> Listener:
        return Listener(
            self.settings,
            self._clock,
            self._measures,
            ping_interval=self._tempo.ping,
            patience=self._tempo.patience,
        )

    def _make_own_account(self) -> OwnAccount:
        return OwnAccount(
            accounts=self._telephone.accounts,
            connections=self._telephone.connections,
            connecting=self._telephone.people.connecting,
            disconnecting=self._telephone.disconnecting,
            store=self._store,
            policy=self._roles.policy,
            client_id=self.settings.rc_app_client_id,
            to_do=self._after_calls.to_do,
            tells_missed=self.settings.ringout_missed.lets_people,
        )

    def _make_administration(self) -> Administration:
        return Administration(
            self.settings,
            self._roles,
            self._store,
            self._clock,
            self._telephone.disconnecting,
            self._telephone.people,
            report=self._readiness.report,
            budget=self._telephone.accounts.budget_left,
        )

    def _make_homes(
        self, slack: Workspaces, own_account: OwnAccount, admins: Administration
    ) -> Homes:
        return Homes(
            slack.spaces,
            own_account.overview,
            HomeViews(self._store.writer),
            self._clock,
            self._background,
            admit=slack.admission.check,
            desk=admins.home.of,
            contact=Contact(self.settings.ringout_admin_contact),
            delay=self._tempo.homes,
        )

    def _make_switchboard(self, slack: Workspaces, follower: Follower) -> Switchboard:
        days = timedelta(days=self.settings.ringout_retention_days)
        return Switchboard(
            store=self._store,
            accounts=self._telephone.accounts,
            policy=self._roles.policy,
            names=self._telephone.names,
            facts=slack.facts,
            history=History(self._call_log, self._store, self._clock, days),
            clock=self._clock,
            me=self._me,
            begin=follower.begin,
            changed=self._changed,
            closing=self._closing,
        )

    def _make_board(self, spaces: Spaces, urls: ResponseUrls, homes: Homes) -> Board:
        self._board = Board(
            spaces,
            self._clock,
            self._background,
            urls,
            full=self.settings.full_numbers,
            timing=self._timing,
            card_gap=self._tempo.card_gap,
            edit_retry=self._tempo.edit_retry,
            edits_per_minute=self._tempo.edits_per_minute,
            holds_calls=self._member.is_fresh,
            on_shown=partial(closing.shown, self._store, self._clock, self._timing),
            homes=homes,
            contact=Contact(self.settings.ringout_admin_contact),
            dispositions=self.settings.ringout_outcomes,
            recordings=self.settings.ringout_recording_url,
        )
        return self._board

    def _make_follower(self, board: Board) -> Follower:
        moves = Moves(
            store=self._store,
            board=board,
            clock=self._clock,
            timing=self._timing,
            me=self._me,
            calls_due=self._calls_due,
        )
        accounts = self._telephone.accounts
        poller = Poller(moves, accounts, self._telephone.flows)
        self._pushed = PushedEvents(moves, poller)
        self._follower = Follower(
            moves,
            Placer(moves, accounts, self._telephone.names),
            poller,
            Recorder(moves, accounts),
            Reporter(moves),
        )
        return self._follower

    def _on_heartbeat(self, beat: Heartbeat) -> None:
        """Share Slack's rate limits with the other processes; drop cards that they took."""
        if self._board is not None:
            self._board.pace.processes = beat.alive
            if beat.declared_dead:
                self._board.forget()

    async def _on_event(self, account: str, event: SessionEvent) -> None:
        """Show what an event says of a call; before calls are followed, drop it."""
        await self._missed.on_event(account, event)
        if self._pushed is not None:
            await self._pushed.on_event(account, event)

    async def _make_due(self, account: str) -> None:
        """Have the status of an account's open calls asked for at once."""
        if await self._store.make_due(account, self._clock.now()):
            self._calls_due.set()

    def _changed(self, call: Call) -> None:
        """Show a change that a click has made, and have the follower look at the call.

        If another process holds the call, it does both: the store has sent it a signal.
        """
        if call.held_by not in ("", self._me):
            return
        if self._board is not None and call.card_ts:
            self._board.show(call)
        self._calls_due.set()

    def _call_log(self, account: str) -> CallLogApi:
        return self._telephone.accounts.telephony(account).call_log
