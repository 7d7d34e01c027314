"""``/ringout again``, ``cancel``, ``hang up``, ``status``: one's last call, and open ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from bot.calls.call import Call, State
from bot.policy.wish import CallEntrance
from bot.slack.entrances.commands import callstatus
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers, asking, card_buttons, open_calls
from bot.slack.texts.text import Message

MOST_GOING_ON = 20
"""Open calls that are looked at: a person has one or two."""

UNASKED_WITHIN = timedelta(hours=12)
"""``again`` means a call of today; whether an older one is meant is asked."""


async def call_again(request: Request, services: Services) -> Handled:
    """Place the person's last call again; its number is named in the answer."""
    switchboard = services.switchboard
    last = next(iter(await switchboard.latest(request.place, 1)), None)
    if last is None or switchboard.age(last) > UNASKED_WITHIN:
        return _ask(request, last)
    added = await switchboard.place_again(
        request.key, request.place, last.id, entrance=CallEntrance.AGAIN
    )
    return Handled.say(answers.added(added, most=switchboard.policy.calls_per_minute))


async def ask_again(request: Request, services: Services) -> Handled:
    """Ask whether to place the person's last call again."""
    latest = await services.switchboard.latest(request.place, 1)
    return _ask(request, next(iter(latest), None))


async def cancel(request: Request, services: Services) -> Handled:
    """Stop the person's one open call while it rings; with several, ask which."""

    async def stop(call: Call) -> Message:
        if not (card_buttons.can_hang_up(call) or card_buttons.can_cancel(call)):
            return answers.still_open(call)
        done = await services.switchboard.stop(request.place, call.id)
        return answers.stopped(done, call.id, typed=True)

    return _with_the_one(request, services, "cancel", stop, answers.NOTHING_TO_CANCEL)


async def hang_up(request: Request, services: Services) -> Handled:
    """End the person's one open call, ringing or talking; with several, ask which."""

    async def end(call: Call) -> Message:
        if call.state is State.RECORDING:
            return answers.unseen(call)
        done = await services.switchboard.hang_up(request.place, call.id)
        return answers.stopped(done, call.id, typed=True)

    return _with_the_one(request, services, "hang up", end, answers.NOTHING_TO_HANG_UP)


def _with_the_one(
    request: Request,
    services: Services,
    verb: str,
    act: Callable[[Call], Awaitable[Message]],
    nothing: Message,
) -> Handled:
    """*act* on the person's open call after the ack, if there is just one."""

    async def later() -> Message:
        open_ = await _open(request, services)
        if len(open_) > 1:
            return open_calls.which(open_, verb)
        return await act(open_[0]) if open_ else nothing

    return Handled(later=later)


async def status(request: Request, services: Services, listed: str) -> Handled:
    """Say how the person's open calls are going, after the ack; without any, list calls.

    *listed* are the filters of a list, as ``/callstatus`` takes them.
    """
    finished = await callstatus.handle(replace(request, text=listed), services)
    if listed:
        return finished

    async def later() -> Message | None:
        open_ = await _open(request, services)
        if open_:
            return open_calls.going_on(open_)
        told = await finished.told()
        return told and open_calls.over(told)

    return Handled(later=later)


def _ask(request: Request, last: Call | None) -> Handled:
    if last is None:
        return Handled.say(answers.NO_LAST_CALL)
    return Handled.say(asking.again(last, request.place.person, request.key))


async def _open(request: Request, services: Services) -> list[Call]:
    found = await services.switchboard.latest(
        request.place, MOST_GOING_ON, open_first=True
    )
    return [each for each in found if each.may_go_on]
