"""Every error that this program raises by itself, and who is told about it.

* BotError
  x UserError            told privately to the person who typed; has values, no words:
                         see `bot.user_errors`, and `bot.calls` for typed numbers
  x NotConnected         they have no RingCentral account to call with: they are asked
                         to connect one
  x BadSettings          printed for the operator at the start; exit code 2
  x DevelopmentDatabase  the database is from before 0.1.0; exit code 2
    - RevisionUnknown      its revision is empty; exit code 2
  x CredentialsRefused   Slack or RingCentral refuses our credentials; exit code 1 at the
                         start, later a warning in the log and a sentence for people
    - Disconnected         a person's own sign-in has ended for good: they have to connect
                           again
  x StoreUnavailable     the database is gone: nothing is acknowledged, nothing dialed
    - StoreTaken           another process has the SQLite file; exit code 1
    - SchemaBehind         it needs `ringout-bot migrate`; exit code 1
    - MayBeStored          the answer to a commit was lost: it may have been stored
  x RowRefused           the database takes no such row: often one like it is there
  x RingCentralError     one for each kind of answer:
    - Refused              4xx: asking again will not help; says why, in codes
      . NotFound             404: RingCentral has no such thing, or no longer has it
    - RateLimited          429: not executed; ``retry_after`` in seconds
    - NotSent              the request never left: nothing has happened
      . SignInOutOfReach     because the sign-in that it needs could not be renewed
    - Unreachable          timeout, reset, 5xx, garbage: it may have been carried out
  x ChatError            the same for Slack's answers:
    - ChatRefused          its error code says why; asking again will not help
    - ChatBusy             not done; ``retry_after`` in seconds: a 429, or
      . ChatOutOfReach       no connection to Slack
    - ChatUnknown          the answer was lost: look before posting again
"""

from __future__ import annotations

import re

_CODE = re.compile(r"\b[A-Z]{3}-\d+\b")


def code_in(text: str) -> str:
    """Return RingCentral's code in a text such as ``400 OAU-147``; empty if none."""
    found = _CODE.search(text)
    return found[0] if found else ""


class BotError(Exception):
    """The root of all errors that this program raises by itself."""


class UserError(BotError):
    """What a person did wrong or can fix, as values: `bot.slack.texts` has the words.

    Its ``str`` and ``repr`` are its name alone, so that a log shows nothing they typed.
    """

    def __str__(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class BadSettings(BotError):
    """Settings are missing or malformed; the message names all of them."""


class CredentialsRefused(BotError):
    """*party* (``Slack`` or ``RingCentral``) does not accept our credentials.

    *lacks_grant*: see `Refused.lacks_grant`.
    """

    def __init__(self, party: str, why: str, *, lacks_grant: bool = False) -> None:
        super().__init__(f"{party} refused the credentials: {why}")
        self.party = party
        self.why = why
        self.lacks_grant = lacks_grant

    @property
    def code(self) -> str:
        """RingCentral's code; empty if it gave none."""
        return code_in(self.why)


class Disconnected(CredentialsRefused):
    """A person's RingCentral sign-in has ended, was revoked, or never existed."""

    def __init__(self, why: str) -> None:
        super().__init__("RingCentral", why)


class NotConnected(BotError):
    """A person has no RingCentral account to call with.

    *again*: they had connected one, and its sign-in has ended. *code* is RingCentral's
    for that, if it gave one.
    """

    def __init__(self, *, again: bool = False, code: str = "") -> None:
        super().__init__("connect again" if again else "connect first")
        self.again = again
        self.code = code


class StoreUnavailable(BotError):
    """The database cannot be reached or written."""


class MayBeStored(StoreUnavailable):
    """The server went away while it was asked to commit: it may have, or not."""


class RowRefused(BotError):
    """A row breaks a rule of its table: often another process has just stored one like it.

    Nothing was changed. It says which rule, and holds no value of the row.
    """


class StoreTaken(StoreUnavailable):
    """Another process uses the SQLite file: two would place and report calls twice."""


class SchemaBehind(StoreUnavailable):
    """The database is older than this program; only ``ringout-bot migrate`` changes it."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"The database is at revision {found or 'none'}, this program needs "
            f"{needed}. Run `ringout-bot migrate`, then start again."
        )


class DevelopmentDatabase(BotError):
    """The database was made before 0.1.0: it can't be upgraded, and is left untouched."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "This database was made by a version before 0.1.0 "
            f"(database revision {found}) and can't be upgraded: export what you need "
            "from it, then set DATABASE_URL to a new database."
        )


class RevisionUnknown(DevelopmentDatabase):
    """The database has tables, but the revision that it stores is empty."""

    def __init__(self) -> None:
        BotError.__init__(
            self,
            "The table alembic_version of this database holds an empty revision, so "
            "what else it needs is not known: restore a backup, or set DATABASE_URL to "
            "a new database.",
        )


class RingCentralError(BotError):
    """The root of all errors of a request to RingCentral."""


class Refused(RingCentralError):
    """RingCentral answered 4xx.

    Attributes:
        status: The HTTP status.
        code: RingCentral's code, ``CMN-101`` and the like; ``errors[0]`` wins over
            the top level, which may be a word (ringcentral developer guide, errors).
        parameter: ``parameterName``, such as ``to.phoneNumber``; empty if none.
        feature: ``feature``, such as ``InternationalCalls``; empty if none.
        permission: ``permissionName``, such as ``RingOut``; empty if none.
        oauth: ``error`` in the answer to a login, such as ``invalid_grant``; empty if none.
    """

    def __init__(
        self,
        status: int,
        code: str = "",
        *,
        parameter: str = "",
        feature: str = "",
        permission: str = "",
        oauth: str = "",
    ) -> None:
        super().__init__(
            f"{status} {code} {parameter or feature or permission}".strip()
        )
        self.status = status
        self.code = code
        self.parameter = parameter
        self.feature = feature
        self.permission = permission
        self.oauth = oauth

    @property
    def lacks_grant(self) -> bool:
        """Whether the app lacks the grant type of this sign-in (RFC 6749, 5.2).

        `bot.ringcentral.sign_in.grant` says what to add to the app.
        """
        return self.oauth == "unauthorized_client"


class NotFound(Refused):
    """404: RingCentral has no such thing, or no longer has it."""


class RateLimited(RingCentralError):
    """429: not executed. A request within ``retry_after`` s restarts the penalty."""

    def __init__(self, retry_after: float, group: str = "") -> None:
        super().__init__(f"{group or 'rate'} limit, wait {retry_after:.0f} s".strip())
        self.retry_after = retry_after
        self.group = group


class NotSent(RingCentralError):
    """The request did not leave this machine: nothing has happened."""


class SignInOutOfReach(NotSent):
    """The request did not leave: RingCentral could not be asked for a token first."""


class Unreachable(RingCentralError):
    """Timeout, reset, 5xx or garbage: the request may have been carried out."""


BAD_TOKEN = {"invalid_auth", "account_inactive", "token_revoked", "not_authed"}
"""Slack's error codes for a token that it does not accept, or no longer."""


class ChatError(BotError):
    """The root of all errors of a request to Slack."""


class ChatRefused(ChatError):
    """Slack refuses the request; *error* is its code, such as ``not_in_channel``."""

    def __init__(self, error: str) -> None:
        super().__init__(f"Slack refused: {error}")
        self.error = error

    @property
    def is_operators(self) -> bool:
        """Whether Slack refuses the token: only the operator can mend that."""
        return self.error in BAD_TOKEN


class ChatBusy(ChatError):
    """429: not executed. Wait ``retry_after`` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Slack's limit, wait {retry_after:.0f} s")
        self.retry_after = retry_after


class ChatOutOfReach(ChatBusy):
    """No connection to Slack could be made, so the request was not sent."""

    def __init__(self, retry_after: float, why: str) -> None:
        super().__init__(retry_after)
        self.args = (f"Slack can't be reached: {why}",)


class ChatUnknown(ChatError):
    """The answer was lost: look for the message before posting it again."""
