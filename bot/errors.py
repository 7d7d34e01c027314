"""Everything that can go wrong, and who hears of it.

* BotError
  x UserError            told privately to the person who typed; has values, no words:
                         see `bot.user_errors`, and `bot.calls` for typed numbers
  x NotConnected         they have no RingCentral account to call by: they are asked to
  x BadSettings          said to the operator at the start; exit code 2
  x DevelopmentDatabase  the database is from before 0.1.0; exit code 2
  x CredentialsRefused   Slack or RingCentral refuses who we are; exit code 1 at the
                         start, later a warning and a sentence for people
    - Disconnected         a person's own sign-in is gone for good: they must connect
                           again, nothing else helps
  x StoreUnavailable     the database is gone: nothing is promised, nothing dialled
    - StoreTaken           another process has the SQLite file; exit code 1
    - SchemaBehind         it needs `ringout-bot migrate`; exit code 1
  x RingCentralError     has a kind of answer each:
    - Refused              4xx: asking again will not help; says why, in codes
      . NotFound             404: RingCentral has no such thing, or no longer
    - RateLimited          429: not executed; ``retry_after`` in seconds
    - NotSent              the request never left: certain that nothing happened
    - Unreachable          timeout, reset, 5xx, garbage: nobody knows what happened
  x ChatError            the same for Slack:
    - ChatRefused          its error word says why; asking again will not help
    - ChatBusy             429: not done; ``retry_after`` in seconds
    - ChatUnknown          the answer was lost: look before posting again
"""

from __future__ import annotations


class BotError(Exception):
    """The root: everything that this program raises by itself."""


class UserError(BotError):
    """What a person did wrong or can mend, as values: `bot.slack.texts` has the words.

    Its ``str`` and ``repr`` are its name alone, so that a log shows nothing they typed.
    """

    def __str__(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class BadSettings(BotError):
    """Settings that are missing or malformed; names all of them at once."""


class CredentialsRefused(BotError):
    """*party* (``Slack`` or ``RingCentral``) does not accept our credentials.

    *lacks_grant*: see `Refused.lacks_grant`.
    """

    def __init__(self, party: str, why: str, *, lacks_grant: bool = False) -> None:
        super().__init__(f"{party} refused the credentials: {why}")
        self.party = party
        self.why = why
        self.lacks_grant = lacks_grant


class Disconnected(CredentialsRefused):
    """A person's RingCentral sign-in has ended, was taken back, or never was there."""

    def __init__(self, why: str) -> None:
        super().__init__("RingCentral", why)


class NotConnected(BotError):
    """A person has no account to call by: they are asked to connect one.

    *again*: they had one, and its sign-in has ended.
    """

    def __init__(self, *, again: bool = False) -> None:
        super().__init__("connect again" if again else "connect first")
        self.again = again


class StoreUnavailable(BotError):
    """The database cannot be reached or written."""


class StoreTaken(StoreUnavailable):
    """Another process uses the SQLite file: two would ring and tell everything twice."""


class SchemaBehind(StoreUnavailable):
    """The database is older than this program, and is not changed without being told."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"The database is at revision {found or 'none'}, this program needs "
            f"{needed}. Run `ringout-bot migrate`, then start again."
        )


class DevelopmentDatabase(BotError):
    """The database was made before 0.1.0: nothing upgrades it, and nothing touches it."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "This database was made by a version before 0.1.0 "
            f"(database revision {found}) and can't be upgraded: export what you need "
            "from it, then set DATABASE_URL to a new database."
        )


class RingCentralError(BotError):
    """The root of what a request to RingCentral can raise."""


class Refused(RingCentralError):
    """RingCentral answered 4xx.

    Attributes:
        status: The HTTP status.
        code: RingCentral's code, ``CMN-101`` and the like; ``errors[0]`` wins over
            the top level, which may be a word (ringcentral developer guide, errors).
        parameter: ``parameterName``, such as ``to.phoneNumber``; empty if none.
        feature: ``feature``, such as ``InternationalCalls``; empty if none.
        permission: ``permissionName``, such as ``RingOut``; empty if none.
        oauth: ``error`` of a log-in's answer, such as ``invalid_grant``; empty if none.
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
        """Whether the app may not sign anybody in this way (RFC 6749, 5.2).

        See `bot.ringcentral.sign_in.grant` for what it has to be given.
        """
        return self.oauth == "unauthorized_client"


class NotFound(Refused):
    """404: RingCentral has no such thing, or no longer."""


class RateLimited(RingCentralError):
    """Not executed. Wait ``retry_after`` seconds: an earlier request starts it anew."""

    def __init__(self, retry_after: float, group: str = "") -> None:
        super().__init__(f"{group or 'rate'} limit, wait {retry_after:.0f} s".strip())
        self.retry_after = retry_after
        self.group = group


class NotSent(RingCentralError):
    """The request did not leave this machine: certain that nothing happened."""


class Unreachable(RingCentralError):
    """Timeout, reset, 5xx or garbage: a request that acts may have acted."""


NO_TOKEN = {"invalid_auth", "account_inactive", "token_revoked", "not_authed"}
"""Slack's words for a token that it takes no more."""


class ChatError(BotError):
    """The root of what posting to Slack can raise."""


class ChatRefused(ChatError):
    """Slack will not do this; *error* is its own word (``not_in_channel`` …)."""

    def __init__(self, error: str) -> None:
        super().__init__(f"Slack refused: {error}")
        self.error = error

    @property
    def is_operators(self) -> bool:
        """Whether the token is no good: only who runs the bot can mend that."""
        return self.error in NO_TOKEN


class ChatBusy(ChatError):
    """429: not done. Wait ``retry_after`` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Slack's limit, wait {retry_after:.0f} s")
        self.retry_after = retry_after


class ChatUnknown(ChatError):
    """The answer was lost: what was posted may be there, so look before posting."""
