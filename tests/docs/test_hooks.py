"""The receiver in docs/hooks.md is run, line by line, against what the bot sends."""

from __future__ import annotations

import http.server
import json
import re
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.calls.exported import EXPORTED, ShownNumbers
from bot.calls.exported_missed import MISSED_EXPORTED
from bot.hooks.events import ToldOfCalls, body
from bot.hooks.receiver import Receiver, Target
from bot.storage.hooks.outbox import EventKind
from checkout import ROOT
from hook_receiver import HOOK_SECRET
from intents import NOON, a_call

PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
[LINES] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TOLD = ToldOfCalls(ShownNumbers.MASKED, with_private=False)


async def test_the_receiver_of_the_page_takes_each_event_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who pastes it should not have to find its mistakes."""
    made: list[http.server.HTTPServer] = []
    ready = threading.Event()

    class Recorded(http.server.HTTPServer):
        def __init__(self, _: object, handler: Any) -> None:
            super().__init__(("127.0.0.1", 0), handler)
            made.append(self)
            ready.set()

    monkeypatch.setattr(http.server, "HTTPServer", Recorded)
    monkeypatch.setattr(
        http.server.BaseHTTPRequestHandler, "log_message", lambda *_: None
    )
    monkeypatch.setenv("SECRET", HOOK_SECRET)
    thread = threading.Thread(target=exec, args=(LINES, {"__name__": "page"}))
    thread.start()
    ready.wait()
    url = f"http://127.0.0.1:{made[0].server_port}/"
    now = datetime.now(UTC)
    event = body(EventKind.CALL_ENDED, NOON, a_call(), TOLD)
    try:
        answers = []
        for secret in (HOOK_SECRET, HOOK_SECRET, f"whsec_{'b3Ro' * 8}"):
            target = Target(url=url, secrets=(secret,), allow_private=True)
            receiver = Receiver(target)
            answers.append((await receiver.send("msg_1", event, now)).status)
            await receiver.close()
    finally:
        made[0].shutdown()
        made[0].server_close()
        thread.join()

    assert answers == [204, 204, 401]
    assert capsys.readouterr().out.splitlines() == ["call.ended None"]


def test_the_page_shows_an_event_as_it_is() -> None:
    """Its example is what people write their programs for."""
    [example] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    shown = json.loads(example)
    sent = json.loads(body(EventKind.CALL_ENDED, NOON, a_call(), TOLD))

    assert list(shown) == list(sent)
    assert set(shown["data"]) <= set(EXPORTED)
    assert shown["type"] == EventKind.CALL_ENDED


def test_the_page_explains_every_field_of_a_missed_call() -> None:
    """A field without a word is guessed at."""
    _, _, section = PAGE.partition("## What is told of a missed call")
    rows = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)

    assert tuple(re.findall(r"`(\w+)`", " ".join(rows))) == MISSED_EXPORTED
