"""Each payload belongs to one workspace and one person, whatever else it names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import EVENTS
from bot.slack.entrances.payload import workspace_of, workspaces_of
from bot.slack.entrances.request import Request
from bot.slack.posting.arrival import Identity
from bot.slack.posting.origin import LONGEST_METADATA, held_by, stamp_of, stamped

IN_T1 = {"enterprise_id": None, "team_id": "T1", "is_enterprise_install": False}
IN_E1 = {"enterprise_id": "E1", "team_id": "T1", "is_enterprise_install": False}
WHOLE_E1 = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
THEIRS = {"team_id": "T9", "enterprise_id": "E9"}


def event(kind: str = "app_home_opened", user: Any = "U1", **outer: Any) -> Any:
    """Return an event; *outer* are the fields of its wrapper."""
    inner = {"type": kind, "user": user, "tab": "home", "team_ids": ["T1"]}
    return {"type": "event_callback", "event_id": "Ev1", "event": inner, **outer}


@pytest.mark.parametrize(
    ("outer", "found"),
    [
        (THEIRS | {"authorizations": [IN_T1]}, ("", "T1")),
        (THEIRS | {"authorizations": [IN_E1]}, ("E1", "T1")),
        (THEIRS | {"authorizations": [{"team_id": "T1"}]}, ("", "T1")),
        (
            {"team_id": "T1", "enterprise_id": "E1", "authorizations": [WHOLE_E1]},
            ("E1", "T1"),
        ),
        (THEIRS | {"authorizations": [WHOLE_E1]}, ("E1", "")),
        (
            THEIRS
            | {"context_team_id": "T1", "context_enterprise_id": "E1"}
            | {"authorizations": [WHOLE_E1]},
            ("E1", "T1"),
        ),
        (
            THEIRS | {"context_team_id": "T1", "authorizations": [WHOLE_E1, IN_T1]},
            ("", "T1"),
        ),
        (THEIRS | {"authorizations": [IN_E1, IN_T1]}, ("E1", "T1")),
        (THEIRS | {"authorizations": [7, None, {}, IN_T1]}, ("", "T1")),
        (THEIRS, ("E9", "T9")),
        (THEIRS | {"authorizations": []}, ("E9", "T9")),
        (THEIRS | {"authorizations": None}, ("E9", "T9")),
        (THEIRS | {"authorizations": "T1"}, ("E9", "T9")),
        (
            {"enterprise_id": "E1", "authorizations": [{"team_id": None}]},
            ("E1", ""),
        ),
    ],
)
def test_an_event_is_of_the_installation_that_it_is_sent_to(
    outer: dict[str, Any], found: tuple[str, str]
) -> None:
    """In a shared channel the event's own ids are those of the other company."""
    assert workspace_of(event(**outer)) == found


ids = st.none() | st.sampled_from(["", "T1", "T9", "E1", "E9"])
outers = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("team_id", "enterprise_id", "context_team_id", "context_enterprise_id"), ids
    ),
)


@given(st.sampled_from(EVENTS), st.sampled_from([IN_T1, IN_E1]), outers)
def test_no_other_company_decides_whose_an_event_is(
    kind: str, installation: dict[str, Any], outer: dict[str, Any]
) -> None:
    """Otherwise a leaver's sign-in stays here, and is looked for over there."""
    found = SlackEvent.from_body(event(kind, authorizations=[installation], **outer))

    expected = (installation["enterprise_id"] or "", "T1")
    assert (found.enterprise, found.team) == expected
    assert not found.org_wide


@given(st.sampled_from(EVENTS), outers)
def test_an_organizations_event_stays_in_it(kind: str, outer: dict[str, Any]) -> None:
    """Where the app is installed for a whole organization, the workspace may be unknown."""
    found = SlackEvent.from_body(event(kind, authorizations=[WHOLE_E1], **outer))

    assert (found.enterprise, found.org_wide) == ("E1", True)
    assert (
        "enterprise_id" in outer or "context_enterprise_id" in outer or not found.team
    )


@pytest.mark.parametrize(
    ("profile", "listed", "place"),
    [
        ({"team_id": "T1"}, [IN_T1], ("", "T1")),
        ({"team_id": "T9"}, [IN_T1], ("", "T9")),
        (
            {"team_id": "T9", "enterprise_user": {"enterprise_id": "E9"}},
            [IN_T1],
            THEIRS,
        ),
        (
            {"team_id": "T9", "enterprise_user": {"enterprise_id": "E9"}},
            [IN_E1],
            THEIRS,
        ),
        ({"team_id": "T1", "enterprise_user": {"enterprise_id": "E1"}}, [IN_E1], IN_E1),
        ({"team_id": "T1"}, [IN_E1], IN_E1),
        (
            {"team_id": "T2"},
            [IN_E1, {"team_id": "T2", "enterprise_id": None}],
            ("", "T2"),
        ),
    ],
)
def test_a_leaver_is_looked_for_where_they_are_known(
    profile: dict[str, Any], listed: list[Any], place: Any
) -> None:
    """Their sign-in at RingCentral must go, and nobody else's with the same id."""
    body = event("user_change", {"id": "U1", "deleted": True, **profile})

    found = SlackEvent.from_body(body | THEIRS | {"authorizations": listed})

    if isinstance(place, dict):
        place = (place["enterprise_id"], place["team_id"])
    assert (found.enterprise, found.team, found.user) == (*place, "U1")


HERE = Place("T1", "", "U1", "E1")
"""Who typed the command that opened the form, and where."""


def form(view: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a submission in an organization that installed the app as a whole."""
    shown = stamped({"id": "V1", "type": "modal"}, HERE)
    body = {
        "type": "view_submission",
        "team": None,
        "user": {"id": "U1", "team_id": "T7"},
        "enterprise": {"id": "E1", "name": "Acme"},
        "is_enterprise_install": True,
        "view": shown | {"app_installed_team_id": "T5", "team_id": "T7"} | (view or {}),
    }
    return body | changes


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "block_actions"])
@pytest.mark.parametrize("installed", ["T5", "E1", "T7", "", None])
@pytest.mark.parametrize(
    "team", [None, {"id": "T7"}, {"id": "T7", "enterprise_id": "E1"}]
)
def test_a_form_stores_where_its_command_came_from(
    kind: str, installed: str | None, team: Any
) -> None:
    """Otherwise settings and a pasted JWT land where no command of theirs looks."""
    body = form({"app_installed_team_id": installed}, type=kind, team=team)

    read = Request.from_action if kind == "block_actions" else Request.from_view

    assert read(body).place == HERE
    assert Request.from_query(body | {"value": "nora"}).place == HERE


def test_a_form_is_answered_where_slack_gives_an_address_for_that() -> None:
    """A form is nowhere; a conversation that was chosen in it has a response_url."""
    url = {"channel_id": "C5", "response_url": "https://x", "block_id": "channel"}
    view = {"id": "V2", "root_view_id": "V1", "type": "modal"}
    one = Request.from_view(form(view, response_urls=[url]))
    none = Request.from_view(form(view, response_urls=[]))

    assert (one.place.channel, one.response_url) == ("C5", "https://x")
    assert (one.view, one.dialog) == ("V2", "V1")
    assert (none.place.channel, none.response_url) == ("", "")


@given(st.text(max_size=300))
def test_a_text_that_a_form_keeps_comes_back(held: str) -> None:
    """A question on top of a form keeps what it asks about, beside whose form it is."""
    view = stamped({"type": "modal", "id": "V1"}, HERE, held)

    assert Request.from_view(form(view)).held == held
    assert Request.from_view(form(view)).place == HERE
    assert held_by({"private_metadata": held}) == ""


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"team": {"id": "T1"}, "user": {"id": "U1"}}, Place("T1", "C1", "U1")),
        (
            {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T9"}},
            Place("T9", "C1", "U1"),
        ),
        (
            {
                "team": None,
                "user": {"id": "U1", "team_id": "T7"},
                "enterprise": {"id": "E1", "name": "Acme"},
                "is_enterprise_install": True,
            },
            Place("T7", "C1", "U1", "E1"),
        ),
        (
            {
                "team": None,
                "user": {"id": "U1"},
                "enterprise": {"id": "E1"},
                "is_enterprise_install": True,
            },
            Place("", "C1", "U1", "E1"),
        ),
    ],
    ids=["one workspace", "a guest of ours", "an organization", "no workspace named"],
)
def test_a_shortcut_is_of_whoever_chose_it_where_they_did(
    body: dict[str, Any], place: Place
) -> None:
    """Slack names no workspace where a whole organization installed the app."""
    message = {"user": "U2", "team": "T2", "ts": "1.1", "type": "message"}
    chosen = {"type": "message_action", "channel": {"id": "C1"}, "message": message}

    request = Request.from_shortcut({**chosen, "trigger_id": "1.2", **body})
    anywhere = Request.from_shortcut({"type": "shortcut", "trigger_id": "1.2", **body})

    assert (request.place, request.key) == (place, "1.2")
    assert anywhere.place == replace(place, channel="")


def test_a_form_without_our_stamp_is_read_as_before() -> None:
    """One that was opened by the bot before an update is still open."""
    for text in ("", "null", "[]", '"T1"', '{"team":"T1"}', "{", '{"user":1,"team":2}'):
        place = Request.from_view(form({"private_metadata": text})).place
        assert place == Place("T7", "", "U1", "E1")


@pytest.mark.parametrize(
    "changes",
    [
        {"user": {"id": "U2", "team_id": "T7"}},
        {"enterprise": {"id": "E9"}},
        {"enterprise": None, "team": {"id": "T9", "enterprise_id": "E9"}},
        {
            "enterprise": None,
            "team": {"id": "T9"},
            "user": {"id": "U1", "team_id": "T9"},
            "is_enterprise_install": False,
        },
        {"user": {}},
    ],
)
def test_a_stamp_of_somebody_else_has_no_effect(changes: dict[str, Any]) -> None:
    """Nobody acts for another person, not even one with the same id elsewhere."""
    body = form(**changes)

    place = Request.from_view(body).place

    assert place == Request.from_view(form({"private_metadata": ""}, **changes)).place
    assert place != HERE


def test_a_stranger_does_not_take_a_stamp_of_the_same_id() -> None:
    """Outside organizations an id is unique only together with its workspace."""
    mine = stamped({"type": "modal"}, Place("T1", "C1", "U1"))
    body = {"type": "view_submission", "enterprise": None, "view": mine}

    theirs = body | {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T9"}}
    own = body | {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}

    assert Request.from_view(theirs).place == Place("T9", "", "U1")
    assert Request.from_view(own).place == Place("T1", "", "U1")


def test_the_home_counts_where_slack_says_that_it_is_open() -> None:
    """One Home may be shown in several workspaces of an organization."""
    home = stamped({"type": "home"}, HERE) | {"app_installed_team_id": "E1"}
    named = form(home, type="block_actions", team={"id": "T3", "enterprise_id": "E1"})
    unnamed = form(home, type="block_actions")

    assert Request.from_action(named).place.team == "T3"
    assert Request.from_action(unnamed).place.team == "T1"


texts = st.text(max_size=20) | st.sampled_from(["T1", "E1", "U1", '"', "\\", "\ud800"])


@given(texts, texts, texts, texts)
def test_a_stamp_comes_back_as_it_was(
    team: str, channel: str, user: str, enterprise: str
) -> None:
    """It must fit into what Slack takes, and hold no more than is needed."""
    view = stamped({"type": "modal"}, Place(team, channel, user, enterprise))

    assert len(view["private_metadata"]) <= LONGEST_METADATA
    assert set(json.loads(view["private_metadata"])) == {"enterprise", "team", "user"}
    known = Place(team, "", user, enterprise) if team and user else None
    assert stamp_of(view) == known


def test_a_stamp_too_long_for_slack_is_left_out() -> None:
    """A form that Slack refuses would be worse than one that is read as before."""
    view = stamped({"type": "modal"}, Place("T" * 3000, "", "U1"))

    assert view == {"type": "modal"}
    assert stamp_of(view) is None


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_any_metadata_is_read(value: Any) -> None:
    """Another app's habits, or a fault, must not break a form."""
    assert stamp_of({"private_metadata": value}) is None
    assert stamp_of({"private_metadata": json.dumps(value)}) is None
    assert stamp_of(value) is None


def test_a_view_used_from_another_company_is_of_the_workspace_with_the_app() -> None:
    """Slack names the other company's organization there (bolt-python's own test)."""
    body = {
        "type": "view_submission",
        "team": {"id": "T9", "enterprise_id": "E9"},
        "enterprise": {"id": "E9"},
        "user": {"id": "W1", "team_id": "T9"},
        "view": {"app_installed_team_id": "T1", "private_metadata": ""},
    }
    ours = stamped({"app_installed_team_id": "T1"}, Place("T1", "", "W1", "E1"))

    assert workspaces_of(body) == (("E9", "T1"), ("", "T1"))
    assert workspace_of(body | {"view": ours}) == ("E1", "T1")
    assert Request.from_view(body).place == Place("T9", "", "W1", "E9")


ONE = Identity("T1", "UBOT", "BBOT")
IN_ORG = Identity("T1", "UBOT", "BBOT", enterprise="E1")
WHOLE = Identity("E1", "UBOT", "BBOT", enterprise="E1", is_org_wide=True)


@pytest.mark.parametrize(
    ("bot", "where", "served"),
    [
        (ONE, ("", "T1"), True),
        (ONE, ("E1", "T1"), True),
        (ONE, ("", "T9"), False),
        (ONE, ("E9", "T9"), False),
        (ONE, ("", ""), False),
        (IN_ORG, ("E1", "T1"), True),
        (IN_ORG, ("", "T1"), True),
        (IN_ORG, ("E9", "T1"), False),
        (IN_ORG, ("E1", "T2"), False),
        (IN_ORG, ("E1", ""), False),
        (WHOLE, ("E1", "T1"), True),
        (WHOLE, ("E1", "T2"), True),
        (WHOLE, ("E1", ""), True),
        (WHOLE, ("E9", "T1"), False),
        (WHOLE, ("", "T1"), False),
    ],
)
def test_a_bot_of_one_workspace_serves_that_one(
    bot: Identity, where: tuple[str, str], served: object
) -> None:
    """A payload of another workspace would be answered with this one's token."""
    assert bot.serves(*where) is served
