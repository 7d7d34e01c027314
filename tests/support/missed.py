"""Missed calls without RingCentral: a log that a test writes, and processes that tell of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from bolt_bot import a_slack
from bot.calls.call import Call, Place
from bot.calls.log.leg import Leg, Party, Record
from bot.calls.missed_card import MissedCard
from bot.calls.missed_places import MissedPlaces
from bot.calls.voicemail import Voicemail, VoicemailShow
from bot.errors import BotError
from bot.missed.deeds import MissedDeeds
from bot.missed.posting import MissedPosting
from bot.missed.syncing import MissedSyncing
from bot.missed.voicemails import VoicemailReading
from bot.ringcentral.call_log_sync import LogChanges
from bot.ringcentral.messages import VoicemailChanges
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.messages import Message
from bot.slack.posting import web
from bot.slack.posting.marks import Marks
from bot.slack.posting.spaces import OneSpace
from bot.slack.texts.voicemail import VoicemailTexts
from bot.storage.calls.store import Store
from bot.storage.hooks.missed_outbox import add_missed
from bot.storage.missed.cards import MissedCards
from bot.storage.missed.syncs import MissedSyncs
from bot.storage.missed.voicemails import VoicemailSyncs
from bot.storage.people.missed_wishes import MissedWishes
from bot.switchboard.policy import Policy
from fakes import FakeClock
from intents import add_call

BO = "+14155550142"
LISTEN = "https://listen.example/?media="
EVERY = timedelta(minutes=3)
KEPT = timedelta(days=90)
SHARED_KEY = "shared-key"
SINCE = timedelta(minutes=2)
"""How long ago it was switched on when a test begins."""


def a_record(name: str, at: datetime, **changes: Any) -> Record:
    """Return the record of a call that came in from Bo and was missed."""
    values: dict[str, Any] = {
        "id": f"r-{name}",
        "started_at": at,
        "session_id": f"s-{name}",
        "telephony_session_id": f"t-{name}",
        "duration": timedelta(seconds=22),
        "direction": "Inbound",
        "action": "Phone Call",
        "result": "Missed",
        "caller": Party(BO, name="Bo Example"),
        "callee": Party("+16505550100", extension="101"),
        "finished": True,
    }
    return Record(**(values | changes))


def a_leg(result: str, seconds: float = 0, **changes: Any) -> Leg:
    """Return a leg of a call that came in."""
    length = timedelta(seconds=seconds)
    return Leg(leg_type="Accept", result=result, duration=length, **changes)


@dataclass
class WrittenLog:
    """RingCentral's log of one account: records with the moment at which they appeared.

    Its tokens are numbers of records; *stale* makes it forget them. It returns no more
    than a *page* at once; *left* is what it would return next.
    """

    records: list[Record] = field(default_factory=list)
    stale: bool = False
    trouble: BotError | None = None
    asked: list[str] = field(default_factory=list)
    page: int = 250
    left: list[Record] = field(default_factory=list)

    async def missed_since(self, since: datetime) -> LogChanges:
        """Return the newest since a moment."""
        self._ask("all")
        found = [each for each in self.records if each.started_at >= since]
        found.sort(key=lambda each: (each.started_at, each.id), reverse=True)
        return self._changes(found[: self.page], found[self.page :])

    async def missed_after(
        self, token: str, *, older: bool = False
    ) -> LogChanges | None:
        """Return what was added since; with *older* also a page of what is older."""
        self._ask("older" if older else "new")
        if self.stale:
            return None
        new = self.records[int(token) :]
        if not older:
            return LogChanges(tuple(new), str(len(self.records)))
        shown, left = self.left[: self.page], self.left[self.page :]
        return self._changes([*new, *shown], left)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.trouble is not None:
            raise self.trouble

    def _changes(self, shown: Iterable[Record], left: list[Record]) -> LogChanges:
        self.stale, self.left = False, left
        return LogChanges(tuple(shown), str(len(self.records)), bool(left))


@dataclass
class WrittenVoicemails:
    """RingCentral's message store of one account, written by a test.

    Its tokens are numbers of changes; *stale* makes it forget them. *said* is what each
    voicemail's transcription says, by its id.
    """

    changes: list[Voicemail] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    stale: bool = False
    trouble: BotError | None = None
    asked: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    unheard: BotError | None = None

    async def voicemails_since(self, since: datetime) -> VoicemailChanges:
        """Return all since a moment."""
        self._ask("all")
        found = {each.id: each for each in self.changes if each.at >= since}
        return VoicemailChanges(tuple(found.values()), str(len(self.changes)))

    async def voicemails_after(self, token: str) -> VoicemailChanges | None:
        """Return what has changed since."""
        self._ask("new")
        if self.stale:
            self.stale = False
            return None
        new = self.changes[int(token) :]
        return VoicemailChanges(tuple(new), str(len(self.changes)))

    async def transcription(self, voicemail: Voicemail) -> str:
        """Return what was said."""
        self.heard.append(voicemail.id)
        if self.unheard is not None:
            raise self.unheard
        return self.said[voicemail.id]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.trouble is not None:
            raise self.trouble


@dataclass
class Switches:
    """Places calls: keeps what it was asked, or raises what a test has set."""

    store: Store
    asked: list[tuple[str, Place, dict[str, Any]]] = field(default_factory=list)
    call: Call | None = None
    refusal: BotError | None = None

    async def note_refusal(self, place: Place, entrance: Any, error: Any) -> None:
        """Keep nothing: there is no audit here."""

    async def place(self, key: str, place: Place, to: Any, **more: Any) -> Any:
        """Store the call, as the switchboard does."""
        self.asked.append((key, place, {"to": to, **more}))
        if self.refusal is not None:
            raise self.refusal
        assert self.call is not None
        return await add_call(self.store, self.call, most=99, again=True)


@dataclass
class MissedDesk:
    """One bot that tells of missed calls, with Slack's double and a clock that tests move."""

    slack: SlackDouble
    store: Store
    clock: FakeClock
    marks: Marks
    log: WrittenLog
    logs: dict[str, WrittenLog]
    switches: Switches
    refusal: BotError | None = None
    counted: int = 0
    events: bool = False
    """Whether another system is told, too."""
    voicemails: WrittenVoicemails = field(default_factory=WrittenVoicemails)
    scopes: frozenset[str] = frozenset()
    """The permissions in the access token; empty: it does not say."""
    posting: MissedPosting = field(init=False)
    syncing: MissedSyncing = field(init=False)
    deeds: MissedDeeds = field(init=False)
    cards: MissedCards = field(init=False)

    def open(
        self, places: MissedPlaces, show: VoicemailShow = VoicemailShow.OFF
    ) -> None:
        """Make the parts of a process; what an earlier one had in memory is gone."""
        syncs = VoicemailSyncs(self.store.writer)
        reading = VoicemailReading(syncs, self.clock, show, "US")
        self.cards = MissedCards(self.store.writer)
        self.posting = MissedPosting(
            self.cards,
            self.store.get,
            self.marks,
            self.clock,
            admit=self._admit,
            full=False,
            voicemails=VoicemailTexts(show, LISTEN),
        )
        accounts: Any = SimpleNamespace(
            clients=SimpleNamespace(key=lambda _: SHARED_KEY), telephony=self._telephony
        )
        self.syncing = MissedSyncing(
            MissedSyncs(self.store.writer),
            MissedWishes(self.store.writer),
            accounts,
            self.clock,
            places,
            region="US",
            kept_for=KEPT,
            workspace=self._workspace,
            tell=self._tell,
            told=lambda: None,
            count=self._count,
            voicemails=None if show is VoicemailShow.OFF else reading,
            every=EVERY,
        )
        self.deeds = MissedDeeds(
            self.cards, self.switches, Policy(), self.clock, changed=lambda: None
        )

    def place(self, name: str = "ann", channel: str = "sales") -> Place:
        """Return where somebody presses a button."""
        here = self.slack.workspace
        return Place(here.team, self.slack.channel(channel).id, here.user(name).id)

    def missed(self, name: str, ago: float = 30, **changes: Any) -> Record:
        """Write a missed call of *ago* seconds ago into the log."""
        at = self.clock.now() - timedelta(seconds=ago)
        record = a_record(name, at, **changes)
        self.log.records.append(record)
        return record

    def voicemail(self, name: str, ago: float = 10, **changes: Any) -> Voicemail:
        """Leave Bo's voicemail of 42 seconds, *ago* seconds ago, or change one."""
        values: dict[str, Any] = {
            "at": self.clock.now() - timedelta(seconds=ago),
            "by": Party(BO),
            "length": timedelta(seconds=42),
            "address": f"https://media.ringcentral.com/voicemail/{name}",
        }
        found = Voicemail(id=name, **(values | changes))
        self.voicemails.changes.append(found)
        return found

    async def later(self, **wait: float) -> None:
        """Let time pass, then read the log and tell what is new."""
        self.clock.pass_by(timedelta(**(wait or {"minutes": 3})).total_seconds())
        await self.syncing.look()
        await self.show()

    async def show(self) -> None:
        """Post and edit all that is due."""
        while True:
            first = await self.cards.first_due()
            if first is None or first > self.clock.now():
                return
            await self.posting.post_due()

    def told(self, channel: str = "sales") -> list[Message]:
        """Return the cards in a channel."""
        return self.slack.messages(channel)

    async def _workspace(self, _name: str) -> tuple[str, str]:
        return "", self.slack.workspace.team

    def _telephony(self, account: str) -> Any:
        async def user() -> Any:
            return SimpleNamespace(number="101")

        return SimpleNamespace(
            call_log_sync=self.logs[account],
            clock_ahead=lambda: 0.0,
            token_scopes=lambda: self.scopes,
            messages=self.voicemails,
            account=SimpleNamespace(user=user),
        )

    async def _admit(self, _place: Place) -> None:
        if self.refusal is not None:
            raise self.refusal

    def _tell(self, connection: Connection, card_id: str, now: datetime) -> None:
        if self.events:
            add_missed(connection, card_id, now)

    def _count(self, number: int) -> None:
        self.counted += number


@asynccontextmanager
async def a_desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Run a bot that tells the channel ``sales`` of missed calls, from now on."""
    async with a_slack() as slack, web.session() as session:
        clock, log = FakeClock(), WrittenLog()
        spaces = OneSpace(web.client(slack.bot_token, slack.api_url, session))
        desk = MissedDesk(
            slack,
            store,
            clock,
            Marks(spaces, clock),
            log,
            {"": log},
            Switches(store),
        )
        desk.open(MissedPlaces({"101": slack.channel("sales").id}))
        await desk.syncing.look()
        clock.pass_by(SINCE.total_seconds())
        yield desk


async def the_card(desk: MissedDesk) -> MissedCard:
    """Return the one card, as it is stored."""
    [message] = desk.told()
    found = await desk.cards.get(message.blocks[-1]["elements"][0]["value"])
    assert found is not None
    return found


def shown(desk: MissedDesk) -> Message:
    """Return the card as people see it."""
    [card] = desk.told()
    return card


def labels(card: Message) -> list[str]:
    """Return the labels of its buttons."""
    rows = [each for each in card.blocks if each["type"] == "actions"]
    return [each["text"]["text"] for row in rows for each in row["elements"]]
