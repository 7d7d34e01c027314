"""``views.*``: stacked modals, and the Home tab.

Source: Slack docs, "Modals", "views.open", "views.push", "views.update" and
"views.publish"; for what an answer does, "Handling view interactions".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack import inputs, view_rules
from bot.sandbox.slack.answers import Args, Json, Method, Problem
from bot.sandbox.slack.content import Checker
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Channel, Workspace

MOST_STACKED = 3
"""The most modals in one stack."""

FILTERED = {
    "public": "public",
    "private": "private",
    "im": "im",
    "mpim": "mpim",
    "app-dm": "im",
}
"""What a filter of conversations calls each kind."""


@dataclass(slots=True, kw_only=True)
class View:
    """A modal or a Home tab.

    Attributes:
        source: The view that the bot sent, with ids for its blocks.
        root: The id of the lowest modal of its stack; its own for that one.
        previous: The id of the modal below it; empty for none.
        is_open: Whether it is open, also if another modal covers it.
        touched: The values that the person has entered, by block and action.
        errors: The field errors in the bot's last answer, by block.
        suggested: The options that the bot has suggested for what was typed in a menu.
    """

    id: str
    user: str
    source: Json
    hash: str
    updates: int = 0
    root: str = ""
    previous: str = ""
    is_open: bool = True
    touched: dict[tuple[str, str], Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    suggested: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    @property
    def is_modal(self) -> bool:
        """Whether it is a modal, not a Home tab."""
        return bool(self.source["type"] == "modal")

    @property
    def values(self) -> Json:
        """The present values of its inputs, as in Slack's ``state``."""
        return inputs.state(self.source["blocks"], self.touched)

    def offered(self, block: Json, element: Json) -> Json:
        """Return an element of it with the options that the person is shown."""
        at = block["block_id"], element["action_id"]
        if element["type"] != inputs.EXTERNAL:
            return element
        return {**element, "options": self.suggested.get(at, [])}

    def begin_in(self, channel: Channel | None) -> None:
        """Choose the conversation in which the person is, where a menu asks for that.

        The menu's filter may leave it out.
        """
        for block, element in inputs.inputs(self.source["blocks"]):
            include = element.get("filter", {}).get("include")
            if (
                channel is not None
                and element.get("default_to_current_conversation")
                and (include is None or FILTERED[channel.kind] in include)
            ):
                at = block["block_id"], element["action_id"]
                self.touched[at] = inputs.entry(element, channel.id)

    def enter(self, values: Json) -> None:
        """Enter values, given as in Slack's ``state``."""
        for block, actions in values.items():
            for action, value in actions.items():
                self.touched[block, action] = value

    def change(self, source: Json) -> None:
        """Replace the view; entered values stay where block and action are the same."""
        self.source, self.errors = source, {}
        self.updates += 1
        self.hash = f"{self.hash.partition('.')[0]}.{self.updates}"


@dataclass(slots=True)
class Views:
    """The methods ``views.*``, and all views of a workspace in the order of opening."""

    workspace: Workspace
    checker: Checker
    triggers: Triggers
    all: list[View] = field(default_factory=list)

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {
            "views.open": Method(self._open),
            "views.push": Method(self._push),
            "views.update": Method(self._update),
            "views.publish": Method(self._publish),
        }

    def top(self, user: str) -> View | None:
        """Return the top open modal of *user*, if any."""
        found = [one for one in self.all if one.user == user and one.is_modal]
        return next((one for one in reversed(found) if one.is_open), None)

    def home(self, user: str) -> View | None:
        """Return the Home tab of *user*, if one was published."""
        homes = (one for one in self.all if one.user == user and not one.is_modal)
        return next(homes, None)

    def find(self, view_id: str) -> View | None:
        """Return the view with this id, even if closed."""
        return next((one for one in self.all if one.id == view_id), None)

    def _open(self, args: Args) -> Json:
        source = self._source(args.value("view"), "modal")
        trigger = args.required("trigger_id")
        view = self.add(self.triggers.exchange(trigger), source)
        view.begin_in(self.workspace.by_id(self.triggers.seen_from.get(trigger, "")))
        return self._answer(view)

    def _push(self, args: Args) -> Json:
        source = self._source(args.value("view"), "modal")
        user = self.triggers.exchange(args.required("trigger_id"))
        top = self.top(user)
        if top is None:
            raise Problem("not_found")
        return self._answer(self.over(top, source))

    def _publish(self, args: Args) -> Json:
        source = self._source(args.value("view"), "home")
        user = self.workspace.user_by_id(args.required("user_id"))
        if user is None:
            raise Problem("user_not_found")
        if not self.checker.rules.home_tab_enabled:
            raise Problem("not_enabled")
        home = self.home(user.id)
        if home is None:
            return self._answer(self.add(user.id, source))
        return self._answer(_changed(home, source, args))

    def _update(self, args: Args) -> Json:
        """Update an open modal. It may keep its own ``external_id``."""
        view = self._meant(args)
        named = "" if view is None else str(view.source.get("external_id", ""))
        source = self._source(args.value("view"), "modal", named)
        if view is None:
            raise Problem("not_found")
        return self._answer(_changed(view, source, args))

    def _meant(self, args: Args) -> View | None:
        for view in self.all:
            external = view.source.get("external_id")
            if view.is_open and (
                view.id == args.text("view_id")
                or (external and external == args.text("external_id"))
            ):
                return view
        return None

    def _source(self, view: Any, kind: str, own: str = "") -> Json:
        """Return a checked view, with ids for its blocks.

        *own* is the ``external_id`` that the view may have although it is taken.

        Raises:
            Problem: Slack refuses the view.
        """
        if not isinstance(view, dict):
            raise Problem.invalid("invalid_arguments", "missing required field: view")
        if view.get("type") != kind:
            raise Problem.invalid("invalid_arguments", f"view must be a {kind}")
        view_rules.check(view)
        external = view.get("external_id")
        if external and external != own and self._is_taken(external):
            raise Problem("duplicate_external_id")
        return {**view, "blocks": self.checker.blocks(view["blocks"], of_view=True)}

    def _is_taken(self, external: str) -> bool:
        return any(
            one.is_open and one.source.get("external_id") == external
            for one in self.all
        )

    def add(self, user: str, source: Json) -> View:
        """Open a view for *user*."""
        number = len(self.all) + 1
        name = f"V{self.workspace.mark.removeprefix('0')}{number:04d}"
        view = View(id=name, user=user, source=source, hash=f"{number}.0", root=name)
        self.all.append(view)
        return view

    def over(self, view: View, source: Json) -> View:
        """Open a modal on top of *view*, for the same person."""
        depth = [one for one in self.all if one.root == view.root and one.is_open]
        if len(depth) >= MOST_STACKED:
            raise Problem("push_limit_reached")
        pushed = self.add(view.user, source)
        pushed.root, pushed.previous = view.root, view.id
        return pushed

    def clear(self, view: View) -> list[View]:
        """Close all modals of the stack of *view*; return them, top first."""
        closed = [one for one in self.all if one.root == view.root and one.is_open]
        for one in closed:
            one.is_open = False
        return closed[::-1]

    def take(self, view: View, answer: Json) -> None:
        """Apply the bot's answer to a submission of *view*.

        Raises:
            Problem: The answer is invalid.
        """
        view.errors = {}
        match answer.get("response_action"):
            case None if not answer:
                view.is_open = False
            case "errors":
                errors = answer.get("errors")
                view.errors = view_rules.check_answers(view.source, errors)
            case "update":
                own = str(view.source.get("external_id", ""))
                view.change(self._source(answer.get("view"), "modal", own))
            case "push":
                self.over(view, self._source(answer.get("view"), "modal"))
            case "clear":
                self.clear(view)
            case _:
                raise Problem("invalid_response_action")

    def _answer(self, view: View) -> Json:
        return {"ok": True, "view": self.as_json(view)}

    def _installed_at(self) -> str:
        org = self.workspace.enterprise
        return org.id if org and self.workspace.is_org_wide else self.workspace.team

    def as_json(self, view: View) -> Json:
        """Return a view as Slack's answers and payloads have it."""
        source = view.source
        return {
            "id": view.id,
            "team_id": self.workspace.team,
            "app_id": self.workspace.app,
            "app_installed_team_id": self._installed_at(),
            "bot_id": self.workspace.bot_id,
            "type": source["type"],
            "title": source.get("title") or {"type": "plain_text", "text": "Home"},
            "submit": source.get("submit"),
            "close": source.get("close"),
            "blocks": source["blocks"],
            "callback_id": source.get("callback_id", ""),
            "external_id": source.get("external_id", ""),
            "private_metadata": source.get("private_metadata", ""),
            "state": {"values": view.values},
            "hash": view.hash,
            "root_view_id": view.root,
            "previous_view_id": view.previous or None,
            "clear_on_close": bool(source.get("clear_on_close")),
            "notify_on_close": bool(source.get("notify_on_close")),
        }


def _changed(view: View, source: Json, args: Args) -> View:
    if args.text("hash") not in ("", view.hash):
        raise Problem("hash_conflict")
    view.change(source)
    return view
