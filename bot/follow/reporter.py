"""Reports how a call ended: posts one reply, and shows the card's final state.

The reply stands under the card, or in the person's DM if nobody else may read it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from bot.calls.call import Call, State, Why
from bot.calls.telling import UNTRACED, Kind
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.follow import cards
from bot.follow.moves import POST_WITHIN, Moves

log = logging.getLogger(__name__)

PRIVATE_ONLY = {Why.NO_CALLER, Why.NO_CARD}
"""The person was told these privately: no card is posted just to say so."""

RESHOW_AFTER = timedelta(seconds=30)
"""The wait before the final card is shown again, if Slack has not taken it by then."""


class Reporter:
    """Takes the steps of `State.REPORTING` and `State.CLOSING`."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    async def report(self, call: Call) -> None:
        """Post the card and the reply, each once, even if a process dies in between."""
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
            longer = 2.0 ** min(call.tries, 6) / 5
            look = self._moves.timing.waits.look
            await self._moves.later(call, look * max(1.0, longer))
        except ChatRefused as error:
            await self._refused(call, error)
        else:
            if carded is not None:
                self._moves.board.show(carded, last=True)
                await self._moves.later(carded, RESHOW_AFTER)

    async def show_again(self, call: Call) -> None:
        """Show the card's final state again, over an edit that landed late."""
        self._moves.board.show(call, last=True)
        await self._moves.later(call, RESHOW_AFTER)

    async def close(self, call: Call) -> None:
        """Set *call* to done: there is nothing left to post."""
        await self._moves.store.change(
            call.id,
            lambda c: (
                replace(c, state=State.DONE) if c.state is State.REPORTING else None
            ),
            self._moves.clock.now(),
        )

    async def _reply(self, call: Call) -> Call | None:
        """Post the reply, unless Slack already has it."""
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
                # Slack refused it, so the next try need not look for it.
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
        """Tell the person privately where they typed, because their DM takes nothing.

        Stored first, so at most once: such a message cannot be looked for later.
        """
        log.warning(
            "call %s: Slack refuses its result in the DM: %s", call.id, error.error
        )
        told = await self._moves.move(
            call, lambda c: replace(c, reply_ts=UNTRACED, tries=0), "told by a note"
        )
        if told is not None:
            await self._moves.board.tell_result(told)
        return told

    async def _refused(self, call: Call, error: ChatRefused) -> None:
        """Report in the DM instead; if Slack refuses that too, log it and give up."""
        if error.is_operators:
            log.warning(
                "call %s: Slack does not accept the bot's token (%s)",
                call.id,
                error.error,
            )
            await self._moves.later(call, timedelta(seconds=60))
            return
        try:
            direct = await self._moves.board.direct(call.place)
        except ChatBusy as busy:
            await self._moves.later(call, timedelta(seconds=busy.retry_after))
            return
        except ChatUnknown:  # the DM may still take what the channel did not
            await self._moves.later(call, self._moves.timing.waits.look)
            return
        except ChatRefused:
            direct = call.card_channel
        if direct == call.card_channel:
            log.warning(
                "call %s: Slack refuses its result everywhere: %s", call.id, error.error
            )
            await self.close(call)
            return
        now = self._moves.clock.now()
        await self._moves.move(
            call,
            lambda c: replace(
                c,
                card_channel=direct,
                card_ts="",
                card_tried=False,
                reply_tried=False,
                next_at=now,
            ),
            f"told in the DM: {error.error}",
        )
