"""The one reply of a call, after its end: both results, or why they are not known."""

from __future__ import annotations

from datetime import timedelta

from bot.calls.call import Call, End, Why
from bot.calls.outcome import Outcome
from bot.slack.texts import advice, card, words
from bot.slack.texts.card import CHECK_FIRST, SIGNED_OUT
from bot.slack.texts.text import (
    Block,
    Message,
    context,
    escape,
    section,
    shown,
    spoken,
    when,
)


def reply(call: Call, *, full: bool, give_up: timedelta) -> Message:
    """Return the reply.

    If the card hides the result, the reply is alone in a DM, so it names its call.
    *give_up*: how long the call log was searched.
    """
    told = _told(call, full=full, give_up=give_up)
    if not call.hides_result:
        return told
    callee = escape(shown(call.callee, full=full))
    headline, _ = card.final(call, callee)
    small = f"<#{call.place.channel}> · {when(call.asked_at)} · call `{call.id}`"
    blocks = (section(f"*{headline}*"), *told.blocks, context(small))
    return Message(told.text, blocks)


def _told(call: Call, *, full: bool, give_up: timedelta) -> Message:
    callee = escape(shown(call.callee, full=full))
    if call.end is End.RECORDED and call.outcome is not None:
        return _recorded(call.outcome, callee)
    if call.end in {End.NOT_PLACED, End.REFUSED}:
        headline, why = card.final(call, callee)
        return Message(f"{headline} {why}", (section(why),))
    one, other = words.live(call)
    limit = spoken(give_up)
    if call.why is Why.LOGIN:
        return _unknown(SIGNED_OUT, callee, one, other)
    why = card.unknown(call)
    if call.end is End.LOST:
        log = f"shows no record of it within {limit}"
        if why:
            log = "could not be read in time"
        text = (
            f"Not confirmed: RingCentral's answer to the call to {callee} was lost, and "
            f"its call log {log}. {CHECK_FIRST}"
        )
        return Message(text, (section(f":grey_question: {text}"),))
    if why:
        return _unknown(why, callee, one, other)
    text = (
        f"Not confirmed: RingCentral's call log has no final record of the call to "
        f"{callee} within {limit}. Last live status (unconfirmed): "
        f"Caller: {one}; Callee: {other}."
    )
    lines = (
        f":grey_question: *Not confirmed:* RingCentral's call log has no final record "
        f"of this call within {limit}.\nLast live status, unconfirmed:\n"
        f"*Caller:* {one}\n*Callee:* {other}"
    )
    return Message(text, (section(lines),))


def _unknown(why: str, callee: str, one: str, other: str) -> Message:
    lines = (
        f":grey_question: *Not confirmed:* {why}\n"
        f"Last live status, unconfirmed:\n*Caller:* {one}\n*Callee:* {other}"
    )
    text = (
        f"Not confirmed: the call to {callee}: {why} Last live status "
        f"(unconfirmed): Caller: {one}; Callee: {other}."
    )
    return Message(text, (section(lines),))


def _recorded(outcome: Outcome, callee: str) -> Message:
    lines = [
        words.side("Caller", outcome.caller),
        words.side("Callee", outcome.callee),
    ]
    plain = [
        words.side("Caller", outcome.caller, bold=False),
        words.side("Callee", outcome.callee, bold=False),
    ]
    if outcome.talked is not None:
        lines.append(f"*Talk time:* {spoken(outcome.talked)}")
        plain.append(f"Talk time: {spoken(outcome.talked)}")
    blocks: list[Block] = [section("\n".join(lines))]
    text = f"Call to {callee}. " + ". ".join(plain) + "."
    said = escape(advice.why(outcome))
    if said:
        blocks.append(section(said))
        text += f" {said}"
    blocks.append(context("From RingCentral's call log."))
    return Message(text, tuple(blocks))
