"""Facts that stand in several places, held together."""

from __future__ import annotations

import ast
import importlib
import json
import re
import tomllib
from typing import get_args

import pytest
import yaml
from jsonschema import Draft7Validator

import every_table
from bot.calls.typed.verbs import Verb
from bot.errors import BadSettings
from bot.slack.entrances import messages
from bot.slack.entrances.buttons import ACTIONS
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.commands.commands import COMMANDS
from bot.slack.entrances.events import EVENTS
from bot.slack.entrances.forms import FORMS
from bot.slack.entrances.shortcuts import SHORTCUTS
from bot.slack.texts import answers
from bot.slack.texts.text import Message
from bot.slack.texts.words import ENDINGS
from bot.workspaces import manifest
from checkout import ROOT, SHARED
from selection import VENDORS

README = (ROOT / "README.md").read_text(encoding="utf-8")
DIAL = (ROOT / "docs" / "dial.md").read_text(encoding="utf-8")
HOW = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
SCHEMA = SHARED / "slack-manifest.schema.json"


def test_the_manifest_declares_exactly_the_commands_we_answer() -> None:
    """Slack offers what the manifest says; we answer what the table says."""
    declared = manifest.load()["features"]["slash_commands"]

    assert {each["command"] for each in declared} == set(COMMANDS)
    assert [c["command"] for c in declared if not c.get("should_escape")] == []


def test_the_manifest_declares_exactly_the_shortcuts_we_answer() -> None:
    """Slack offers what the manifest says; without a listener it shows an error."""
    declared = manifest.load()["features"].get("shortcuts", [])

    assert {each["callback_id"] for each in declared} == set(SHORTCUTS)
    assert [each["name"] for each in declared if each["name"] not in DIAL] == []


def test_the_readme_lists_exactly_the_commands_we_answer() -> None:
    """People learn of a command from the README's table."""
    listed = set(re.findall(r"^\| `(/[\w-]+)", README, re.MULTILINE))

    assert listed == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_explained(command: str) -> None:
    """People who call read docs/dial.md, and what `/ringout help` answers."""
    assert f"`{command}" in DIAL
    assert f"`{command}" in answers.RINGOUT_HELP.text


@pytest.mark.parametrize("verb", get_args(Verb))
def test_help_names_every_verb(verb: str) -> None:
    """What help does not name, only who has read docs/dial.md finds."""
    if verb in ringout.SAID:  # they have no work of their own
        return
    in_message = verb not in messages.TO_MESSAGES

    assert f"`/ringout {verb}`" in answers.RINGOUT_HELP.text
    assert (f"`@ringout {verb}`" in answers.MESSAGE_HELP.text) is in_message


@pytest.mark.parametrize("said", [answers.RINGOUT_HELP, answers.MESSAGE_HELP])
def test_help_names_every_entrance(said: Message) -> None:
    """Whoever has typed a command does not know of shortcuts, and the other way round."""
    features = manifest.load()["features"]
    names = [f"*{each['name']}*" for each in features["shortcuts"]]
    names += ["`@ringout call ", "our DM", "`/ringout 415"]

    assert [each for each in names if each not in said.text] == []


def test_every_table_is_known_to_the_tests_of_tables() -> None:
    """They compare the revisions with the tables that they know."""
    storage = ROOT / "bot" / "storage"
    there = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in storage.rglob("tables.py")
    }

    assert there == {each.__name__ for each in every_table.MODULES}


def _is_handed_in(action_id: ast.expr) -> bool:
    """Whether the id is a parameter; its caller is another call of `button`, or it."""
    return isinstance(action_id, ast.Name) and not action_id.id.isupper()


def test_every_button_that_is_shown_has_its_row() -> None:
    """Slack shows a warning to people who press a button without a handler."""
    shown = {
        eval(  # noqa: S307 - an id is a name of the module, or a text
            ast.unparse(node.args[1]),
            vars(importlib.import_module(f"bot.slack.texts.{path.stem}")),
        )
        for path in (ROOT / "bot" / "slack" / "texts").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and ast.unparse(node.func).rpartition(".")[2] == "button"
        and not _is_handed_in(node.args[1])
    }

    assert {"call_again", "call_anyway", "open_settings"} <= shown
    assert shown <= set(ACTIONS)


def test_every_form_that_is_shown_has_its_row() -> None:
    """Text typed into a form without a handler would be lost."""
    shown = {
        getattr(
            importlib.import_module(f"bot.slack.texts.{path.stem}"), node.args[0].id
        )
        for path in (ROOT / "bot" / "slack" / "texts").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "form_view"
        and isinstance(node.args[0], ast.Name)
    }

    assert shown == set(FORMS)


def test_every_result_word_is_explained() -> None:
    """Whoever reads a word in a thread should find it on the page for people who call."""
    words = set(ENDINGS.values())
    listed = set(re.findall(r"^\| ([a-z' ]+) \|", DIAL, re.MULTILINE))

    assert words <= listed


def test_the_drawing_names_every_state() -> None:
    """The drawing is the first thing that a reader of the code looks for."""
    from bot.calls.call import State

    drawing = HOW.split("## The life of a call")[1].split("## ")[0]
    for state in State:
        assert state.value in drawing


def test_the_newest_released_changes_are_of_this_version() -> None:
    """Who installs a version looks it up in the changelog, by its number."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", changes, re.MULTILINE)

    assert headings[0] == "Unreleased"
    newest = re.fullmatch(r"(\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}", headings[1])
    assert newest
    assert newest[1] == project["project"]["version"]


def test_every_event_that_we_ask_for_has_a_listener() -> None:
    """Slack counts 404 as a failure, and after many stops sending events."""
    asked = manifest.load()["settings"]["event_subscriptions"]["bot_events"]

    assert tuple(asked) == EVENTS


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example",
        "https://bot.example/slack/events",
        "https://bot.example/slack/events/",
        "https://bot.example//slack/events",
    ],
)
def test_an_address_may_be_given_with_or_without_its_path(url: str) -> None:
    """Each command, button, event and redirect has its own place on the same server."""
    assert manifest.for_http(manifest.load(), url) == manifest.for_http(
        manifest.load(), "https://bot.example/"
    )


@pytest.mark.parametrize("url", [None, "https://bot.example", "https://bot.example/"])
def test_slack_takes_the_manifest(url: str | None) -> None:
    """Valid by Slack's own schema, as it is and in its HTTP variant."""
    if not SCHEMA.exists():
        pytest.skip(f"no schema of Slack's manifest: {VENDORS}")
    text = manifest.printed(url=url, as_json=url is None)

    Draft7Validator(json.loads(SCHEMA.read_text())).validate(yaml.safe_load(text))


def test_the_http_variant_differs_only_where_it_must() -> None:
    """Two manifests that drift apart are two apps."""
    socket = manifest.load()
    http = manifest.for_http(socket, "https://bot.example/")
    target = "https://bot.example/slack/events"

    assert {each.pop("url") for each in http["features"]["slash_commands"]} == {target}
    interactivity = http["settings"]["interactivity"]
    assert interactivity.pop("request_url") == target
    assert interactivity.pop("message_menu_options_url") == target
    assert http["settings"]["event_subscriptions"].pop("request_url") == target
    assert http["oauth_config"].pop("redirect_urls") == [
        "https://bot.example/slack/oauth_redirect"
    ]
    assert http["settings"].pop("socket_mode_enabled") is False
    assert socket["settings"].pop("socket_mode_enabled") is True
    assert http == socket


def test_the_scopes_are_the_least_that_work() -> None:
    """Each further one is a question that an admin must answer."""
    scopes = manifest.load()["oauth_config"]["scopes"]

    assert scopes == {
        "bot": [
            "app_mentions:read",
            "chat:write",
            "commands",
            "im:history",
            "im:write",
            "users:read",
        ],
        "bot_optional": [
            "channels:history",
            "groups:history",
            "mpim:history",
            "channels:read",
            "groups:read",
            "mpim:read",
            "usergroups:read",
        ],
    }


@pytest.mark.parametrize("url", ["http://bot.example", "bot.example", "https://", "x"])
def test_an_address_that_slack_would_not_take_is_refused(url: str) -> None:
    """Slack calls https alone."""
    with pytest.raises(BadSettings):
        manifest.printed(url=url, as_json=False)


@pytest.mark.parametrize("path", ["/bot", "/bot/slack/events", "/slack", "/bot/"])
def test_an_address_below_a_path_is_refused(path: str) -> None:
    """Its cookies would not come back, so nobody could install it or connect."""
    with pytest.raises(
        BadSettings, match=r"must end with the host.*paths of their own"
    ):
        manifest.printed(url=f"https://bot.example{path}", as_json=False)
