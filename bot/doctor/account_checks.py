"""Checks of the RingCentral accounts that people connect themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.accounts.connecting import SIGN_IN_CALLBACK
from bot.accounts.upkeep import needs_warning
from bot.calls.people.names import NameSource
from bot.calls.sessions.permission import CALL_CONTROL, READ_PRESENCE
from bot.doctor.check import Check, CheckFailed, few
from bot.doctor.shared_account_checks import NO_HANG_UP, NO_PRESENCE, ON_REQUEST
from bot.errors import Refused, StoreUnavailable
from bot.ringcentral.sign_in import grant, oauth
from bot.ringcentral.sign_in.tokens import is_final
from bot.ringcentral.transport.network import Network
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Linked
from bot.storage.people.name_books import NameBooks
from bot.vault import Vault

INVALID_CODE, INVALID_JWT = "doctor", "e30.e30.doctor"
"""RingCentral refuses both, but its error tells whether it knows the app, and whether the
app has the grant type. The second one has the three parts of a JWT."""


class PeopleChecks:
    """Signs nobody in and changes nothing."""

    def __init__(self, settings: Settings, network: Network) -> None:
        self._settings = settings
        self._network = network

    def all(self) -> dict[str, Check]:
        """Return the checks by name, in their order."""
        found: dict[str, Check] = {"whose account calls": self._whose}
        if self._settings.lets_connect:
            found["RingCentral app credentials"] = self._app
            if not self._settings.ringout_shared_account:
                found["hanging up"] = self._hanging_up
        return found | {
            "people's sign-ins": self._sign_ins,
            "names": self._names,
        }

    async def _whose(self) -> str:
        settings = self._settings
        shared = settings.ringout_shared_account
        if not settings.lets_connect:
            return "the shared one, for everybody (RINGOUT_SECRET_KEY is not set)"
        others = "the shared one until then" if shared else "nobody without one"
        if not settings.public_url:
            return f"each person's own, connected with a JWT credential; {others}"
        return (
            f"each person's own, connected on RingCentral's sign-in page; {others}. "
            f"{settings.public_url}{SIGN_IN_CALLBACK} must be among the app's redirect URIs"
        )

    async def _app(self) -> str:
        """Ask for a token as people do, with a code or a JWT that is not valid."""
        by_browser = bool(self._settings.public_url)
        try:
            await (self._by_code() if by_browser else self._by_jwt())
        except Refused as error:
            if error.lacks_grant:
                then = grant.SWITCH_ON_CODE if by_browser else grant.SWITCH_ON_JWT
                raise CheckFailed(
                    f"{error}: nobody can connect an account", f"{_capital(then)}."
                ) from None
            if not is_final(error):
                raise CheckFailed(
                    str(error),
                    "Copy RC_APP_CLIENT_ID and RC_APP_CLIENT_SECRET again; they must be "
                    "of an app on this RC_SERVER_URL.",
                ) from None
        return "accepted by RingCentral"

    async def _by_code(self) -> None:
        redirect_uri = f"{self._settings.public_url}{SIGN_IN_CALLBACK}"
        await oauth.by_code(
            self._network,
            INVALID_CODE,
            redirect_uri=redirect_uri,
            verifier=oauth.new_secret(),
            now=_now,
        )

    async def _by_jwt(self) -> None:
        await oauth.by_credential(self._network, INVALID_JWT, now=_now)

    async def _sign_ins(self) -> str:
        store = Store(self._settings.database_url)
        try:
            await store.open()
            vault = Vault(self._settings.ringout_secret_key)
            found = await Connections(store.writer, vault).all()
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        finally:
            store.close()
        locked = sum(1 for _, readable in found if not readable)
        said = counted([linked for linked, _ in found], _now())
        if locked:
            raise CheckFailed(
                f"no key reads {locked} of {len(found)}; {said}",
                "Put the missing key back, behind the first one of RINGOUT_SECRET_KEY, "
                "then run ringout-bot rotate-keys; or those people connect again.",
            )
        return said

    async def _hanging_up(self) -> str:
        """Say whether people's tokens carry the permission. Nothing else depends on it."""
        store = Store(self._settings.database_url)
        try:
            await store.open()
            vault = Vault(self._settings.ringout_secret_key)
            found = await Connections(store.writer, vault).scopes()
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        finally:
            store.close()
        return hanging_up_in_words(found)

    async def _names(self) -> str:
        store = Store(self._settings.database_url)
        try:
            await store.open()
            found = await NameBooks(store.writer).troubles()
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        finally:
            store.close()
        return books_in_words(found)


def books_in_words(books: list[tuple[NameSource, str]]) -> str:
    """Return in words how many address books and directories are read, and why not."""
    said = []
    for source, word in (
        (NameSource.ADDRESS_BOOK, "address books"),
        (NameSource.DIRECTORY, "company directories"),
    ):
        troubles = [trouble for each, trouble in books if each is source]
        lacking = sorted({each for each in troubles if each})
        unread = sum(1 for each in troubles if each)
        why = f" ({unread} not: {few(lacking)}, optional)" if unread else ""
        said.append(f"{len(troubles) - unread} {word}{why}")
    return f"read by calls so far: {', '.join(said)}"


def hanging_up_in_words(granted: list[frozenset[str]]) -> str:
    """Return in words with whose account people can hang up, by each token's permissions.

    A token without a word about permissions tells nothing.
    """
    known = [each for each in granted if each]
    able = [each for each in known if CALL_CONTROL in each]
    if not known:
        needs = f"needs {CALL_CONTROL}: {ON_REQUEST}"
        return f"{needs}. No sign-in tells yet whether the app has it"
    if not able:
        return NO_HANG_UP
    others = len(known) - len(able)
    blind = sum(1 for each in able if READ_PRESENCE not in each)
    rest = f"; the others' sign-ins lack {CALL_CONTROL}" if others else ""
    rest += f"; {blind} of these: {NO_PRESENCE}" if blind else ""
    return f"offered with {len(able)} of {len(known)} accounts{rest}"


def counted(everybody: list[Linked], now: datetime) -> str:
    """Return in words how many sign-ins work, end soon, and are broken."""
    broken = sum(1 for each in everybody if each.broken_at is not None)
    ending = sum(
        1 for each in everybody if each.broken_at is None and needs_warning(each, now)
    )
    return (
        f"{len(everybody) - broken} connected, {ending} of them ending soon; "
        f"{broken} broken, to be connected again"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _now() -> datetime:
    return datetime.now(UTC)
