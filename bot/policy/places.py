"""Who may call, and from which channels."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bot.calls.call import Place
from bot.policy.decision import Objection
from bot.policy.rules import PolicyRules, Rule, Ruling
from bot.policy.wish import Wish


def places(wish: Wish, rules: PolicyRules) -> Iterator[Objection]:
    """Object to people and channels that the rules don't name, guests, and companies.

    Whoever, or whatever, may be one is taken for one.
    """
    place = wish.place
    if rules.users and not is_named(rules.users, place, {place.user, *wish.groups}):
        yield _refusal(Rule.USERS)
    if rules.channels and not is_named(rules.channels, place, {place.channel}):
        yield _refusal(Rule.CHANNELS)
    if wish.is_guest is not False and not rules.guests:
        yield _refusal(Rule.GUESTS)
    if wish.is_shared is not False and not rules.shared_channels:
        yield _refusal(Rule.SHARED_CHANNELS)


def is_named(ids: Collection[str], place: Place, ones: Collection[str]) -> bool:
    """Whether *ids* have one of *ones*, perhaps with its workspace or organization."""
    return any(
        form in ids
        for one in ones
        for form in (one, f"{place.team}:{one}", f"{place.enterprise}:{one}")
    )


def _refusal(rule: Rule) -> Objection:
    return Objection(rule=rule, ruling=Ruling.REFUSE)
