"""Posts a call's card once: looks for it before posting again."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.calls.call import Call
from bot.calls.people.person import Shows
from bot.calls.telling import Kind, Note
from bot.errors import ChatRefused
from bot.follow.moves import POST_WITHIN, Moves
from bot.storage.calls.earlier import has_moved_before

log = logging.getLogger(__name__)


async def ensure(moves: Moves, call: Call) -> Call | None:
    """Return *call* with its card posted, or None if something else changed the call.

    The card goes where the command was typed, or to the person's DM if they chose that or
    named no channel.
    If the bot may not post there, the card goes to the DM and the person is told once. The
    intent to post is stored first. If Slack's answer was lost or the process died, the
    card is looked for by its metadata before it is posted again.

    Raises:
        ChatRefused: Slack takes it neither there nor in the DM.
        ChatBusy, ChatUnknown: Try again later; nothing is posted twice.
    """
    if call.card_ts:
        return call
    if call.card_tried:
        ts = await moves.board.find(call, Kind.CARD, call.card_channel)
        if ts is not None:
            return await moves.move(
                call, lambda c: replace(c, card_ts=ts), "card found"
            )
    channel = call.card_channel or await _wanted(moves, call)
    try:
        return await _post(moves, call, channel)
    except ChatRefused as refused:
        direct = await moves.board.direct(call.place)
        if channel == direct:
            raise
        log.info("call %s: card goes to the DM (%s)", call.id, refused.error)
    posted = await _post(moves, call, direct)
    if posted is not None and call.shows is not Shows.DM:
        await _tell_once(moves, posted)
    return posted


async def _tell_once(moves: Moves, call: Call) -> None:
    """Say that the card is in the DM, if that is not known of this place already."""
    if not await has_moved_before(moves.store.writer, call):
        await moves.board.tell(call, Note.MOVED)


async def _wanted(moves: Moves, call: Call) -> str:
    if call.shows is Shows.DM or not call.place.channel:
        return await moves.board.direct(call.place)
    return call.place.channel


async def _post(moves: Moves, call: Call, channel: str) -> Call | None:
    before = moves.clock.monotonic() + POST_WITHIN
    tried = await moves.move(
        call, lambda c: replace(c, card_tried=True, card_channel=channel)
    )
    if tried is None:
        return None
    where, ts = await moves.board.post(tried, Kind.CARD, channel, before=before)
    return await moves.move(
        tried, lambda c: replace(c, card_channel=where, card_ts=ts), "card posted"
    )
