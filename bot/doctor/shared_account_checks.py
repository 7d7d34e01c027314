"""Checks of the RingCentral account that people share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from bot.calls.numbers.phone import parse
from bot.calls.sessions.permission import CALL_CONTROL, READ_PRESENCE
from bot.calls.voicemail import VoicemailShow
from bot.doctor.check import Check, CheckFailed, few
from bot.errors import CredentialsRefused, Refused, UserError
from bot.ringcentral.client import RingCentral
from bot.ringcentral.contacts import READ_CONTACTS
from bot.ringcentral.messages import READ_MESSAGES
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.sign_in.tokens import ACCOUNT_CODES, LOCKED_CODES
from bot.ringcentral.transport.network import Network
from bot.settings.settings import Settings

NEEDED_PERMISSIONS = ("RingOut", "ReadCallLog", "ReadAccounts")
SKEW_ALLOWED = timedelta(seconds=5)
"""NTP keeps a clock within 1 s. Matching with the call log allows 30 s, and Slack's
signatures 300 s."""


ON_REQUEST = (
    "RingCentral grants it on request, by a support ticket from "
    "developers.ringcentral.com"
)
NO_HANG_UP = f"not {CALL_CONTROL}, so nobody is offered to hang up: {ON_REQUEST}"
NO_PRESENCE = (
    f"not {READ_PRESENCE}, so a call whose session has another id than its RingOut can be "
    "hung up only once RingCentral has pushed an event of it"
)
NO_VOICEMAIL = f"not {READ_MESSAGES}, so cards of missed calls show no voicemail"


def shared_hanging_up_in_words(granted: Collection[str]) -> str:
    """Return in words what the shared account's token lacks for hanging up."""
    if CALL_CONTROL not in granted:
        return NO_HANG_UP
    return "" if READ_PRESENCE in granted else NO_PRESENCE


def shared_voicemails_in_words(granted: Collection[str], show: VoicemailShow) -> str:
    """Return in words what the shared account's token lacks for voicemails, if any are shown."""
    wanted = show is not VoicemailShow.OFF
    return NO_VOICEMAIL if wanted and READ_MESSAGES not in granted else ""


class SharedAccountChecks:
    """The first check signs in; if it fails, the others need not run."""

    def __init__(self, settings: Settings, network: Network) -> None:
        self._settings = settings
        self._telephony = RingCentral(network, by_jwt(settings.rc_user_jwt))

    def all(self) -> dict[str, Check]:
        """Return the checks by name, in their order; none if no account is shared."""
        if not self._settings.ringout_shared_account:
            return {}
        return {
            "RingCentral sign-in": self._sign_in,
            "RingCentral app permissions": self._permissions,
            "RingOut feature": self._feature,
            "phones for from": self._phones,
            "numbers for callerId": self._caller_ids,
            "call log": self._call_log,
            "company directory": self._directory,
            "clock": self._clock,
        }

    async def _sign_in(self) -> str:
        try:
            await self._telephony.start()
        except CredentialsRefused as error:
            raise CheckFailed(str(error), _mend(error)) from None
        user = await self._telephony.account.user()
        return f"extension {user.number or user.id}"

    async def _permissions(self) -> str:
        granted = self._telephony.token_scopes()
        missing = [each for each in NEEDED_PERMISSIONS if each not in granted]
        if missing:
            raise CheckFailed(
                f"missing: {', '.join(missing)}",
                "Add them to the app at developers.ringcentral.com.",
            )
        has = READ_CONTACTS in granted
        optional = READ_CONTACTS if has else f"not {READ_CONTACTS}, which is optional"
        show = self._settings.ringout_voicemail
        lacks = (
            shared_hanging_up_in_words(granted),
            shared_voicemails_in_words(granted, show),
        )
        said = (", ".join(NEEDED_PERMISSIONS), optional, *lacks)
        return "; ".join(filter(None, said))

    async def _feature(self) -> str:
        available, reason = await self._telephony.account.ring_out_available()
        if not available:
            raise CheckFailed(
                f"not available ({reason or 'no reason given'})",
                "Ask a RingCentral administrator to enable RingOut for this user.",
            )
        return "available"

    async def _phones(self) -> str:
        found = [
            f"{self._masked(each.number)} ({each.type})"
            for each in await self._telephony.numbers.forwarding()
            if each.can_ring
        ]
        configured = self._settings.ringout_from
        if configured is not None:
            return f"RINGOUT_FROM {configured.masked}; listed: {few(found) or '-'}"
        if not found:
            raise CheckFailed(
                "none that can ring",
                "Add a forwarding number in RingCentral, or set RINGOUT_FROM.",
            )
        return few(found)

    async def _caller_ids(self) -> str:
        found = [
            self._masked(each.number)
            for each in await self._telephony.numbers.own()
            if "CallerId" in each.features
        ]
        return few(found) or "none; RingCentral shows its main number"

    async def _call_log(self) -> str:
        now = datetime.now(UTC)
        try:
            page = await self._telephony.call_log.newest(
                since=now - timedelta(days=7), until=now, company=False
            )
        except Refused as error:
            raise CheckFailed(
                str(error), "Give the user the permission ReadCallLog."
            ) from None
        ours = sum(1 for each in page.records if each.is_ring_out)
        return f"readable; {len(page.records)} recent calls, {ours} of them RingOuts"

    async def _directory(self) -> str:
        """Say whether names of colleagues can be read. Nothing else depends on that."""
        try:
            found = (await self._telephony.contacts.directory(1)).contacts
        except Refused as error:
            return f"can't be read ({error}); calls do without names of colleagues"
        return f"readable; {len(found)} entries on its first page"

    async def _clock(self) -> str:
        ahead = timedelta(seconds=self._telephony.clock_ahead())
        if abs(ahead) > SKEW_ALLOWED:
            raise CheckFailed(
                f"RingCentral's is {ahead.total_seconds():+.0f} s from ours",
                "Switch on time synchronization (NTP) on this machine.",
            )
        return f"within {SKEW_ALLOWED.seconds} s of RingCentral's"

    def _masked(self, number: str) -> str:
        try:
            return parse(number, region=self._settings.ringout_region).masked
        except UserError:
            return "a number that can't be read"


def _mend(error: CredentialsRefused) -> str:
    """Say what to do about a sign-in that RingCentral refuses."""
    if error.lacks_grant:
        return "The JWT itself may be valid: try again when the app may use it."
    if error.code in LOCKED_CODES:
        return (
            "The sign-in of RC_USER_JWT's user is locked: wait a while, or unlock it in "
            "RingCentral's admin portal."
        )
    if error.code in ACCOUNT_CODES:
        return (
            "Look at the extension of RC_USER_JWT in RingCentral's admin portal: it may "
            "be disabled or deleted, or belong to another realm than RC_SERVER_URL."
        )
    return (
        "Check RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET and RC_USER_JWT: the JWT must be "
        "for this app and this RC_SERVER_URL, and not expired."
    )
