"""Every command of ``ringout-bot``, as an operator types it, and the settings it needs."""

from __future__ import annotations

from hook_receiver import HOOK_SECRET

COMMAND_LINES = {
    "run": ("run",),
    "demo": ("demo",),
    "doctor": ("doctor",),
    "trace": ("doctor", "--trace", "no-such-call"),
    "manifest": ("manifest",),
    "migrate": ("migrate",),
    "erase": ("erase", "+14155550142"),
    "erase --person": ("erase", "--person", "U0123456789"),
    "new-key": ("new-key",),
    "rotate-keys": ("rotate-keys",),
    "people": ("people",),
    "disconnect": ("disconnect", "U0123456789"),
    "export": ("export",),
    "audit export": ("audit", "export"),
    "hook test": ("hook", "test"),
    "policy show": ("policy", "show", "--team", "T0123"),
    "policy export": ("policy", "export", "--team", "T0123"),
    "policy import": ("policy", "import", "/dev/null", "--team", "T0123"),
    "policy check": ("policy", "check", "/dev/null"),
}

WITHOUT_DATABASE = {"demo", "manifest", "new-key", "policy check"}
"""The demo has one of its own, which it deletes."""

OPENS_DATABASE = {
    name: line for name, line in COMMAND_LINES.items() if name not in WITHOUT_DATABASE
}

HOOK_ENV = {
    "RINGOUT_HOOK_URL": "http://127.0.0.1:9/none",
    "RINGOUT_HOOK_SECRET": HOOK_SECRET,
    "RINGOUT_HOOK_ALLOW_PRIVATE": "on",
}
"""A receiver where nobody listens."""
