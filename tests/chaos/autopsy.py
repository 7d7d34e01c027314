"""What is known of calls that a storm has lost, for a person to read."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import StoreUnavailable
from bot.sandbox.slack.messages import Message
from bot.storage.calls.store import Store
from sight import Sight, whose
from town import Town


async def stories(town: Town, url: str, numbers: Sequence[str]) -> str:
    """Return what the database and Slack's double know of the calls to *numbers*."""
    sight = Sight(town)
    store = Store(url)
    lines = []
    for number in numbers:
        lines += [f"== {number[-4:]}", *map(str, sight.calls(number))]
        for card in sight.cards(number):
            lines += _of_card(town, card)
            try:
                lines += await _of_call(store, whose(card))
            except StoreUnavailable as error:
                lines.append(f"database: {error}")
    store.close()
    lines += _reads(town)
    return "".join(f"{line}\n" for line in lines)


def _reads(town: Town) -> list[str]:
    """Return when the call log was read, and with what answer."""
    return [
        f"{each.time:.2f} {each.method} {each.path} {each.status} "
        f"answered {each.answered_at:.2f}"
        for each in town.ringcentral.requests
        if "call-log" in each.path
    ]


def _of_card(town: Town, card: Message) -> list[str]:
    """Return a card's versions, and the requests that concerned it."""
    about = (
        f"{called.time:.2f} {called.method} ok {called.ok} status {called.status} "
        f"answered {called.answered} {str(called.args.get('text'))[:120]}"
        for called in town.slack.calls
        if card.ts in (called.args.get("ts"), called.args.get("thread_ts"))
    )
    versions = (f"{each.at:.2f} shown {each.text[:120]}" for each in card.versions)
    return [*versions, *about]


async def _of_call(store: Store, call_id: str) -> list[str]:
    """Return a call's row and history."""
    call = await store.get(call_id)
    history = await store.history(call_id)
    return [str(call), *(f"{each.at} {each.state} {each.note}" for each in history)]
