"""Missed-call cards: who called, when, and who calls back."""

from __future__ import annotations

from datetime import timedelta

from bot.calls.call import Call
from bot.calls.missed_card import MissedCard
from bot.calls.people.person import Shows
from bot.slack.texts import endings
from bot.slack.texts.parties import of, plain_name
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    context,
    foreign,
    section,
    spoken,
    when,
)
from bot.slack.texts.voicemail import NO_VOICEMAILS, VoicemailTexts

TAKE_MISSED_BUTTON = "take_missed"
CALL_MISSED_BUTTON = "call_missed"
DROP_MISSED_BUTTON = "drop_missed"
RELEASE_MISSED_BUTTON = "release_missed"

TIME = "{time}"
LATE = "This comes late: I couldn't read the call log or post here before."
WITHHELD = "a withheld number"


def missed_card(
    card: MissedCard,
    call: Call | None,
    *,
    full: bool,
    voicemails: VoicemailTexts = NO_VOICEMAILS,
) -> Message:
    """Return a card; *call* is the call back, if there is one. *full* shows whole numbers."""
    said = _title(card, full=full)
    facts = _facts(card, voicemails)
    state = _state(card, call, full=full)
    below = [" · ".join(facts), LATE if card.is_late else "", state]
    blocks: tuple[Block, ...] = (
        section("\n".join([f"📵 *{said}*", *filter(None, below)])),
        *voicemails.blocks(card, full=full),
    )
    if card.is_rest:
        blocks += (context("`/callstatus missed` lists the calls."),)
    buttons = _buttons(card)
    if buttons:
        blocks += (actions(*buttons),)
    text = ". ".join(filter(None, [", ".join([said, *facts]), state]))
    return Message(f"{text}.".replace("..", "."), blocks)


def _title(card: MissedCard, *, full: bool) -> str:
    if card.is_rest:
        calls = "missed call" if card.count == 1 else "missed calls"
        return f"{card.count} more {calls}"
    return f"Missed call from {_who(card, full=full)}"


def _who(card: MissedCard, *, full: bool) -> str:
    """Return the caller: a person reads the number whole that called them."""
    number = WITHHELD
    if card.caller is not None:
        whole = full or card.is_private
        number = card.caller.international if whole else card.caller.tail
    elif card.extension:
        number = f"extension {foreign(card.extension)}"
    elif card.name:
        return plain_name(card.name)
    return f"{plain_name(card.name)} · {number}" if card.name else number


def _facts(card: MissedCard, voicemails: VoicemailTexts) -> list[str]:
    if card.is_rest:
        return [f"from {when(card.first_at)} to {when(card.last_at)}"]
    times = [when(card.last_at)]
    if card.count > 1:
        times = [f"{card.count} times", f"last {when(card.last_at)}"]
    rang = f"rang {spoken(card.rang)}" if card.rang and _is_long(card.rang) else ""
    return [*times, *filter(None, (rang, voicemails.fact(card)))]


def _is_long(rang: timedelta) -> bool:
    return rang >= timedelta(seconds=1)


def _state(card: MissedCard, call: Call | None, *, full: bool) -> str:
    """Return who calls back and what came of it; empty while nobody does."""
    who = f"<@{card.taken_by}>"
    if card.is_over:
        return f"Not needed ({who})" if card.taken_by else "Not needed"
    if not card.taken_by:
        return ""
    if call is None or (call.shows is not Shows.CHANNEL and not card.is_private):
        return f"{who} has it"
    if call.end is None:
        return f"{who} calls back"
    line = endings.line(call, of(call, full=full, private=card.is_private))
    return f"{who} called back. {line.said}"


def _buttons(card: MissedCard) -> list[Block]:
    if card.is_rest or card.is_over:
        return []
    call = button("Call back", CALL_MISSED_BUTTON, card.id, style="primary")
    drop = button("Not needed", DROP_MISSED_BUTTON, card.id)
    can_call = [call] if card.caller is not None and not card.call else []
    if card.taken_by:
        return [*can_call, button("Release", RELEASE_MISSED_BUTTON, card.id), drop]
    take = (
        [] if card.is_private else [button("I'll take it", TAKE_MISSED_BUTTON, card.id)]
    )
    return [*take, *can_call, drop]
