"""The gate: one decision by all rules, whatever they are and in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.calls.numbers.kinds import NumberKind
from bot.calls.numbers.phone import PhoneNumber
from bot.policy.gate import refused_anyway, unknown_facts, verdict
from bot.policy.rules import (
    NEVER_OPENED,
    NO_CAP,
    OPENED_BY,
    Askable,
    CallCap,
    PolicyRules,
    QuietHours,
    Rule,
    Ruling,
    Section,
)
from bot.policy.wish import CallEntrance, Counts, DoNotCall, Earlier, Fact, Pause, Wish
from policy_rules import COUNTS, NOON, OFFICE, RULES, WISHES

HERE = Place("T1", "C1", "U1", "E1")
WISH = Wish(place=HERE, entrance=CallEntrance.COMMAND, number=OFFICE)
BERLIN = PhoneNumber("+493012345678")
LONDON = PhoneNumber("+442079460958")
PERSONAL = PhoneNumber("+447012345678")
TOLL_FREE = PhoneNumber("+18005550199")
PREMIUM = PhoneNumber("+19005550142")
JAMAICA = PhoneNumber("+18765550142")
SEVEN = PhoneNumber("+79161234567")
ALL = PolicyRules(countries=None)
NIGHT = QuietHours(time(21), time(8))

ORDER = [each.value for each in Rule]
SEVERITY = {Ruling.ALLOW: 0, Ruling.ASK: 1, Ruling.REFUSE: 2}


def _ago(*seconds: float) -> tuple[Earlier, ...]:
    return tuple(Earlier(at=NOON - timedelta(seconds=s), by="UANN") for s in seconds)


THROTTLED = [
    ((), Ruling.ALLOW),
    ((40,), Ruling.ASK),
    ((59.9,), Ruling.ASK),
    ((60,), Ruling.ALLOW),
    ((61, 400), Ruling.ALLOW),
    ((61, 400, 899), Ruling.ASK),
    ((61, 400, 900), Ruling.ALLOW),
    ((901, 1000, 1100, 1200, 1300, 1400), Ruling.ALLOW),
    ((901, 1000, 1100, 1200, 1300, 1400, 3599), Ruling.REFUSE),
    ((901, 1000, 1100, 1200, 1300, 1400, 3600), Ruling.ALLOW),
]


def test_a_number_is_called_so_often_and_no_more() -> None:
    """Ann's second call within a minute is asked about, an eighth in an hour refused."""
    for seconds, ruling in THROTTLED:
        counts = Counts(earlier=_ago(*seconds))
        assert verdict(WISH, NOON, counts, ALL).ruling is ruling, seconds


def test_the_question_says_who_called_and_when() -> None:
    """That Ann called this number 40 s ago keeps two colleagues from ringing one customer."""
    found = verdict(WISH, NOON, Counts(earlier=_ago(500, 40)), ALL)

    (objection,) = found.objections
    assert found.rule is Rule.THROTTLE
    assert (objection.who, objection.at) == ("UANN", NOON - timedelta(seconds=40))
    assert objection.until == NOON + timedelta(seconds=20)


def test_the_throttle_is_not_for_colleagues_and_can_be_switched_off() -> None:
    """A colleague is called back and forth all day."""
    many = Counts(earlier=_ago(*range(1, 9)))

    assert (
        verdict(replace(WISH, is_company=True), NOON, many, ALL).ruling is Ruling.ALLOW
    )
    assert verdict(WISH, NOON, many, replace(ALL, throttle=())).ruling is Ruling.ALLOW


QUIET = [
    # Berlin is at 13:00, California at 04:00
    (BERLIN, "", QuietHours(time(13), time(14)), Ruling.REFUSE),
    (BERLIN, "", QuietHours(time(12), time(13)), Ruling.ALLOW),
    (BERLIN, "", QuietHours(time(22), time(13, 1)), Ruling.REFUSE),
    (OFFICE, "", NIGHT, Ruling.REFUSE),
    (TOLL_FREE, "", NIGHT, Ruling.ALLOW),
    (TOLL_FREE, "America/Los_Angeles", NIGHT, Ruling.REFUSE),
    (OFFICE, "Europe/Berlin", NIGHT, Ruling.ALLOW),
    (SEVEN, "", NIGHT, Ruling.ASK),
    (SEVEN, "", QuietHours(time(3), time(4)), Ruling.ALLOW),
    (OFFICE, "No/Where", NIGHT, Ruling.REFUSE),
]


def test_nobody_is_called_at_night() -> None:
    """The hours are the callee's; where nobody knows them, the person decides."""
    for number, zone, hours, ruling in QUIET:
        wish = replace(WISH, number=number, zone=zone)
        found = verdict(wish, NOON, Counts(), replace(ALL, quiet_hours=hours))
        assert found.ruling is ruling, (number, zone, hours)


def test_a_colleague_is_not_called_at_night_either() -> None:
    """Connected or not: the throttle alone is not for colleagues."""
    night = replace(ALL, quiet_hours=NIGHT)
    theirs = replace(WISH, number=OFFICE, colleague="U9")

    by_number = verdict(theirs, NOON, Counts(), night)
    by_slack = verdict(replace(theirs, zone="Europe/Berlin"), NOON, Counts(), night)
    company = verdict(replace(theirs, is_company=True), NOON, Counts(), night)

    assert by_number.rule is Rule.QUIET_HOURS
    assert by_slack.ruling is company.ruling is Ruling.ALLOW


ASKED_OF_SLACK: list[tuple[PolicyRules, dict[str, Any], set[Fact]]] = [
    (ALL, {}, set()),
    (replace(ALL, guests=True), {"is_guest": None, "is_shared": None}, set()),
    (ALL, {"is_guest": None}, {Fact.GUEST}),
    (
        replace(ALL, guests=True, within=replace(ALL, guests=False)),
        {"is_guest": None},
        {Fact.GUEST},
    ),
    (replace(ALL, shared_channels=False), {"is_shared": None}, {Fact.SHARED}),
    (replace(ALL, shared_channels=False), {"is_shared": True}, set()),
    (replace(ALL, quiet_hours=NIGHT), {"zone": None}, set()),
    (replace(ALL, quiet_hours=NIGHT), {"zone": None, "called": "U9"}, {Fact.ZONE}),
    (replace(ALL, quiet_hours=NIGHT), {"zone": "", "colleague": "U9"}, set()),
    (ALL, {"zone": None, "colleague": "U9"}, set()),
]


def test_slack_is_asked_about_what_a_rule_looks_at_and_no_more() -> None:
    """Of all bounds: a workspace's own rules and the operator's."""
    for rules, known, facts in ASKED_OF_SLACK:
        wish = replace(WISH, **known)
        assert unknown_facts(wish, rules) == facts, (rules, known)


@given(wish=WISHES, counts=COUNTS, rules=RULES)
def test_who_may_be_a_guest_is_taken_for_one(
    wish: Wish, counts: Counts, rules: PolicyRules
) -> None:
    """As a channel that may be shared: what is not known allows no more."""
    unknown = replace(wish, is_guest=None, is_shared=None)
    worst = replace(wish, is_guest=True, is_shared=True)

    assert verdict(unknown, NOON, counts, rules) == verdict(worst, NOON, counts, rules)


@given(
    wish=WISHES,
    counts=COUNTS,
    rules=RULES,
    known=st.tuples(st.booleans(), st.booleans(), st.sampled_from(["", "Asia/Tokyo"])),
)
def test_what_is_refused_anyway_is_refused_whatever_slack_says(
    wish: Wish,
    counts: Counts,
    rules: PolicyRules,
    known: tuple[bool, bool, str],
) -> None:
    """And no admin may open it: nobody waits for Slack only to be refused by it."""
    unknown = replace(wish, is_guest=None, is_shared=None, zone=None, colleague="U9")
    is_guest, is_shared, zone = known
    told = replace(unknown, is_guest=is_guest, is_shared=is_shared, zone=zone)

    anyway = refused_anyway(unknown, NOON, counts, rules)

    found = verdict(told, NOON, counts, rules)
    if anyway is not None:
        assert anyway.ruling is found.ruling is Ruling.REFUSE
        assert found.openable == ()
    looked_at = {Rule.GUESTS, Rule.SHARED_CHANNELS, Rule.QUIET_HOURS}
    if found.rule in NEVER_OPENED - looked_at:
        assert anyway == found


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), NOON])
@given(minutes=st.integers(0, 24 * 60))
def test_quiet_hours_end_when_they_say(day: datetime, minutes: int) -> None:
    """Also in the night in which the clocks change: `until` is the first quiet minute's end."""
    now = day + timedelta(minutes=minutes)
    wish = replace(WISH, number=BERLIN)
    rules = replace(ALL, quiet_hours=NIGHT)
    found = verdict(wish, now, Counts(), rules)
    assume(found.ruling is Ruling.REFUSE)

    until = found.objections[0].until
    assert until is not None
    assert now < until <= now + timedelta(hours=12)
    assert verdict(wish, until, Counts(), rules).ruling is Ruling.ALLOW
    before = until - timedelta(seconds=1)
    assert verdict(wish, before, Counts(), rules).ruling is Ruling.REFUSE


A, D, M = CallCap(person=3), CallCap(everybody=10), CallCap(60, 400)
CAPPED = [
    ({"calls_at_once": A}, Counts(open_person=3), Rule.AT_ONCE),
    ({"calls_at_once": A}, Counts(open_person=2, open_everybody=90), None),
    ({"calls_per_day": D}, Counts(day_everybody=10), Rule.PER_DAY),
    ({"calls_per_day": D}, Counts(day_person=9, day_everybody=9), None),
    ({"minutes_per_month": M}, Counts(month_person=3600), Rule.MINUTES),
    ({"minutes_per_month": M}, Counts(month_person=3599), None),
    ({"minutes_per_month": M}, Counts(month_everybody=24_000), Rule.MINUTES),
    ({"calls_per_minute": 2}, Counts(last_minute=2), Rule.PER_MINUTE),
]


def test_caps_are_reached_exactly() -> None:
    """One call more is money that the admin said no to; one less, a call refused wrongly."""
    for rules, counts, rule in CAPPED:
        found = verdict(WISH, NOON, counts, replace(ALL, **rules))  # type: ignore[arg-type]
        assert found.rule is rule, (rules, counts)
        assert (found.ruling is Ruling.REFUSE) == (rule is not None)
        is_everybodys = [each.is_everybodys for each in found.objections]
        of_all = bool(counts.day_everybody or counts.month_everybody)
        assert is_everybodys == ([of_all] if rule else [])


def test_a_cap_warns_from_80_percent_on() -> None:
    """Whoever hears of it only at the end can't ask for more in time."""
    rules = replace(ALL, calls_per_day=CallCap(10, 100))
    warned = [
        [each.found for each in verdict(WISH, NOON, counts, rules).warnings]
        for counts in (
            Counts(day_person=6),
            Counts(day_person=7, day_everybody=7),
            Counts(day_person=0, day_everybody=79),
        )
    ]

    assert warned == [[], [8], [80]]


def test_what_is_going_on_at_once_warns_nobody() -> None:
    """It is over in a minute; a day's calls and a month's minutes are not."""
    rules = replace(ALL, calls_at_once=CallCap(10, 10), calls_per_day=CallCap(10))
    counts = Counts(open_person=9, open_everybody=9, day_person=9)

    warned = verdict(WISH, NOON, counts, rules).warnings

    assert [each.rule for each in warned] == [Rule.PER_DAY]


@pytest.mark.parametrize(
    ("rules", "counts", "until"),
    [
        (
            {"calls_per_day": A},
            Counts(day_person=3),
            datetime(2026, 12, 2, tzinfo=UTC),
        ),
        (
            {"minutes_per_month": M},
            Counts(month_person=3600),
            datetime(2027, 1, 1, tzinfo=UTC),
        ),
        ({"calls_at_once": A}, Counts(open_person=3), None),
    ],
)
def test_a_cap_says_when_it_begins_anew(
    rules: dict[str, Any], counts: Counts, until: datetime | None
) -> None:
    """At midnight, and on the first of the month, in UTC."""
    [objection] = verdict(WISH, NOON, counts, replace(ALL, **rules)).objections

    assert objection.until == until


LISTED = DoNotCall(digits=OFFICE.e164, reason="asked us", by="UANN")
SAID = [
    (replace(WISH, number=PREMIUM), Counts(), ALL, Rule.PREMIUM),
    (replace(WISH, number=PhoneNumber("+1911")), Counts(), ALL, Rule.EMERGENCY),
    (WISH, Counts(do_not_call=LISTED), ALL, Rule.DO_NOT_CALL),
    (WISH, Counts(pause=Pause(by="U9", since=NOON)), ALL, Rule.PAUSED),
    (WISH, Counts(), replace(ALL, users=frozenset({"U2"})), Rule.USERS),
    (WISH, Counts(), replace(ALL, users=frozenset({"T1:U1"})), None),
    (WISH, Counts(), replace(ALL, users=frozenset({"T2:U1"})), Rule.USERS),
    (WISH, Counts(), replace(ALL, users=frozenset({"S1"})), Rule.USERS),
    (
        replace(WISH, groups=frozenset({"S1"})),
        Counts(),
        replace(ALL, users=frozenset({"S1"})),
        None,
    ),
    (WISH, Counts(), replace(ALL, channels=frozenset({"C2"})), Rule.CHANNELS),
    (replace(WISH, is_guest=True), Counts(), ALL, Rule.GUESTS),
    (replace(WISH, is_guest=True), Counts(), replace(ALL, guests=True), None),
    (
        replace(WISH, is_shared=True),
        Counts(),
        replace(ALL, shared_channels=False),
        Rule.SHARED_CHANNELS,
    ),
    (replace(WISH, number=PERSONAL), Counts(), ALL, Rule.NUMBER_TYPE),
    (replace(WISH, number=BERLIN), Counts(), PolicyRules(), Rule.COUNTRY),
    (
        WISH,
        Counts(),
        replace(ALL, first_time=Ruling.REFUSE),
        Rule.FIRST_TIME,
    ),
    (WISH, Counts(is_known=True), replace(ALL, first_time=Ruling.REFUSE), None),
    (
        replace(WISH, number=LONDON),
        Counts(),
        replace(ALL, foreign=Ruling.ASK),
        Rule.FOREIGN,
    ),
    (
        replace(WISH, number=PhoneNumber("+44207946")),
        Counts(),
        ALL,
        Rule.DOUBT,
    ),
]


@pytest.mark.parametrize(
    ("number", "region", "local", "kind"),
    [
        (LONDON, "GB", time(12), NumberKind.LANDLINE),
        (BERLIN, "DE", time(13), NumberKind.LANDLINE),
        (PhoneNumber("+4915112345678"), "DE", time(13), NumberKind.MOBILE),
        (SEVEN, "RU", None, NumberKind.MOBILE),
        (OFFICE, "US", time(4), NumberKind.OTHER),
    ],
)
@pytest.mark.parametrize("rule", [Rule.FIRST_TIME, Rule.FOREIGN])
def test_a_question_about_an_unusual_number_has_what_tells_of_it(
    rule: Rule,
    number: PhoneNumber,
    region: str,
    local: time | None,
    kind: NumberKind,
) -> None:
    """Its country, its kind, and the time there, if there is just one."""
    rules = replace(ALL, first_time=Ruling.ASK, foreign=Ruling.ASK)
    wish = replace(WISH, number=number, region="FR")
    found = verdict(wish, NOON, Counts(), rules)
    [objection] = [each for each in found.objections if each.rule is rule]

    assert (objection.text, objection.kind) == (region, kind)
    assert (objection.at and objection.at.time()) == local


def test_every_rule_decides_alone() -> None:
    """Each rule's own story, by its values."""
    for wish, counts, rules, rule in SAID:
        assert verdict(wish, NOON, counts, rules).rule is rule, (wish, counts, rules)


SALES = Section(who=frozenset({"U1"}), countries=frozenset({"DE"}))
TRAVEL = Section(where=frozenset({"C1"}), countries=frozenset({"GB"}), calls_per_day=5)
OTHERS = Section(who=frozenset({"U7"}), countries=frozenset({"FR"}))


def test_sections_stand_for_the_rules_of_all() -> None:
    """Sales may call Germany, which the others may not."""
    rules = PolicyRules(sections=(SALES, TRAVEL, OTHERS), calls_per_day=CallCap(2))
    may = [
        verdict(replace(WISH, number=each), NOON, Counts(day_person=4), rules).rule
        for each in (BERLIN, LONDON, OFFICE, PhoneNumber("+33123456789"))
    ]

    assert may == [None, None, Rule.COUNTRY, Rule.COUNTRY]


def test_what_an_admin_opens_is_what_may_be_asked_for_in_every_bound() -> None:
    """A workspace's own rules can't let its admins open what the operator keeps shut."""
    wish = replace(WISH, number=BERLIN, granted=frozenset({Rule.COUNTRY}))
    opened = replace(PolicyRules(), askable=frozenset({Askable.COUNTRY}))
    shut = PolicyRules()

    assert verdict(wish, NOON, Counts(), opened).ruling is Ruling.ALLOW
    assert verdict(wish, NOON, Counts(), replace(opened, within=opened)).rule is None
    assert verdict(wish, NOON, Counts(), replace(opened, within=shut)).rule is not None


@given(WISHES, COUNTS, RULES, st.randoms(use_true_random=False))
def test_no_order_matters(
    wish: Wish, counts: Counts, rules: PolicyRules, any_: Random
) -> None:
    """Sections stand in a file that people sort as they like, rows come as SQL likes."""
    sections, earlier = list(rules.sections), list(counts.earlier)
    any_.shuffle(sections)
    any_.shuffle(earlier)

    assert verdict(
        wish,
        NOON,
        replace(counts, earlier=tuple(earlier)),
        replace(rules, sections=tuple(sections)),
    ) == verdict(wish, NOON, counts, rules)


@given(WISHES, COUNTS, RULES)
def test_nothing_opens_what_is_never_opened(
    wish: Wish, counts: Counts, rules: PolicyRules
) -> None:
    """No role, answer or admin makes a premium, emergency or unwanted call possible."""
    wish = replace(wish, answered=frozenset(Rule), granted=frozenset(Rule))
    shut = [replace(wish, number=each) for each in (PREMIUM, PhoneNumber("+1911"))]

    for each in shut:
        assert verdict(each, NOON, counts, rules).rule in NEVER_OPENED
    listed = replace(counts, do_not_call=LISTED)
    assert verdict(wish, NOON, listed, rules).rule in NEVER_OPENED


@given(WISHES, COUNTS, RULES)
def test_a_refusal_wins_and_a_question_names_all(
    wish: Wish, counts: Counts, rules: PolicyRules
) -> None:
    """A person who has answered must not hear of the next objection, one by one."""
    found = verdict(wish, NOON, counts, rules)
    said = {each.ruling for each in found.objections}
    assert said <= {found.ruling}
    assert bool(said) == (found.ruling is not Ruling.ALLOW)
    if found.ruling is Ruling.REFUSE:
        assert len(found.objections) == 1
    names = [ORDER.index(each.rule.value) for each in found.objections]
    assert names == sorted(set(names))
    if found.ruling is Ruling.ASK:
        rules_asked = frozenset(each.rule for each in found.objections)
        answered = replace(wish, answered=wish.answered | rules_asked)
        assert verdict(answered, NOON, counts, rules).ruling is Ruling.ALLOW


@given(WISHES, COUNTS, RULES, RULES)
def test_a_workspaces_own_rules_only_narrow(
    wish: Wish, counts: Counts, own: PolicyRules, outer: PolicyRules
) -> None:
    """Whatever an admin saves: what the operator refuses or asks stays so."""
    wish = replace(wish, granted=frozenset())
    bound = verdict(wish, NOON, counts, outer).ruling
    within = verdict(wish, NOON, counts, replace(own, within=outer)).ruling

    assert SEVERITY[within] >= SEVERITY[bound]


@given(WISHES, COUNTS, RULES)
def test_an_admin_opens_only_what_may_be_asked_for(
    wish: Wish, counts: Counts, rules: PolicyRules
) -> None:
    """A grant for one rule must not be a key to another."""
    bare = verdict(replace(wish, granted=frozenset()), NOON, counts, rules)
    found = verdict(wish, NOON, counts, rules)
    if SEVERITY[found.ruling] < SEVERITY[bare.ruling]:
        assert {OPENED_BY.get(each.rule) for each in bare.objections} & rules.askable
    else:
        assert found.ruling is bare.ruling


@given(WISHES, COUNTS, RULES)
def test_tighter_rules_allow_no_more(
    wish: Wish, counts: Counts, rules: PolicyRules
) -> None:
    """Each of these is a screw that an admin tightens; none may loosen another."""
    rules = replace(rules, sections=())
    before = SEVERITY[verdict(wish, NOON, counts, rules).ruling]
    tighter = [
        replace(rules, guests=False),
        replace(rules, shared_channels=False),
        replace(rules, number_types=frozenset()),
        replace(rules, countries=(rules.countries or frozenset({"US"})) & {"US"}),
        replace(rules, first_time=Ruling.REFUSE, foreign=Ruling.REFUSE),
        replace(rules, askable=frozenset()),
    ]
    if rules.calls_per_day == NO_CAP:
        tighter.append(replace(rules, calls_per_day=CallCap(1, 1)))
    for each in tighter:
        assert SEVERITY[verdict(wish, NOON, counts, each).ruling] >= before, each


@given(wish=WISHES, counts=COUNTS, rules=RULES, outer=st.none() | RULES)
def test_what_an_admin_can_be_asked_to_open_is_all_that_is_in_the_way(
    wish: Wish, counts: Counts, rules: PolicyRules, outer: PolicyRules | None
) -> None:
    """An approval that something else makes worthless is never offered, nor one too much."""
    rules = replace(rules, within=outer)
    found = verdict(wish, NOON, counts, rules)
    asked = frozenset(each.rule for each in found.openable)
    granted = replace(wish, granted=wish.granted | asked)

    assert asked.isdisjoint(NEVER_OPENED)
    assert asked <= set(OPENED_BY)
    if asked:
        assert found.ruling is Ruling.REFUSE
        assert verdict(granted, NOON, counts, rules).ruling is not Ruling.REFUSE
    if found.rule in NEVER_OPENED:
        everything = replace(wish, granted=frozenset(Rule), answered=frozenset(Rule))
        assert verdict(everything, NOON, counts, rules).rule is found.rule
