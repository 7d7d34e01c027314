"""A person's own calls that are going on, for themselves alone: how, and what ends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.calls.call import Call
from bot.slack.texts import card_buttons, parties, words
from bot.slack.texts.text import Block, Message, actions, section, when

NONE_OPEN = "You have no call going on."

MOST_SHOWN = 10
"""Calls, the newest."""


def going_on(calls: Sequence[Call]) -> Message:
    """Say how *calls* are going, each with the button that stops it."""
    text = "Your call:" if len(calls) == 1 else f"Your {len(calls)} open calls:"
    if len(calls) == 1 and not _can_stop(calls):
        text = "Your call, which you end by hanging up your phone:"
    return _listed(text, calls)


def over(listed: Message) -> Message:
    """Put before a list of past calls that no call of the person is going on."""

    def below(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return (section(NONE_OPEN), *blocks)

    return replace(
        listed,
        text=f"{NONE_OPEN} {listed.text}",
        blocks=below(listed.blocks or (section(listed.text),)),
        plainer=tuple(map(below, listed.plainer)),
    )


def which(calls: Sequence[Call], verb: str) -> Message:
    """Ask which of several *calls* is meant by *verb*, such as ``cancel``."""
    text = f"You have {len(calls)} open calls."
    if _can_stop(calls):
        return _listed(f"{text} Which one do you want to {verb}?", calls)
    return _listed(f"{text} To end one, hang up your phone.", calls)


def _can_stop(calls: Sequence[Call]) -> bool:
    return any(card_buttons.stop_button(each) for each in calls)


def blocks(call: Call) -> list[Block]:
    """Return how *call* is going, with whole numbers, and its button."""
    text = _line(call)
    stop = card_buttons.stop_button(call)
    return [section(text), actions(stop)] if stop else [section(text)]


def _listed(text: str, calls: Sequence[Call]) -> Message:
    shown = calls[:MOST_SHOWN]
    rows = [block for call in shown for block in blocks(call)]
    said = "\n".join([text, *(_line(call) for call in shown)])
    return Message(said, (section(text), *rows))


def _line(call: Call) -> str:
    callee = parties.of(call, full=True, private=True).other
    caller, other = words.live(call)
    return f"*{callee}* · since {when(call.asked_at)}\nyou: {caller}; they: {other}"
