"""Posts requests in the admins' channel, says there what came of them, tells who asked."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls.call import Place
from bot.clock import Clock
from bot.errors import ChatBusy, ChatError, ChatRefused, ChatUnknown
from bot.policy.admin_request import REQUEST_LASTS, AdminAnswer, AdminRequest
from bot.rounds import Rounds, work_if_due
from bot.slack.posting.marks import Mark, Marks
from bot.slack.texts import asking_admin as texts
from bot.slack.texts.contact import Contact
from bot.storage.policy.admin_requests import (
    REQUEST_LEASE,
    AdminRequests,
    LeasedRequest,
)

log = logging.getLogger(__name__)

LOOK_AT_REQUESTS_WITHIN = 60.0
"""Longest pause in seconds: within it, a dead process's requests are found."""

POST_REQUEST_WITHIN = 40.0
"""Seconds for looking for a message and posting it: less than its lease."""

REQUEST_AGAIN = timedelta(seconds=20)
"""Retry delay where Slack surely posted nothing: it refused, or was not reached."""

TOLD_FOR = timedelta(hours=1)
"""How long to retry telling the person the answer; nobody waits longer."""


class RequestPosts:
    """Messages about requests, in all workspaces; *full*: with whole numbers."""

    def __init__(
        self,
        rows: AdminRequests,
        marks: Marks,
        clock: Clock,
        contact: Contact,
        *,
        full: bool,
    ) -> None:
        self._rows = rows
        self._marks = marks
        self._clock = clock
        self._contact = contact
        self._full = full
        self._rounds = Rounds("asking admins")
        self.wake = self._rounds.wake

    async def run(self) -> None:
        """Send what is due, forever."""
        await self._rounds.run(self.send_due)

    async def send_due(self) -> float:
        """Send what is due; return the seconds until the next look."""
        return await work_if_due(
            self._rows.first_due, self._send_all, self._clock, LOOK_AT_REQUESTS_WITHIN
        )

    async def _send_all(self, now: datetime) -> None:
        for leased in await self._rows.lease_due(now):
            await self._send(leased)

    async def _send(self, leased: LeasedRequest) -> None:
        """Send the next message about a request that this process has leased."""
        now = self._clock.now()
        left = (
            leased.until
            - now
            - (REQUEST_LEASE - timedelta(seconds=POST_REQUEST_WITHIN))
        )
        if left <= timedelta(0):
            return  # those before it took long: another process may be sending it
        before = self._clock.monotonic() + left.total_seconds()
        request = leased.request
        try:
            if request.answer is AdminAnswer.NONE and not request.is_open(now):
                await self._rows.answer(request.id, AdminAnswer.EXPIRED, "", now)
            elif request.answer is AdminAnswer.NONE:
                await self._post(leased, before)
            else:
                await self._settle(leased, before)
        except ChatUnknown:
            return  # it may be there: looked for once the lease is over
        except ChatError as error:
            log.info("request %s: Slack: %s", request.id, type(error).__name__)
            wait = REQUEST_AGAIN
            if isinstance(error, ChatBusy):
                wait = max(timedelta(seconds=error.retry_after), wait)
            is_over = now > request.asked_at + REQUEST_LASTS + TOLD_FOR
            await (
                self._rows.done(leased)
                if is_over
                else self._rows.later(leased, now + wait)
            )

    async def _post(self, leased: LeasedRequest, before: float) -> None:
        """Post a request, unless it is there; have the person told if Slack refuses it."""
        request = await self._where_posted(leased)
        try:
            if not request.ts and await self._rows.will_post(leased):
                message = texts.request(request, full=self._full)
                channel, ts = await self._marks.post(
                    request.place,
                    request.channel,
                    message,
                    _mark("asked", request),
                    before=before,
                )
                request = replace(request, channel=channel, ts=ts)
        except ChatRefused as error:
            if error.is_operators:
                raise
            log.warning("admins can't be asked in their channel: %s", error.error)
            now = self._clock.now()
            await self._rows.answer(request.id, AdminAnswer.UNPOSTED, "", now)
            return
        if request.ts:
            await self._rows.posted(request, request.channel, request.ts)

    async def _settle(self, leased: LeasedRequest, before: float) -> None:
        """Say in the admins' channel what came of a request, and tell the person."""
        request = await self._where_posted(leased)
        if request.ts:
            message = texts.settled(request, full=self._full)
            try:
                await self._marks.edit(
                    request.place, request.channel, request.ts, message, before=before
                )
            except ChatRefused as error:
                if error.is_operators:
                    raise
                log.info("request %s: its message is gone: %s", request.id, error.error)
        await self._tell(leased, before)
        await self._rows.done(leased)

    async def _tell(self, leased: LeasedRequest, before: float) -> None:
        request, mark = leased.request, _mark("told", leased.request)
        place = _dm(request.place)
        if leased.is_tell_tried:
            channel = await self._marks.open_dm(place)
            since = request.answered_at or request.asked_at
            if await self._marks.find(place, channel, mark, since=since) is not None:
                return
        if await self._rows.will_tell(leased):
            message = texts.told(request, self._contact)
            try:
                await self._marks.post(place, place.user, message, mark, before=before)
            except ChatRefused as error:
                if error.is_operators:
                    raise
                log.info("request %s: nobody to tell: %s", request.id, error.error)

    async def _where_posted(self, leased: LeasedRequest) -> AdminRequest:
        """Return the request with its message, if that may be there and was not noted."""
        request = leased.request
        if request.ts or not leased.is_post_tried:
            return request
        mark = _mark("asked", request)
        since = request.asked_at
        ts = await self._marks.find(request.place, request.channel, mark, since=since)
        return replace(request, ts=ts or "")


def _mark(event: str, request: AdminRequest) -> Mark:
    return Mark(f"ringout_request_{event}", "request", request.id)


def _dm(place: Place) -> Place:
    return replace(place, channel="")
