"""Places a call: sends it to RingCentral once, in time, after storing that."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from bot.calls import following
from bot.calls.call import Call, End, Refusal, Why
from bot.calls.sessions.permission import CALL_CONTROL
from bot.calls.telling import Note
from bot.errors import (
    ChatBusy,
    ChatRefused,
    ChatUnknown,
    CredentialsRefused,
    NotSent,
    RateLimited,
    Refused,
    RingCentralError,
    StoreUnavailable,
)
from bot.follow import cards
from bot.follow.moves import Moves
from bot.follow.ports import Accounts, Names, Placed

log = logging.getLogger(__name__)

SEND_DEADLINE = 5.0
"""Seconds from storing ``placing`` to the first byte sent. A process that was paused for
longer must not send: another may have given the call up as lost by then."""

NO_SIGN_IN = 401


class Placer:
    """Takes the steps of `State.REQUESTED` and `State.PLACING`."""

    def __init__(self, moves: Moves, accounts: Accounts, names: Names) -> None:
        self._moves = moves
        self._accounts = accounts
        self._names = names

    async def place(self, call: Call) -> None:
        """Post the card, then place *call* if it may still be placed."""
        if await self._too_late(call):
            return
        ready = await self._with_caller(call)
        if ready is not None:
            ready = await self._with_name(ready)
        if ready is not None:
            ready = await self._with_card(ready)
        if ready is None or await self._too_late(ready) or await self._is_gone(ready):
            return
        if await self._moves.store.is_paused(ready.place):
            await self._not_placed(ready, Why.PAUSED)
            return
        now, timing = self._moves.clock.now(), self._moves.timing
        sending = await self._moves.move(
            ready, lambda c: following.sending(c, now, timing)
        )
        if sending is not None:
            await self._send(sending)

    async def settle(self, call: Call) -> None:
        """Treat a call as lost if no answer was ever stored; it is never sent again."""
        await self._lost(call, "no answer was stored")

    async def _too_late(self, call: Call) -> bool:
        clock = self._moves.clock
        now = clock.now() + clock.lost_since(call.asked_at)
        why = following.may_send(call, self._moves.me, now)
        if why is None:
            return False
        await self._not_placed(call, why)
        return True

    async def _is_gone(self, call: Call) -> bool:
        """End *call* if its account was disconnected meanwhile.

        Another process may have done that, so this one may still have a good token.
        """
        try:
            await self._accounts.check(call.account)
        except CredentialsRefused as error:
            await self._not_placed(call, Why.LOGIN, error.code)
            return True
        return False

    async def _with_caller(self, call: Call) -> Call | None:
        """Return *call* with the phone that rings first, or None if there is none."""
        if call.caller is not None:
            return call
        try:
            choice = await self._accounts.first(call)
        except CredentialsRefused as error:
            await self._not_placed(call, Why.LOGIN, error.code)
            return None
        except RateLimited as error:
            await self._moves.later(call, timedelta(seconds=min(error.retry_after, 5)))
            return None
        except RingCentralError:
            await self._not_placed(call, Why.UNREACHABLE)
            return None
        if choice.caller is None:
            ended = await self._not_placed(call, Why.NO_CALLER)
            if ended is not None:
                await self._moves.board.tell(ended, Note.NO_CALLER)
            return None
        return await self._moves.move(
            call,
            lambda c: replace(
                c,
                caller=choice.caller,
                prompt=choice.prompt,
                caller_id=c.caller_id or choice.caller_id,
            ),
        )

    async def _with_name(self, call: Call) -> Call | None:
        """Return *call* with the other party's name, if one is known."""
        if call.card_tried:
            return call
        found = await self._names.of(call.account, call.callee)
        known = call.callee_name
        name = known.or_better(found) if known else found
        if name == known:
            return call
        return await self._moves.move(call, lambda c: replace(c, callee_name=name))

    async def _with_card(self, call: Call) -> Call | None:
        try:
            return await cards.ensure(self._moves, call)
        except ChatRefused as error:
            log.warning("call %s: no card can be posted: %s", call.id, error)
            ended = await self._not_placed(call, Why.NO_CARD)
            if ended is not None:
                note = Note.NO_TOKEN if error.is_operators else Note.NO_CARD
                await self._moves.board.tell(ended, note)
        except ChatBusy as error:
            wait = timedelta(seconds=error.retry_after)
            # After `SEND_WITHIN` it would not be sent anyway: say so then, not later.
            await self._moves.later(call, min(wait, following.SEND_WITHIN))
        except ChatUnknown:
            await self._moves.later(call, self._moves.timing.waits.look)
        return None

    async def _send(self, call: Call) -> None:
        """Send *call*, which is stored as ``placing``, and store the answer."""
        caller = call.caller
        if caller is None:  # `_with_caller` has set it
            raise ValueError(call.id)
        before = self._moves.clock.monotonic() + SEND_DEADLINE
        try:
            placed = await self._accounts.telephony(call.account).ring_outs.place(
                caller.e164,
                call.callee.e164,
                before=before,
                caller_id=call.caller_id.e164 if call.caller_id else "",
                prompt=call.prompt,
            )
        except RateLimited as error:
            await self._limited(call, error)
        except CredentialsRefused as error:
            await self._not_placed(call, Why.LOGIN, error.code)
        except Refused as error:
            await self._refused(call, error)
        except NotSent:
            await self._not_placed(call, Why.UNREACHABLE)
        except StoreUnavailable:  # only the sign-in reads the database here
            await self._not_placed(call, Why.TROUBLE)
        except RingCentralError as error:
            await self._lost(call, str(error))
        else:
            await self._placed(call, placed)

    async def _placed(self, call: Call, placed: Placed) -> None:
        now = self._moves.clock.now()
        at = placed.at or now
        granted = self._accounts.telephony(call.account).token_scopes()
        await self._moves.insist(
            call,
            lambda c: following.placed(
                c,
                placed.id,
                placed.status,
                at,
                now,
                self._moves.timing,
                is_controllable=CALL_CONTROL in granted,
            ),
            "placed",
        )

    async def _limited(self, call: Call, error: RateLimited) -> None:
        now = self._moves.clock.now()
        wait = timedelta(seconds=max(error.retry_after, 0.05))
        await self._moves.insist(
            call, lambda c: following.limited(c, wait, now), f"limited: {error}"
        )

    async def _refused(self, call: Call, error: Refused) -> None:
        if error.status == NO_SIGN_IN:
            await self._not_placed(call, Why.LOGIN)
            return
        now = self._moves.clock.now()
        refusal = Refusal(
            error.status, error.code, error.parameter, error.feature, error.permission
        )
        log.info("call %s: refused: %s", call.id, error)
        await self._moves.insist(
            call, lambda c: following.refused(c, refusal, now), f"refused: {error}"
        )

    async def _lost(self, call: Call, why: str) -> None:
        now = self._moves.clock.now()
        ahead = timedelta(seconds=self._accounts.telephony(call.account).clock_ahead())
        log.warning("call %s: may have been placed: %s", call.id, why)
        await self._moves.insist(
            call,
            lambda c: following.lost(
                c, (c.sent_at or now) + ahead, now, self._moves.timing
            ),
            f"answer lost: {why}",
        )

    async def _not_placed(self, call: Call, why: Why, code: str = "") -> Call | None:
        """End *call*; *code* is RingCentral's for why it refuses the sign-in."""
        now = self._moves.clock.now()
        log.info("call %s: not placed: %s", call.id, why)
        refusal = Refusal(0, code) if code else None
        return await self._moves.insist(
            call,
            lambda c: replace(
                following.ended(c, End.NOT_PLACED, now, why),
                sent_at=None,
                refusal=refusal,
            ),
            f"not placed: {why} {code}".rstrip(),
        )
