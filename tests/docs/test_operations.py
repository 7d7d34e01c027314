"""docs/operations.md must match the source: messages, metrics, labels and checks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.calls.call import End, State, Why
from bot.hooks.deliveries import DELIVERED, DROPPED, FAILED_TRY
from bot.telemetry.measures import Measures
from checkout import ROOT

BOT = ROOT / "bot"
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
LEVELS = {
    "warning": "warning",
    "error": "error",
    "exception": "error",
    "critical": "critical",
}
CONDITION = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


def logged(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield message and level of each log call at WARNING or above in *tree*."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        whom = node.func.value
        if node.func.attr not in LEVELS or not isinstance(whom, ast.Name):
            continue
        if whom.id not in {"log", "logger", "logging"}:
            continue
        message = node.args[0]
        assert isinstance(message, ast.Constant), ast.unparse(node)
        yield str(message.value), LEVELS[node.func.attr]


@cache
def in_the_source() -> set[tuple[str, str]]:
    """Return every such message of the bot, with its level."""
    return {
        found
        for path in BOT.rglob("*.py")
        for found in logged(ast.parse(path.read_text(encoding="utf-8")))
    }


def in_the_runbook() -> set[tuple[str, str]]:
    """Return every message in the runbook's table, with its level."""
    table = GUIDE.split("## Runbook")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(.+?)` \| (\w+) \| .{20,} \|$", table, re.MULTILINE))


def test_every_warning_has_its_line_in_the_runbook() -> None:
    """An operator woken at night must find each message, and no invented one."""
    assert in_the_runbook() == in_the_source()


def test_the_collector_of_messages_finds_each_kind() -> None:
    """A check that finds no messages would accept an empty runbook."""
    source = """
log.warning("a %s", 1)
log.info("b")
logger.error("c", exc_info=True)
log.exception("d")
logging.critical("e")
other.warning("f")
"""

    assert set(logged(ast.parse(source))) == {
        ("a %s", "warning"),
        ("c", "error"),
        ("d", "error"),
        ("e", "critical"),
    }
    assert len(in_the_source()) > 20


def shown() -> dict[str, set[str]]:
    """Return each metric of the bot, with its labels."""
    measures = Measures()
    measures.acked("command", 0.1)
    measures.asked_ringcentral("heavy", "200", 0.1)
    measures.asked_slack("chat.update", "200", 0.1)
    measures.counted({})
    measures.budget({"heavy": (1, 10)})
    measures.pushed("webhook", "taken")
    measures.hook_tried("delivered")
    measures._calls.labels("answered", "")
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(measures.text().decode())
        for sample in family.samples
    }


def test_the_guide_names_every_metric_with_its_labels() -> None:
    """People build dashboards from the table, not from the source."""
    table = GUIDE.split("## Metrics")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(ringout_\w+)` \| (.*?) \|", table, re.MULTILINE)
    named = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    there = {
        re.sub(r"_seconds_(bucket|sum|count)$", "_seconds", name): labels - {"le"}
        for name, labels in shown().items()
        if name.startswith("ringout_")
    }

    assert named == there


def rules() -> list[dict[str, str]]:
    """Return the guide's alerting rules."""
    block = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    found: list[dict[str, str]] = yaml.safe_load(block[0])["groups"][0]["rules"]
    return found


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_asks_for_what_there_is(rule: dict[str, str]) -> None:
    """A rule on a metric or label that does not exist never fires."""
    expression = rule["expr"]
    there = shown()
    foreign = {"up", "probe_success"}
    names = set(re.findall(r"\b(?:ringout|process)_\w+", expression))

    assert names or any(each in expression for each in foreign)
    for name in names:
        assert name in there, name
        conditions = re.findall(rf"{name}\{{(.*?)\}}", expression)
        for label, _, value in CONDITION.findall(" ".join(conditions)):
            assert label in there[name] | {"job"}
            assert value
    assert expression.count("(") == expression.count(")")
    assert rule["annotations"]


def test_the_values_that_alerts_compare_with_exist() -> None:
    """Renaming a state would silence its alert."""
    words = {
        word
        for rule in rules()
        for label, _, value in CONDITION.findall(rule["expr"])
        if label in {"state", "outcome", "why"}
        for word in value.split("|")
    }

    there = {each.value for each in (*State, *End, *Why)}
    assert words <= there | {DELIVERED, FAILED_TRY, DROPPED}
    assert {"reporting", "not_placed", "lost"} <= words
