"""What admins type into the forms of their desk."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.tariff import Tariff
from bot.policy import written
from bot.policy.rule_fields import (
    RULE_FIELDS,
    FieldFlaw,
    changed_fields,
    narrowest,
    read_fields,
)
from bot.policy.rules import Askable, CallCap, PolicyRules, QuietHours, Ruling
from policy_rules import RULES

OUTER = PolicyRules(
    countries=frozenset({"US", "GB"}),
    number_types=frozenset({Tariff.SHARED_COST}),
    quiet_hours=QuietHours(time(22), time(6)),
    calls_per_day=CallCap(40, 400),
    first_time=Ruling.ASK,
    askable=frozenset({Askable.CAP}),
    guests=False,
)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("countries", "gb", frozenset({"GB"})),
        ("number_types", "", frozenset()),
        ("first_time", "refuse", Ruling.REFUSE),
        ("throttle", "1/2m!,2/2h", written.throttle("1/2m!,2/2h")),
        ("quiet_hours", "21:00-08:00", QuietHours(time(21), time(8))),
        ("calls_per_minute", "3", 3),
        ("calls_at_once", "2,20", CallCap(2, 20)),
        ("calls_per_day", "40,300", CallCap(40, 300)),
        ("minutes_per_month", "", CallCap()),
        ("shared_channels", "off", False),
        ("users", "u1, T1:U2", frozenset({"U1", "T1:U2"})),
        ("channels", "C1 G2", frozenset({"C1", "G2"})),
        ("askable", "", frozenset()),
    ],
)
def test_a_narrower_value_is_taken(name: str, text: str, value: object) -> None:
    """The desk is there to narrow what the operator allows."""
    rules, wrong = read_fields({name: text}, OUTER, OUTER)

    assert wrong == {}
    assert getattr(rules, name) == value


@pytest.mark.parametrize(
    ("name", "text", "flaw"),
    [
        ("countries", "US, FR", FieldFlaw.TOO_WIDE),
        ("countries", "*", FieldFlaw.TOO_WIDE),
        ("countries", "Britain", FieldFlaw.UNREADABLE),
        ("countries", "", FieldFlaw.UNREADABLE),
        ("number_types", "personal", FieldFlaw.TOO_WIDE),
        ("number_types", "premium", FieldFlaw.TOO_WIDE),
        ("first_time", "allow", FieldFlaw.TOO_WIDE),
        ("throttle", "off", FieldFlaw.TOO_WIDE),
        ("throttle", "2/60s,3/15m,7/1h", FieldFlaw.TOO_WIDE),
        ("throttle", "often", FieldFlaw.UNREADABLE),
        ("quiet_hours", "", FieldFlaw.TOO_WIDE),
        ("quiet_hours", "23:00-06:00", FieldFlaw.TOO_WIDE),
        ("quiet_hours", "at night", FieldFlaw.UNREADABLE),
        ("calls_per_minute", "11", FieldFlaw.TOO_WIDE),
        ("calls_per_minute", "0", FieldFlaw.UNREADABLE),
        ("calls_per_day", "41,400", FieldFlaw.TOO_WIDE),
        ("calls_per_day", "40", FieldFlaw.TOO_WIDE),
        ("calls_per_day", "many", FieldFlaw.UNREADABLE),
        ("shared_channels", "maybe", FieldFlaw.UNREADABLE),
        ("users", "C1", FieldFlaw.UNREADABLE),
        ("users", "Ann", FieldFlaw.UNREADABLE),
        ("channels", "#general", FieldFlaw.UNREADABLE),
        ("askable", "country", FieldFlaw.TOO_WIDE),
    ],
)
def test_a_wider_or_unreadable_value_is_not_saved(
    name: str, text: str, flaw: FieldFlaw
) -> None:
    """The operator answers for the bill; a typing error must not open anything."""
    rules, wrong = read_fields({name: text}, OUTER, OUTER)

    assert wrong == {name: flaw}
    assert rules == OUTER


def test_a_locked_rule_stays_whatever_a_forged_form_says() -> None:
    """Slack's client sends what somebody has made of it."""
    given = {"guests": "on", "admins": "U1", "sections": "x", "unknown": "x"}

    assert read_fields(given, OUTER, OUTER) == (OUTER, {})
    assert RULE_FIELDS["guests"].is_locked(OUTER.guests)


def test_what_has_changed_is_named_in_order() -> None:
    """The audit's row says which rules somebody has changed."""
    new, _ = read_fields({"calls_at_once": "2", "countries": "US"}, OUTER, OUTER)

    assert changed_fields(OUTER, new) == ["countries", "calls_at_once"]


@pytest.mark.parametrize("name", RULE_FIELDS)
def test_a_form_shows_what_it_reads(name: str) -> None:
    """A form that is opened and submitted changes nothing."""
    field = RULE_FIELDS[name]
    shown = field.write(getattr(OUTER, name))

    assert field.read(shown) == getattr(OUTER, name)
    assert field.is_within(getattr(OUTER, name), field.read(shown))


@given(st.sampled_from(sorted(RULE_FIELDS)), st.text(max_size=40))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    """A form that raises looks like a broken bot."""
    rules, wrong = read_fields({name: text}, OUTER, OUTER)

    assert not wrong or rules == OUTER


@given(RULES, RULES)
def test_what_counts_beside_the_operators_rules_is_never_wider(
    own: PolicyRules, outer: PolicyRules
) -> None:
    """Where neither of two hours holds the other, both count, and the own are shown."""
    found = narrowest(outer, own)

    for name, field in RULE_FIELDS.items():
        value, bound = getattr(found, name), getattr(outer, name)
        assert field.is_within(bound, value) or name in ("throttle", "quiet_hours")
        if field.is_within(bound, getattr(own, name)):
            assert value == getattr(own, name)


SETS = [
    ({"U1", "U2"}, "U2", None),
    ({"T1:U1", "U2"}, "U1", None),
    ({"U1", "U2"}, "U3", FieldFlaw.TOO_WIDE),
    ({"U1", "U2"}, "S3", FieldFlaw.TOO_WIDE),
    ({"U1", "U2"}, "", FieldFlaw.TOO_WIDE),
    ({"S1", "U2"}, "U3", None),
    ({"S1"}, "", FieldFlaw.TOO_WIDE),
    (set(), "", None),
]


@pytest.mark.parametrize(("outer", "text", "flaw"), SETS)
def test_nobody_is_named_whom_the_operator_does_not_let_call(
    outer: set[str], text: str, flaw: FieldFlaw | None
) -> None:
    """Who is in a group is not known when a form is saved: then the gate goes by both."""
    bound = PolicyRules(users=frozenset(outer))

    assert read_fields({"users": text}, bound, bound)[1].get("users") is flaw


def test_one_person_or_channel_of_the_operators_is_no_choice() -> None:
    """A group is: some of its people can be named."""
    locked = {
        each: RULE_FIELDS["users"].is_locked(frozenset({each}))
        for each in ("U1", "T1:S1")
    }

    assert locked == {"U1": True, "T1:S1": False}
    assert not RULE_FIELDS["channels"].is_locked(frozenset({"C1", "C2"}))
