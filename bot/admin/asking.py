"""Asks admins to allow a call once, and takes their answers; each method checks who acts."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Protocol

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.clock import Clock
from bot.policy.admin_request import (
    AdminAnswer,
    AdminAsked,
    AdminRequest,
    asked_for,
)
from bot.policy.prospect import Prospect
from bot.policy.refusals import PolicyRefuses
from bot.policy.wish import CallEntrance
from bot.policy.workspace import WorkspaceId
from bot.slack.texts import policy_words
from bot.slack.texts.asking import Chosen
from bot.storage.policy.admin_requests import AdminRequests
from bot.switchboard.policy import Policy
from bot.user_errors import (
    GrantOver,
    OutdatedButton,
    OwnRequest,
    RequestAnswered,
    RequestOver,
)

log = logging.getLogger(__name__)


class JudgesCalls(Protocol):
    """Judges a call that is not placed, as `bot.switchboard.calls.Switchboard` does."""

    async def prospect(
        self,
        place: Place,
        to: str | PhoneNumber,
        from_: str | PhoneNumber | None = None,
        as_: str | PhoneNumber | None = None,
        *,
        entrance: CallEntrance,
        own_phone: bool = False,
    ) -> Prospect: ...


class AskingAdmins:
    """Raises `UserError`, and `StoreUnavailable`; *wake* has Slack's messages be sent."""

    def __init__(
        self,
        rows: AdminRequests,
        switchboard: JudgesCalls,
        policy: Policy,
        clock: Clock,
        *,
        wake: Callable[[], None],
    ) -> None:
        self._rows = rows
        self._switchboard = switchboard
        self._policy = policy
        self._clock = clock
        self._wake = wake

    async def ask(self, place: Place, wanted: Chosen) -> AdminAsked:
        """Ask about a call that is refused at this moment; raise why nobody can be asked.

        What is asked for is judged anew: the button comes back through the person's client.
        """
        phones = wanted.phones
        try:
            await self._switchboard.prospect(
                place,
                wanted.to,
                phones.caller,
                phones.caller_id,
                entrance=CallEntrance.BUTTON,
                own_phone=wanted.own_phone,
            )
        except PolicyRefuses as error:
            if error.wanted is None:
                raise
            return await self._store(place, wanted, error)
        return AdminAsked.ALLOWED

    async def _store(
        self, place: Place, wanted: Chosen, error: PolicyRefuses
    ) -> AdminAsked:
        now = self._clock.now()
        openable = error.decision.openable
        words = policy_words.sentences_of(openable, place.user, now)
        new = AdminRequest(
            id=secrets.token_hex(8),
            place=place,
            number=error.number,
            rules=asked_for(error.decision),
            words=" ".join(words),
            wanted=wanted.dump(),
            asked_at=now,
            channel=self._policy.admin_channel(place),
        )
        came_of = await self._rows.add(new)
        if came_of is AdminAsked.NEW:
            log.info("request %s: %s asks an admin", new.id, place.user)
            self._wake()
        return came_of

    async def answer(self, place: Place, request_id: str, answer: AdminAnswer) -> None:
        """Answer a request of the admin's workspace that is not their own, first and in time."""
        self._policy.check_desk(place)
        found = await self._rows.get(request_id)
        if found is None or WorkspaceId.of(found.place) != WorkspaceId.of(place):
            raise RequestOver
        if found.place.user == place.user:
            raise OwnRequest
        now = self._clock.now()
        if not await self._rows.answer(request_id, answer, place.user, now):
            await self._raise_why(request_id)
        log.info("request %s: %s by %s", request_id, answer, place.user)
        self._wake()

    async def _raise_why(self, request_id: str) -> None:
        found = await self._rows.get(request_id)
        answers = (AdminAnswer.APPROVED, AdminAnswer.DECLINED)
        if found is None or found.answer not in answers:
            raise RequestOver
        is_approved = found.answer is AdminAnswer.APPROVED
        raise RequestAnswered(found.answered_by, is_approved)

    async def granted(self, place: Place, request_id: str) -> AdminRequest:
        """Return a request of this person's that was approved, also one that was used.

        Raises `GrantOver` if it opens nothing any more, and no call was placed by it.
        """
        found = await self._rows.get(request_id)
        if found is None or not found.place.person.is_also(place.person):
            raise OutdatedButton
        if found.used_at is None and not found.is_good(self._clock.now()):
            raise GrantOver
        return found
