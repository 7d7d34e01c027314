"""The one reply of a call, after its end: both results, or why they are not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.calls.aftermath import NO_DISPOSITIONS, Dispositions
from bot.calls.call import Call, End
from bot.calls.log.outcome import Outcome
from bot.slack.texts import advice, after, endings, words
from bot.slack.texts.card_buttons import again, finished
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.media_link import media_link
from bot.slack.texts.parties import SideNames, of
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    context,
    numbered,
    section,
    spoken,
    when,
)


def reply(
    call: Call,
    *,
    full: bool,
    give_up: timedelta,
    contact: Contact = NO_CONTACT,
    dispositions: Dispositions = NO_DISPOSITIONS,
    recordings: str = "",
) -> Message:
    """Return the reply.

    If the card hides the result, the reply is alone in a DM, so it names its call, and
    shows and asks what came of it. *give_up*: how long the call log was searched.
    *recordings*: what stands before the address of a recording; empty for no link.
    """
    is_private = call.hides_result or call.is_in_dm
    parties = of(call, full=full, private=is_private, contact=contact)
    told = _told(call, parties, give_up)
    told = replace(
        told,
        blocks=(*told.blocks, *media_link(recordings, call.recording, "Recording")),
    )
    if not parties.is_private:
        return told
    if not call.hides_result:
        return Message(told.text, (*told.blocks, actions(again(call))))
    line = endings.line(call, parties)
    said = after.line(call)
    small = f"<#{call.place.channel}> · {when(call.asked_at)} · {numbered(call.id)}"
    blocks = (
        section("\n".join(filter(None, (line.headline, said)))),
        *told.blocks,
        *after.note_block(call),
        context(small),
        actions(*finished(call, parties, dispositions)),
    )
    return Message(f"{told.text} {after.spoken(call)}".rstrip(), blocks)


def _told(call: Call, parties: SideNames, give_up: timedelta) -> Message:
    if call.end is End.RECORDED and call.outcome is not None:
        return _recorded(call.outcome, parties, is_stopped=call.was_stopped)
    if call.end in {End.NOT_PLACED, End.REFUSED}:
        line = endings.line(call, parties)
        return Message(f"{line.spoken}. {line.more}", (section(line.more),))
    if call.end is End.LOST:
        why = f"{endings.lost(call, give_up)} {endings.CHECK_FIRST}"
        return Message(
            f"Not confirmed: the call to {_spoken(parties.other)}. {why}",
            (section(f"❔ *Not confirmed:* {why}"),),
        )
    return _unconfirmed(call, parties, give_up)


def _unconfirmed(call: Call, parties: SideNames, give_up: timedelta) -> Message:
    why = endings.unknown(call, parties, give_up)
    one, other = words.live(call, who=parties.who)
    lines = (
        f"❔ *Not confirmed:* {why}",
        "Last live status, unconfirmed:",
        f"*Caller:* {one} · {parties.who}",
        f"*Callee:* {other} · {parties.other}",
    )
    text = (
        f"Not confirmed: the call to {_spoken(parties.other)}. {why} Last live status "
        f"(unconfirmed): Caller: {one}, {parties.who}; Callee: {other}, "
        f"{_spoken(parties.other)}."
    )
    return Message(text, (section("\n".join(lines)),))


def _recorded(outcome: Outcome, parties: SideNames, *, is_stopped: bool) -> Message:
    rows = [
        ("Caller", words.told(outcome.caller), parties.who),
        ("Callee", words.told(outcome.callee), parties.other),
    ]
    lines = [f"*{side}:* {said} · {who}" for side, said, who in rows]
    plain = [f"{side}: {said}, {_spoken(who)}" for side, said, who in rows]
    if outcome.talked:
        lines.append(f"*Talk time:* {spoken(outcome.talked)}")
        plain.append(f"Talk time: {spoken(outcome.talked)}")
    blocks: list[Block] = [section("\n".join(lines))]
    said = advice.why(outcome, parties, is_stopped=is_stopped)
    if said:
        blocks.append(section(said))
    blocks.append(context("From RingCentral's call log."))
    text = f"Call to {_spoken(parties.other)}. {'. '.join(plain)}. {said}"
    return Message(text.strip(), tuple(blocks))


def _spoken(other: str) -> str:
    return other.replace(" · ", ", ")
