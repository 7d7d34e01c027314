"""``views.*``: modals and the Home tab, as far as a bot can tell.

Source: Slack docs, "views.open", "views.update" and "views.publish". A modal needs a
``trigger_id`` that is a few seconds old and that nobody has used.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack_answers import Args, Json, Method, Problem
from bot.sandbox.slack_content import Checker
from bot.sandbox.slack_people import Workspace
from bot.sandbox.slack_rules import Rules


@dataclass(slots=True)
class Triggers:
    """The ``trigger_id``s that were handed out."""

    rules: Rules
    team: str
    _made: dict[str, tuple[float, str]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _numbers: itertools.count[int] = field(
        default_factory=lambda: itertools.count(1_000_000)
    )

    def make(self, user: str, trigger_id: str | None = None) -> str:
        """Return a new one, or register the one that is wanted."""
        number = next(self._numbers)
        made = trigger_id or f"{number}.{self.team}.{number * 7919:x}"
        self._made[made] = (time.monotonic(), user)
        return made

    def exchange(self, trigger_id: str) -> str:
        """Use one up; return whose it is."""
        if trigger_id not in self._made:
            raise Problem("invalid_trigger_id")
        at, user = self._made[trigger_id]
        if trigger_id in self._used:
            raise Problem("exchanged_trigger_id")
        if time.monotonic() - at > self.rules.trigger_seconds:
            raise Problem("expired_trigger_id")
        self._used.add(trigger_id)
        return user


@dataclass(slots=True, kw_only=True)
class View:
    """A modal or a Home tab; `source` is what the bot sent."""

    id: str
    user: str
    source: Json
    hash: str
    updates: int = 0


@dataclass(slots=True)
class Views:
    """The methods, and every view in the order of its opening."""

    workspace: Workspace
    checker: Checker
    triggers: Triggers
    all: list[View] = field(default_factory=list)

    def methods(self) -> dict[str, Method]:
        """Return them by name."""
        return {
            "views.open": Method(self._open),
            "views.update": Method(self._update),
            "views.publish": Method(self._publish),
        }

    def _open(self, args: Args) -> Json:
        source = self._source(args, "modal")
        user = self.triggers.exchange(args.required("trigger_id"))
        return self._answer(self.add(user, source))

    def _publish(self, args: Args) -> Json:
        source = self._source(args, "home")
        user = self.workspace.user_by_id(args.required("user_id"))
        if user is None:
            raise Problem("user_not_found")
        for view in self.all:
            if view.user == user.id and view.source["type"] == "home":
                return self._answer(_changed(view, source, args))
        return self._answer(self.add(user.id, source))

    def _update(self, args: Args) -> Json:
        source = self._source(args, "modal")
        for view in self.all:
            external = view.source.get("external_id")
            if view.id == args.text("view_id") or (
                external and external == args.text("external_id")
            ):
                return self._answer(_changed(view, source, args))
        raise Problem("not_found")

    def _source(self, args: Args, kind: str) -> Json:
        view: Any = args.value("view")
        if not isinstance(view, dict):
            raise Problem.invalid("invalid_arguments", "missing required field: view")
        if view.get("type") != kind:
            raise Problem.invalid("invalid_arguments", f"view must be a {kind}")
        return {**view, "blocks": self.checker.blocks(view.get("blocks"))}

    def add(self, user: str, source: Json) -> View:
        """Show *user* one more view."""
        number = len(self.all) + 1
        view = View(id=f"V{number:04d}", user=user, source=source, hash=f"{number}.0")
        self.all.append(view)
        return view

    def _answer(self, view: View) -> Json:
        return {"ok": True, "view": self.as_json(view)}

    def as_json(self, view: View, values: Json | None = None) -> Json:
        """Return a view as Slack shows it, filled in with *values*."""
        source = view.source
        return {
            "id": view.id,
            "team_id": self.workspace.team,
            "app_id": self.workspace.app,
            "app_installed_team_id": self.workspace.team,
            "bot_id": self.workspace.bot_id,
            "type": source["type"],
            "title": source.get("title") or {"type": "plain_text", "text": "Home"},
            "submit": source.get("submit"),
            "close": source.get("close"),
            "blocks": source["blocks"],
            "callback_id": source.get("callback_id", ""),
            "external_id": source.get("external_id", ""),
            "private_metadata": source.get("private_metadata", ""),
            "state": {"values": values or {}},
            "hash": view.hash,
            "root_view_id": view.id,
            "previous_view_id": None,
            "clear_on_close": bool(source.get("clear_on_close")),
            "notify_on_close": bool(source.get("notify_on_close")),
        }


def _changed(view: View, source: Json, args: Args) -> View:
    if args.text("hash") not in ("", view.hash):
        raise Problem("hash_conflict")
    view.source = source
    view.updates += 1
    view.hash = f"{view.hash.partition('.')[0]}.{view.updates}"
    return view
