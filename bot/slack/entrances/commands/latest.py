"""``/ringout again`` and ``/ringout cancel``: about the calls placed last."""

from __future__ import annotations

from datetime import timedelta

from bot.calls.call import Call
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers, asking, card_buttons
from bot.slack.texts.text import Message

LOOKED_AT_LAST = 20
"""Calls; one that can be canceled is among the newest."""

UNASKED_WITHIN = timedelta(hours=12)
"""``again`` means a call of today; whether an older one is meant is asked."""


async def call_again(request: Request, services: Services) -> Handled:
    """Place the person's last call again; its number is named in the answer."""
    switchboard = services.switchboard
    last = next(iter(await switchboard.latest(request.place, 1)), None)
    if last is None:
        return Handled.say(answers.NO_LAST_CALL)
    if switchboard.age(last) > UNASKED_WITHIN:
        return Handled.say(asking.again(last, request.place.person))
    added = await switchboard.place_again(request.key, request.place, last.id)
    return Handled.say(answers.added(added, most=switchboard.policy.calls_per_minute))


async def cancel(request: Request, services: Services) -> Handled:
    """Stop the person's call, after the ack; with several, ask which."""

    async def later() -> Message:
        found = await services.switchboard.latest(request.place, LOOKED_AT_LAST)
        open_ = [each for each in found if card_buttons.can_cancel(each)]
        if len(open_) > 1:
            return answers.which_to_cancel(open_)
        if open_:
            stopped = await services.switchboard.cancel(request.place, open_[0].id)
            return answers.canceled(stopped)
        return _none(found)

    return Handled(later=later)


def _none(found: list[Call]) -> Message:
    """Return the answer where no call can be canceled."""
    going_on = next((each for each in found if each.may_go_on), None)
    return answers.still_open(going_on) if going_on else answers.NOTHING_TO_CANCEL
