"""Whatever Slack sends through Bolt itself: an answer in time, no accident, no call.

Payloads of every kind, with parts missing, of another type, or not JSON at all, are
signed and sent to the real bot, on both kinds of database. RingCentral's double counts
what was dialled: once for each number that a command or a button asked for, and nothing
else.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from town import Town, a_town

from bot.slack.actions import ACTIONS
from bot.slack.answers import CALL_ANYWAY
from bot.slack.commands import COMMANDS
from bot.slack.connect import TEST_CALL
from bot.slack.events import EVENTS
from bot.slack.messages import CALL_AGAIN
from bot.slack.submissions import FORMS
from bot.vault import new_key

NUMBER, CALL = "<number>", "<call>"
"""In a payload: a number that was not used before, and the id of the newest call."""

PATIENCE = 3.0
"""Seconds in which Slack wants an answer."""

FORM = "application/x-www-form-urlencoded"
RINGS = {CALL_ANYWAY, CALL_AGAIN, TEST_CALL}
ANSWERS = {200, 404}
"""Bolt answers 404 to what nobody listens to."""

Json = Any

anything: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=20)  # lone surrogates too: JSON can spell them
    | st.sampled_from(["", "\x00", "\ud800", NUMBER, CALL, "x" * 5_000, "T1", "null"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "value", "text", "values", "user", "team_id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
TEXTS = (
    NUMBER, f"{NUMBER} from {NUMBER}", f"{NUMBER} from mobile", "", "help", "connect",
    "disconnect", "settings", "last 10", "company last 10", "from", "911", f"{NUMBER}\x00",
)  # fmt: skip
PERSON = {"id": "U0ANN", "name": "ann", "username": "ann", "team_id": "T0SANDBOX"}
SPACE = {"id": "T0SANDBOX", "domain": "sandbox"}
VALUES = (
    CALL, NUMBER, "", "refresh", json.dumps({"to": NUMBER, "from": None}),
    json.dumps({"to": [NUMBER], "from": {}}), json.dumps([NUMBER]), "{", "\x00",
)  # fmt: skip


def _command(command: str, text: str) -> Json:
    return {
        "token": "t", "team_id": "T0SANDBOX", "team_domain": "sandbox",
        "channel_id": "C0SALES", "channel_name": "sales", "user_id": "U0ANN",
        "user_name": "ann", "command": command, "text": text, "api_app_id": "A0",
        "is_enterprise_install": "false", "response_url": "", "trigger_id": "",
    }  # fmt: skip


def _pressed(action: str, value: str) -> Json:
    return {
        "type": "block_actions", "team": SPACE, "user": PERSON, "api_app_id": "A0",
        "trigger_id": "", "response_url": "", "channel": {"id": "C0SALES"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0SALES"},
        "message": {"ts": "1.1", "text": "x", "blocks": []},
        "actions": [{"type": "button", "action_id": action, "block_id": "b",
                     "value": value, "action_ts": "1.1"}],
    }  # fmt: skip


def _view(kind: str, name: str) -> Json:
    chosen = {"type": "static_select", "selected_option": {"value": "+1"}}
    return {
        "type": kind, "team": SPACE, "user": PERSON, "api_app_id": "A0", "trigger_id": "",
        "view": {
            "id": "V1", "type": "modal", "callback_id": name, "private_metadata": "",
            "state": {"values": {
                "jwt": {"jwt": {"type": "plain_text_input", "value": "eyJx.y.z"}},
                "first": {"first": chosen}, "prompt": {"prompt": chosen},
                "region": {"region": {"type": "plain_text_input", "value": "US"}},
            }},
        },
        "response_urls": [],
    }  # fmt: skip


def _event(kind: str) -> Json:
    return {
        "type": "event_callback", "team_id": "T0SANDBOX", "api_app_id": "A0",
        "event": {"type": kind, "user": "U0ANN", "channel": "D0ANN", "tab": "home",
                  "tokens": {"bot": [], "oauth": []}, "event_ts": "1.1"},
        "event_id": "", "event_time": 1, "is_ext_shared_channel": False,
        "authorizations": [{"team_id": "T0SANDBOX", "enterprise_id": None,
                            "user_id": "U0BOT", "is_enterprise_install": False}],
    }  # fmt: skip


whole = (
    st.builds(_command, st.sampled_from([*COMMANDS, "/x"]), st.sampled_from(TEXTS))
    | st.builds(_pressed, st.sampled_from([*ACTIONS, "x"]), st.sampled_from(VALUES))
    | st.builds(
        _view,
        st.sampled_from(["view_submission", "view_closed"]),
        st.sampled_from([*FORMS, "x"]),
    )
    | st.builds(_event, st.sampled_from([*EVENTS, "message"]))
)


def _paths(tree: Json, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every place in a payload."""
    if at:
        yield at
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in pairs if isinstance(tree, dict | list) else ():
        yield from (
            _paths(value, (*at, key))
            if isinstance(value, dict | list)
            else [(*at, key)]
        )


@st.composite
def payloads(draw: st.DrawFn) -> Json:
    """Return a payload, with up to four of its parts taken away or put in wrong."""
    if draw(st.integers(0, 9)) == 0:
        return draw(anything)
    tree = copy.deepcopy(draw(whole))
    for _ in range(draw(st.integers(0, 4))):
        *before, last = draw(st.sampled_from(list(_paths(tree))))
        inner = tree
        for key in before:
            inner = inner[key]
        if draw(st.booleans()):
            inner[last] = draw(anything)
        else:
            del inner[last]
        if not tree:
            break
    return tree


def encoded(payload: Json, how: str) -> tuple[str, str]:
    """Return a body as Slack would send it, and its content type."""
    text = json.dumps(payload)
    if how == "json":
        return text, "application/json"
    if how == "form" and isinstance(payload, dict):
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in payload.items()
        }
        return "&".join(f"{_form(n)}={_form(v)}" for n, v in fields.items()), FORM
    return f"payload={_form(text)}", FORM


def _form(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def asked(payload: Json) -> tuple[str, str]:
    """Return by what a payload may ring somebody, and the text that says whom.

    The first is ``command``, a button's name, or nothing.
    """
    if not isinstance(payload, dict):
        return "", ""
    if payload.get("command") == "/ringout":
        return "command", str(payload.get("text"))
    pressed = payload.get("actions")
    if isinstance(pressed, list) and pressed and isinstance(pressed[0], dict):
        name = str(pressed[0].get("action_id"))
        if name in RINGS:
            return name, str(pressed[0].get("value"))
    return "", ""


@dataclass
class Sender:
    """Sends payloads to one bot, and knows what they have asked for."""

    town: Town
    errors: list[str] = field(default_factory=list)
    may_ring: set[str] = field(default_factory=set)
    asks: Counter[str] = field(default_factory=Counter)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(3300000))

    async def send(self, payload: Json, how: str) -> None:
        """Send it; hold the answer against what Slack wants."""
        number = f"+1415{next(self._numbers)}"
        text = json.dumps(payload).replace(NUMBER, number)
        whole = json.loads(text.replace(CALL, self._newest()))
        kind, value = asked(whole)
        self.asks[kind] += 1
        if number in value:
            self.may_ring.add(number)
        begun = time.monotonic()
        status = await self.post(*encoded(whole, how))

        assert status in ANSWERS, (status, text[:2000])
        assert time.monotonic() - begun < PATIENCE
        await asyncio.sleep(0.005)  # what was left for after the ack begins
        assert self.errors == []

    async def post(self, body: str, kind: str) -> int:
        """Send a body with Slack's signature; return the answer's status."""
        deliveries = self.town.slack.deliveries
        assert deliveries.session is not None
        headers = deliveries.signed(body) | {"Content-Type": kind}
        async with deliveries.session.post(
            deliveries.request_url, data=body.encode(), headers=headers
        ) as response:
            return response.status

    def check(self) -> None:
        """Hold what was dialled against what was asked for."""
        rung = Counter(str(call.callee) for call in self.town.ringcentral.calls)
        again = self.asks[CALL_AGAIN]
        strange = {each for each in rung if each not in self.may_ring}

        assert sum(rung[each] for each in strange) <= self.asks[TEST_CALL], strange
        assert sum(rung.values()) <= len(self.may_ring) + again + self.asks[TEST_CALL]
        assert self.town.posts == len(self.town.ringcentral.calls)

    def _newest(self) -> str:
        for card in reversed(self.town.cards()):
            if card.metadata is not None:
                return str(card.metadata["event_payload"]["call"])
        return ""


class Alarm(logging.Handler):
    """Notes what is logged as somebody's fault here."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        """Note the record, its traceback included."""
        self._errors.append(logging.Formatter().format(record))


@contextmanager
def a_sender(folder: Path, url: str) -> Iterator[tuple[Sender, asyncio.Runner]]:
    """Start a bot with signed HTTP; every accident of it is noted."""
    with asyncio.Runner() as runner:
        entered = AsyncExitStack()

        async def open_() -> Sender:
            town = await entered.enter_async_context(a_town(folder))
            await town.open(
                DATABASE_URL=url, SLACK_APP_TOKEN="", PORT="0",
                SLACK_SIGNING_SECRET=town.slack.signing_secret,
                RINGOUT_SECRET_KEY=new_key(), RINGOUT_CALLS_PER_MINUTE="10000",
            )  # fmt: skip
            return Sender(town)

        sender = runner.run(open_())
        alarm = Alarm(sender.errors)
        logging.getLogger().addHandler(alarm)
        runner.get_loop().set_exception_handler(
            lambda _, context: sender.errors.append(str(context))
        )
        try:
            yield sender, runner
        finally:
            runner.run(entered.aclose())
            logging.getLogger().removeHandler(alarm)
        assert sender.errors == []


def test_any_payload_is_answered_and_nothing_is_dialled_by_accident(
    tmp_path: Path, database_url: str
) -> None:
    """Nobody has to write our code to break it: a field that Slack leaves out will do."""
    with a_sender(tmp_path, database_url) as (sender, runner):

        @settings(suppress_health_check=[HealthCheck.too_slow])
        @given(payloads(), st.sampled_from(["form", "payload", "json"]))
        @example(_command("/ringout", NUMBER), "form")
        @example(_pressed(CALL_AGAIN, CALL), "payload")
        def one(payload: Json, how: str) -> None:
            runner.run(sender.send(payload, how))

        one()
        runner.run(sender.town.finished())
        sender.check()
        assert sender.town.posts
