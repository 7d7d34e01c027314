"""Posts and edits what people read about calls: cards, replies, private notes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.background import Background
from bot.calls.aftermath import NO_DISPOSITIONS, Dispositions
from bot.calls.call import Call, Place, State
from bot.calls.telling import UNTRACED, Kind, Note, Shown
from bot.calls.timing import Timing
from bot.clock import Clock
from bot.errors import ChatBusy, ChatError, ChatRefused
from bot.slack.posting.homes import Homes
from bot.slack.posting.marks import Mark, Marks
from bot.slack.posting.pace import (
    CARD_GAP,
    EDIT_RETRY,
    EDIT_WITHIN,
    EDITS_PER_MINUTE,
    Edit,
    Pace,
)
from bot.slack.posting.response_urls import ResponseUrls
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask, named
from bot.slack.texts import answers, card, reply
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.text import Message

log = logging.getLogger(__name__)


class Board:
    """Slack, as `bot.follow.ports` sees it.

    Args:
        full: Whether cards show whole phone numbers.
        timing: How often a call is polled, how long its log was searched.
        card_gap: Seconds between two edits of one card.
        edit_retry: Seconds until an edit is repeated whose answer was lost.
        edits_per_minute: Slack's limit for a workspace, which all processes share.
        holds_calls: Whether this process still holds its calls; see `Pace`.
        on_shown: Called with a call and what its card shows, after each edit.
        homes: Kept up to date with every change of a call.
        contact: Whom people are told to ask.
        dispositions: What people may say of a finished call.
        recordings: What stands before the address of a recording; empty for no links.
    """

    def __init__(
        self,
        spaces: Spaces,
        clock: Clock,
        background: Background,
        urls: ResponseUrls,
        *,
        full: bool,
        timing: Timing,
        card_gap: float = CARD_GAP,
        edit_retry: float = EDIT_RETRY,
        edits_per_minute: int = EDITS_PER_MINUTE,
        holds_calls: Callable[[], bool],
        on_shown: Callable[[Call, Shown], Awaitable[None]],
        homes: Homes | None = None,
        contact: Contact = NO_CONTACT,
        dispositions: Dispositions = NO_DISPOSITIONS,
        recordings: str = "",
    ) -> None:
        self._homes = homes
        self._contact = contact
        self._dispositions = dispositions
        self._recordings = recordings
        self._spaces = spaces
        self._clock = clock
        self._background = background
        self._marks = Marks(spaces, clock)
        self._urls = urls
        self._full = full
        self._give_up = timing.log_give_up
        self._on_shown = on_shown
        # By the call's id: the digest of what its card shows; the call to be shown,
        # and the digest of what then is.
        self._digests: dict[str, str] = {}
        self._calls: dict[str, tuple[Call, str]] = {}
        self._forgot_at = datetime.min.replace(tzinfo=UTC)
        # A card changes as often as its call is polled: a longer gap has no use.
        gap = min(card_gap, timing.poll.total_seconds() * 0.6)
        self.pace = Pace(
            self._edit,
            self._edited,
            clock,
            gap=gap,
            retry=edit_retry,
            per_minute=edits_per_minute,
            in_flight_for=timing.waits.edit_in_flight,
            holds_calls=holds_calls,
        )

    def forget(self) -> None:
        """Forget what the cards show: other processes edit them now."""
        self._forgot_at = self._clock.now()
        self.pace.clear()
        self._digests.clear()
        self._calls.clear()

    async def flush(self, patience: float) -> None:
        """Send the edits and Homes that are due, within *patience* seconds."""
        showing = [self.pace.flush(patience)]
        if self._homes is not None:
            showing.append(self._homes.flush(patience))
        await asyncio.gather(*showing)

    async def post(
        self, call: Call, kind: Kind, channel: str, *, before: float
    ) -> tuple[str, str]:
        """Post the card or the reply of *call*; return its channel and ts.

        A reply is posted in the card's thread, if the card is in that channel. *before*
        and the errors are those of `Marks.post`.
        """
        message = self._message(call, kind)
        posted = await self._marks.post(
            call.place,
            channel,
            message,
            _mark(call, kind),
            before=before,
            thread=_thread(call, kind, channel),
        )
        self._update_home(call)
        if kind is Kind.CARD:
            self._digests[call.id] = message.digest
        return posted

    async def edit_reply(self, call: Call, *, before: float) -> None:
        """Show *call*'s reply anew, if it is a message; see `Marks.edit`."""
        if call.reply_ts in ("", UNTRACED):
            return
        channel = call.card_channel
        if call.hides_result:
            channel = await self.direct(call.place)
        message = self._message(call, Kind.REPLY)
        await self._marks.edit(
            call.place, channel, call.reply_ts, message, before=before
        )

    async def find(self, call: Call, kind: Kind, channel: str) -> str | None:
        """Return the ts of *call*'s card or reply in *channel*; see `Marks.find`."""
        return await self._marks.find(
            call.place,
            channel,
            _mark(call, kind),
            since=call.asked_at,
            thread=_thread(call, kind, channel),
        )

    async def direct(self, place: Place) -> str:
        """Return the channel of the person's direct messages with the app (DM)."""
        return await self._marks.open_dm(place)

    async def tell(self, call: Call, note: Note) -> None:
        """Tell the person something about their call, as `whisper` does."""
        self._update_home(call)
        await self.whisper(call.place, answers.note(call, note, self._contact))

    async def tell_result(self, call: Call) -> None:
        """Tell the person how *call* went, as `whisper` does: a reply can't be posted."""
        await self.whisper(call.place, self._message(call, Kind.REPLY))

    async def whisper(self, place: Place, message: Message) -> None:
        """Tell one person something; never raises.

        The ways, in this order: the response_url of what they typed last, which works
        even where the bot is not a member; an ephemeral message; their DM.
        """
        if await self._urls.post(place, message.bodies()[0]):
            return
        try:
            await self._post_privately(place, message)
        except ChatError as error:
            log.warning("a private note could not be posted: %s", error)

    async def answer(self, place: Place, message: Message, thread: str) -> None:
        """Answer what a person wrote in a message; never raises.

        In a channel they alone see the answer, in the message's *thread* if it is in one.
        In their DM with the app it is a message that stays.
        """
        try:
            if place.is_direct:
                await self._post_in_dm(place, message, thread)
            else:
                await self._post_privately(place, message, thread)
        except ChatError as error:
            log.warning("a private note could not be posted: %s", error)

    async def _post_privately(
        self, place: Place, message: Message, thread: str = ""
    ) -> None:
        if place.channel:
            client = await self._client(place)
            with contextlib.suppress(ChatRefused):
                ephemeral = client.chat_postEphemeral(
                    channel=place.channel,
                    user=place.user,
                    text=message.text,
                    blocks=list(message.blocks) or None,
                    thread_ts=thread or None,
                )
                await ask(ephemeral)
                return
        await self._post_in_dm(place, message)

    async def _post_in_dm(
        self, place: Place, message: Message, thread: str = ""
    ) -> None:
        client = await self._client(place)
        posted = client.chat_postMessage(
            channel=place.user,
            unfurl_links=False,
            unfurl_media=False,
            text=message.text,
            blocks=list(message.blocks) or None,
            thread_ts=thread or None,
        )
        await ask(posted)

    def show(self, call: Call, *, last: bool = False) -> None:
        """Edit *call*'s card if it would look different; *last*: this is its final state.

        After an edit whose answer was lost, the card is edited once more as soon as that
        edit can no longer land on it.
        """
        self._update_home(call)
        if call.state is State.CLOSING and not last:
            return
        if call.hides_result and call.aftermath is not None and last:
            self._show_reply(call)
            return
        message = self._message(call, Kind.CARD)
        known = self._digests.get(call.id) or call.card_shown
        if call.hides_result:
            # The card never changes, not even where an older version had other words:
            # the time of an edit would tell how the call goes.
            known = message.digest
        pace = self.pace
        lost = pace.has_lost_edit(call.id) and not pace.edit_in_flight(call.id)
        again = (lost or call.state is State.CLOSING) and not call.hides_result
        is_over = call.end is not None
        edit = Edit(
            call.id,
            call.place,
            call.card_channel,
            call.card_ts,
            message,
            last or (is_over and pace.wants_last(call.id)),
            again,
            call.terminal_at is not None or is_over,
        )
        if known == message.digest and not again:
            # The card shows it already: report that, if it is the final state.
            if self.pace.drop(call.id) or last:
                self._report(call, replace(edit, last=True))
            return
        self._want(call, edit)

    def _show_reply(self, call: Call) -> None:
        """Edit the reply in the person's DM, which stands for a card that hides all."""
        message = self._message(call, Kind.REPLY)
        edit = Edit(
            call.id, call.place, "", call.reply_ts, message, last=True, again=True
        )
        if call.reply_ts in ("", UNTRACED):  # it is no message that can be edited
            self._report(call, edit)
        else:
            self._want(call, edit)

    def _want(self, call: Call, edit: Edit) -> None:
        self._calls[call.id] = call, edit.message.digest
        self.pace.want(edit)

    def _report(self, call: Call, edit: Edit) -> None:
        """Report an edit that need not be sent."""
        self._calls[call.id] = call, edit.message.digest
        self._background.start(self._edited(edit), name=f"card {call.id}")

    def _update_home(self, call: Call) -> None:
        """Publish the person's Home soon, if they may be looking at it."""
        if self._homes is not None:
            self._homes.changed(call.place.person)

    async def _edit(self, edit: Edit) -> None:
        if self._digests.get(edit.call) == edit.message.digest and not edit.again:
            return  # an equal edit was sent while this one waited
        before = self._clock.monotonic() + EDIT_WITHIN
        client = await self._client(edit.place)
        channel = edit.channel or await self.direct(edit.place)
        if self._clock.monotonic() > before:
            raise ChatBusy(0)
        data = await ask(
            client.chat_update(
                channel=channel,
                ts=edit.ts,
                text=edit.message.text,
                blocks=list(edit.message.blocks),
            )
        )
        named(data, "ts")  # raises if the answer can't be trusted

    async def _edited(self, edit: Edit) -> None:
        """Note what the card shows now, in memory and by `on_shown` in the database."""
        call, wanted = self._calls.get(edit.call, (None, ""))
        lost = self.pace.edit_in_flight(edit.call)
        self._digests[edit.call] = edit.message.digest
        is_last = edit.last and wanted in ("", edit.message.digest)
        if is_last:
            self._digests.pop(edit.call, None)
            self._calls.pop(edit.call, None)
        if call is not None:
            in_flight = lost or call.asked_at <= self._forgot_at
            shown = Shown(edit.message.digest, is_last, in_flight, lost)
            await self._on_shown(call, shown)

    async def _client(self, place: Place) -> AsyncWebClient:
        return await self._spaces.client(place.enterprise, place.team)

    def _message(self, call: Call, kind: Kind) -> Message:
        if kind is Kind.CARD:
            return card.card(
                call,
                full=self._full,
                contact=self._contact,
                dispositions=self._dispositions,
            )
        return reply.reply(
            call,
            full=self._full,
            give_up=self._give_up,
            contact=self._contact,
            dispositions=self._dispositions,
            recordings=self._recordings,
        )


def _thread(call: Call, kind: Kind, channel: str) -> str:
    """Return the ts of the thread for this message; empty if it is in none."""
    under_card = kind is Kind.REPLY and channel == call.card_channel
    return call.card_ts if under_card else ""


def _mark(call: Call, kind: Kind) -> Mark:
    return Mark(kind.value, "call", call.id)
