"""Custom steps of workflows: the event that runs one, and how the app completes it.

Source: Slack docs, "function_executed", "functions.completeSuccess" and
"functions.completeError".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.answers import Args, Json, Method, Problem

CREATED = 1_790_000_000
"""When the app's function was made, in seconds since 1970."""


@dataclass(slots=True)
class StepRun:
    """One run of a step. *outputs* and *error* are what the app completed it with."""

    id: str
    outputs: Json | None = None
    error: str = ""
    times: int = 0
    """How often the app has completed it."""

    @property
    def is_open(self) -> bool:
        """Whether the workflow waits for it."""
        return self.times == 0


@dataclass(slots=True)
class Functions:
    """The runs of a workspace's steps, and the methods ``functions.*``."""

    team: str
    runs: dict[str, StepRun] = field(default_factory=dict)

    def methods(self) -> dict[str, Method]:
        """Return the methods by name; they need no scope."""
        return {
            "functions.completeSuccess": Method(self._succeed, ""),
            "functions.completeError": Method(self._fail, ""),
        }

    def begin(self, callback: str, app: str, inputs: Json) -> tuple[StepRun, Json]:
        """Begin a run; return it and its event."""
        run = StepRun(f"Fx{secrets.token_hex(6).upper()}")
        self.runs[run.id] = run
        event: dict[str, Any] = {
            "type": "function_executed",
            "function": {
                "id": "Fn0PLACECALL",
                "callback_id": callback,
                "title": "Place a call",
                "type": "app",
                "input_parameters": [_parameter(*each) for each in inputs.items()],
                "output_parameters": [],
                "app_id": app,
                "date_created": CREATED,
                "date_updated": CREATED,
                "date_deleted": 0,
            },
            "inputs": inputs,
            "function_execution_id": run.id,
            "workflow_execution_id": f"Wx{secrets.token_hex(6).upper()}",
            "bot_access_token": f"xwfp-{secrets.token_hex(8)}",
        }
        return run, event

    def _succeed(self, args: Args) -> Json:
        run = self._run(args)
        outputs = args.value("outputs")
        if not isinstance(outputs, dict):
            raise Problem("invalid_arguments")
        run.times += 1
        run.outputs = outputs
        return {"ok": True}

    def _fail(self, args: Args) -> Json:
        run = self._run(args)
        run.error = args.required("error")
        run.times += 1
        return {"ok": True}

    def _run(self, args: Args) -> StepRun:
        run = self.runs.get(args.required("function_execution_id"))
        if run is None:
            raise Problem("function_execution_not_found")
        if not run.is_open:
            raise Problem("function_already_completed")
        return run


def _parameter(name: str, value: Any) -> Json:
    kind = "string" if isinstance(value, str) else "slack#/types/user_context"
    return {"type": kind, "name": name, "title": name, "is_required": True}
