"""Who calls, with which account and phones, and the operator's settings about that."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences
from bot.calls.people.phones import Choice, Phone, choose, let_ring
from bot.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Caller:
    """A person who calls, with an account and its phones.

    Attributes:
        account: The account's id; `SHARED` for the shared one.
        name: Whose account it is; empty for the shared one.
        chosen: What the person has set.
        default: What rings first with the shared account, by the operator's setting.
        any_phone: Whether any number may ring first, by the operator's setting.
        extension: Its extension number; empty if it is not known.
    """

    account: str
    name: str
    phones: tuple[Phone, ...]
    chosen: Preferences
    default: PhoneNumber | None = None
    any_phone: bool = False
    extension: str = ""

    def choose(
        self,
        from_: str | PhoneNumber | None,
        as_: str | PhoneNumber | None,
        region: str,
    ) -> Choice:
        """Return how to place a call of theirs; see `bot.calls.people.phones.choose`."""
        return choose(
            self.phones,
            self.chosen,
            from_=from_,
            as_=as_,
            region=region,
            default=self.default,
        )

    def with_first_phone(self, number: PhoneNumber) -> Caller:
        """Return a copy whose first phone is *number*, even if it is not among theirs."""
        phones = let_ring(self.phones, [number])
        return replace(
            self, phones=phones, chosen=replace(self.chosen, first=number.e164)
        )


@dataclass(frozen=True, slots=True)
class Operator:
    """The settings about accounts and their phones."""

    jwt: str = field(default="", repr=False)
    is_shared: bool = False
    first: PhoneNumber | None = None
    may_ring: tuple[PhoneNumber, ...] = ()
    any_phone: bool = False
    region: str = "US"

    @classmethod
    def of(cls, settings: Settings) -> Operator:
        """Return these settings."""
        may_ring = settings.ringout_from_numbers
        return cls(
            jwt=settings.rc_user_jwt,
            is_shared=settings.ringout_shared_account,
            first=settings.ringout_from,
            may_ring=may_ring or (),
            any_phone=may_ring is None,
            region=settings.ringout_region,
        )
