"""Assembles all parts of one workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.answers import Method
from bot.sandbox.slack.chat import Chat
from bot.sandbox.slack.content import Checker
from bot.sandbox.slack.conversations import Conversations
from bot.sandbox.slack.functions import Functions
from bot.sandbox.slack.limits import SlackLimiter, SlackLimits
from bot.sandbox.slack.messages import Messages
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.places import Places
from bot.sandbox.slack.rules import Rules
from bot.sandbox.slack.team import Team
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.urls import LIFETIME, ResponseUrls
from bot.sandbox.slack.user_groups import UserGroups
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.workspace import Workspace


@dataclass(slots=True, kw_only=True)
class Space:
    """One workspace and its parts; each workspace has its own rate limits."""

    workspace: Workspace
    rules: Rules
    messages: Messages
    checker: Checker
    triggers: Triggers
    views: Views
    urls: ResponseUrls
    payloads: Payloads
    limiter: SlackLimiter
    functions: Functions
    user_groups: UserGroups
    methods: Mapping[str, Method]

    @classmethod
    def of(cls, workspace: Workspace, limits: SlackLimits, speed: float) -> Space:
        """Assemble the parts of *workspace*; response_urls live 30 min / *speed*."""
        rules = Rules()
        messages, checker = Messages(workspace), Checker(rules)
        triggers = Triggers(rules, workspace.team)
        views = Views(workspace, checker, triggers)
        urls = ResponseUrls(messages, checker, LIFETIME / speed, workspace.team)
        places = Places(workspace, rules)
        functions, groups = Functions(workspace.team), UserGroups(workspace)
        methods = {
            **Team(workspace).methods(),
            **Chat(workspace, places, checker, messages).methods(),
            **Conversations(workspace, places, messages).methods(),
            **views.methods(),
            **functions.methods(),
            **groups.methods(),
        }
        return cls(
            workspace=workspace,
            rules=rules,
            messages=messages,
            checker=checker,
            triggers=triggers,
            views=views,
            urls=urls,
            payloads=Payloads(workspace, messages, urls, triggers, views),
            limiter=SlackLimiter(limits),
            methods=methods,
            functions=functions,
            user_groups=groups,
        )

    def has(self, args: Mapping[str, Any]) -> bool:
        """Whether a call's arguments have a channel, trigger or view of this workspace."""
        return (
            self.workspace.by_id(str(args.get("channel"))) is not None
            or self.triggers.knows(str(args.get("trigger_id")))
            or self.views.find(str(args.get("view_id"))) is not None
        )
