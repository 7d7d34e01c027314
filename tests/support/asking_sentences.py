"""Every sentence about asking an admin, for `sentences`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import NameSource, named
from bot.calls.people.phones import NamedPhones
from bot.policy.admin_request import AdminAnswer, AdminAsked, AdminRequest
from bot.policy.decision import Decision, Objection
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.policy.rules import Rule, Ruling
from bot.slack.texts import asking, asking_admin
from bot.slack.texts.asking import Chosen
from bot.slack.texts.contact import NO_CONTACT
from intents import ANN, NOON

REQUEST = AdminRequest(
    id="r1",
    place=ANN,
    number=PhoneNumber("+33142278186"),
    rules=frozenset({Rule.COUNTRY}),
    words="Calls to France aren't allowed here.",
    wanted=Chosen(
        PhoneNumber("+33142278186"),
        NamedPhones(None, None),
        ANN.person,
        named("Northwind", NameSource.WRITTEN),
    ).dump(),
    asked_at=NOON,
    channel="CADMIN",
)


def all_of(number: PhoneNumber) -> Iterator[Any]:
    """Yield what whoever asks reads, and what the admins do."""
    country = Objection(rule=Rule.COUNTRY, ruling=Ruling.REFUSE, text="GB")
    decision = Decision(Ruling.REFUSE, (country,), openable=(country,))
    wanted = PolicyAsks(decision, number, NOON, ANN.person, "key")
    error = PolicyRefuses(decision, number, ANN.user, wanted)
    yield asking_admin.offer(error, wanted)
    yield asking_admin.offer_form(error)
    for each in AdminAsked:
        yield asking_admin.asked(each, asking.chosen_of(wanted))
        yield asking_admin.asked_in_form(each)
    for answer in AdminAnswer:
        for by in ("", "U0BOB"):
            of = replace(REQUEST, number=number, answer=answer, answered_by=by)
            yield asking_admin.request(of, full=False)
            yield asking_admin.settled(of, full=False)
            yield asking_admin.told(of, NO_CONTACT)
