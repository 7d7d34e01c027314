"""Telling how a call ended: one reply, and the card's last state.

The reply stands under the card, or in the person's DM where nobody else may read it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from bot.calls.call import Call, State, Why
from bot.calls.telling import Kind
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.follow import cards
from bot.follow.moves import LOOK_AFTER, POST_WITHIN, Moves

log = logging.getLogger(__name__)

PRIVATE_ONLY = {Why.NO_CALLER, Why.NO_CARD}
"""These were told privately; there is no card, and none is made for them."""

RESHOW = timedelta(seconds=30)
"""When the final card is handed in again, should it not have been shown by then."""

UNTRACED = "untraced"
"""In the place of a reply's ts: a private note has none."""


class Reporter:
    """Takes the steps of `State.REPORTING` and `State.CLOSING`."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    async def report(self, call: Call) -> None:
        """Post what is owed; each message once, whatever dies when."""
        if call.why in PRIVATE_ONLY and not call.card_ts:
            await self.close(call)
            return
        try:
            carded = await cards.ensure(self._moves, call)
            if carded is not None and carded.owes_reply and not carded.reply_ts:
                carded = await self._reply(carded)
        except ChatBusy as error:
            await self._moves.later(call, timedelta(seconds=error.retry_after))
        except ChatUnknown:
            await self._moves.later(
                call, timedelta(seconds=max(LOOK_AFTER, 2.0 ** min(call.tries, 6)))
            )
        except ChatRefused as error:
            await self._refused(call, error)
        else:
            if carded is not None:
                self._moves.board.show(carded, last=True)
                await self._moves.later(carded, RESHOW)

    async def show_again(self, call: Call) -> None:
        """Show the card's last state over whatever has landed on it since."""
        self._moves.board.show(call, last=True)
        await self._moves.later(call, RESHOW)

    async def close(self, call: Call) -> None:
        """End *call*: everything was told."""
        await self._moves.store.change(
            call.id,
            lambda c: (
                replace(c, state=State.DONE) if c.state is State.REPORTING else None
            ),
            self._moves.clock.now(),
        )

    async def _reply(self, call: Call) -> Call | None:
        """Post the reply, unless it turns out to be there already."""
        channel = call.card_channel
        if call.hides_result:
            channel = await self._moves.board.direct(call.place)
        if call.reply_tried:
            found = await self._moves.board.find(call, Kind.REPLY, channel)
            if found is not None:
                return await self._moves.move(
                    call, lambda c: replace(c, reply_ts=found), "reply found"
                )
        before = self._moves.clock.monotonic() + POST_WITHIN
        tried = await self._moves.move(call, lambda c: replace(c, reply_tried=True))
        if tried is None:
            return None
        try:
            _, ts = await self._moves.board.post(
                tried, Kind.REPLY, channel, before=before
            )
        except ChatRefused as error:
            if error.is_operators or not call.hides_result:
                # It is not under way, so the next start need not wait for it to land.
                before_it = call.reply_tried
                await self._moves.move(
                    tried, lambda c: replace(c, reply_tried=before_it)
                )
                raise
            return await self._whisper(tried, error)
        return await self._moves.move(
            tried, lambda c: replace(c, reply_ts=ts, tries=0, faults=0), "reply posted"
        )

    async def _whisper(self, call: Call, error: ChatRefused) -> Call | None:
        """Tell the person where they typed, unseen by others: their DM takes nothing.

        Once at most, for what is told so leaves no trace to look for.
        """
        log.warning("call %s: the DM takes no result: %s", call.id, error.error)
        told = await self._moves.move(
            call, lambda c: replace(c, reply_ts=UNTRACED, tries=0), "told by a note"
        )
        if told is not None:
            await self._moves.board.confide(told)
        return told

    async def _refused(self, call: Call, error: ChatRefused) -> None:
        """Move what is owed to the DM; if that takes nothing either, say so in the log."""
        if error.is_operators:
            log.warning("call %s: Slack refuses us (%s)", call.id, error.error)
            await self._moves.later(call, timedelta(seconds=60))
            return
        try:
            direct = await self._moves.board.direct(call.place)
        except ChatBusy as busy:
            await self._moves.later(call, timedelta(seconds=busy.retry_after))
            return
        except ChatUnknown:  # it is there, and may take what the channel did not
            await self._moves.later(call, timedelta(seconds=LOOK_AFTER))
            return
        except ChatRefused:
            direct = call.card_channel
        if direct == call.card_channel:
            log.warning("call %s: can't be told: %s", call.id, error.error)
            await self.close(call)
            return
        now = self._moves.clock.now()
        await self._moves.move(
            call,
            lambda c: replace(
                c, card_channel=direct, card_ts="", card_tried=False,
                reply_tried=False, next_at=now,
            ),
            f"told in the DM: {error.error}",
        )  # fmt: skip
