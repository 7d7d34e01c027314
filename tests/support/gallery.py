"""A bot that sends every block and element that the demo can draw."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

Block = dict[str, Any]

DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WHEN = 1_767_225_600
"""2026-01-01 00:00 UTC: still the old year in California."""


def plain(text: str) -> Block:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    """Return a mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str) -> Block:
    """Return an option of a menu."""
    return {"text": plain(text), "value": value}


def button(text: str, action: str, **more: Any) -> Block:
    """Return a button."""
    return {"type": "button", "text": plain(text), "action_id": action, **more}


SURE = {
    "title": plain("Stop it"),
    "text": mrkdwn("*Really* stop it?"),
    "confirm": plain("Stop it"),
    "deny": plain("Back"),
}
MENU = {
    "type": "static_select",
    "action_id": "menu",
    "placeholder": plain("Which phone"),
    "options": [option("Desk", "desk"), option("Mobile", "mobile")],
}
RICH = [
    {
        "type": "rich_text_section",
        "elements": [
            {"type": "text", "text": "Bold", "style": {"bold": True}},
            {"type": "text", "text": " and "},
            {"type": "text", "text": "code", "style": {"code": True}},
            {"type": "text", "text": " for "},
            {"type": "user", "user_id": "U0BOB"},
            {"type": "text", "text": " "},
            {"type": "emoji", "name": "telephone_receiver"},
        ],
    },
    {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
        ],
    },
    {"type": "rich_text_quote", "elements": [{"type": "text", "text": "Quoted"}]},
]
OVERFLOW = {
    "type": "overflow",
    "action_id": "more",
    "options": [option("Show number", "number 1"), option("Claim", "claim 1")],
}


def raw(text: str) -> Block:
    """Return a cell of plain text."""
    return {"type": "raw_text", "text": text}


DATA_TABLE: Block = {
    "type": "data_table",
    "caption": "Your last 7 calls",
    "page_size": 5,
    "row_header_column_index": 0,
    "rows": [
        [raw("With"), raw("Talk time")],
        *([raw(f"Party {at}"), raw(f"{at} s")] for at in range(1, 8)),
    ],
}
DAYS = ("Fri 25", "Sat 26", "Sun 27", "Mon 28", "Tue 29", "Wed 30", "Thu 1", "Fri 2")
BARS = {
    "Connected": (3, 0, 0, 12, 7, 5, 9, 2),
    "Other calls": (1, 0, 0, 4, 2, 0, 11, 1),
}
CHART: Block = {
    "type": "data_visualization",
    "title": "Calls by day",
    "chart": {
        "type": "bar",
        "series": [
            {
                "name": name,
                "data": [
                    {"label": label, "value": value}
                    for label, value in zip(DAYS, values, strict=True)
                ],
            }
            for name, values in BARS.items()
        ],
        "axis_config": {"categories": list(DAYS), "x_label": "Day", "y_label": "Calls"},
    },
}
"""Eight days, as a weekly digest may have."""
BLOCKS: list[Block] = [
    {"type": "header", "text": plain("Every block :wave:")},
    {"type": "section", "text": mrkdwn("*Bold*, _italic_, ~struck~, `code` &lt;b&gt;")},
    {"type": "section", "fields": [mrkdwn("*Caller*\nAnn"), mrkdwn("*Callee*\nBob")]},
    {"type": "section", "text": mrkdwn("Choose one"), "accessory": MENU},
    {"type": "divider"},
    {
        "type": "context",
        "elements": [
            mrkdwn(
                f"<@U0ANN> in <#C0SALES> · <!date^{WHEN}^{{date_num}} at {{time}}|then>"
                f" · <!date^{WHEN}^{{nonsense}}|2026 in words> · <https://x.example|link>"
            )
        ],
    },
    {"type": "rich_text", "elements": RICH},
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "When"}, {"type": "raw_text", "text": "Who"}],
            [
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {
                                    "type": "date",
                                    "timestamp": WHEN,
                                    "format": "{date_long} {time_secs}",
                                    "fallback": "then",
                                }
                            ],
                        }
                    ],
                },
                {"type": "raw_text", "text": "*Ann* <b>"},
            ],
        ],
    },
    DATA_TABLE,
    CHART,
    {"type": "section", "text": mrkdwn("> The app quotes")},
    {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "A chart"},
    {
        "type": "actions",
        "elements": [
            button("Stop", "stop", style="danger", confirm=SURE),
            button("Go", "go", style="primary", value="7"),
            OVERFLOW,
        ],
    },
]
MODAL: Block = {
    "type": "modal",
    "title": plain("Place a call"),
    "submit": plain("Call"),
    "close": plain("Never mind"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "to",
            "label": plain("Number"),
            "hint": plain("As you would dial it"),
            "element": {"type": "plain_text_input", "action_id": "number"},
        },
        {
            "type": "input",
            "block_id": "from",
            "label": plain("Ring first"),
            "element": MENU | {"initial_option": option("Desk", "desk")},
        },
        {
            "type": "input",
            "block_id": "who",
            "label": plain("Colleague"),
            "optional": True,
            "element": {
                "type": "external_select",
                "action_id": "colleague",
                "min_query_length": 1,
            },
        },
        {
            "type": "input",
            "block_id": "how",
            "label": plain("How"),
            "optional": True,
            "element": {
                "type": "checkboxes",
                "action_id": "flags",
                "options": [option("Quietly", "quiet"), option("Recorded", "taped")],
            },
        },
    ],
}
SECOND: Block = {
    "type": "modal",
    "title": plain("Really?"),
    "submit": plain("Yes"),
    "blocks": [{"type": "section", "text": mrkdwn("It will ring.")}],
}
HOME: Block = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Your phones")},
        {"type": "section", "text": mrkdwn("Desk"), "accessory": button("Ring", "go")},
    ],
}


class Gallery:
    """Answers ``/ringout`` with every block or a modal, and publishes a Home tab."""

    def __init__(self) -> None:
        self.pressed: list[dict[str, Any]] = []
        self.submitted: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.closed = 0

    def __call__(self, app: AsyncApp) -> None:
        """Let *app* answer."""
        app.command("/ringout")(self._command)
        app.event("app_home_opened")(self._home)
        app.view("")(self._submit)
        app.view_closed("")(self._close)
        app.options("colleague")(self._suggest)
        for action in ("stop", "go", "menu", "more"):
            app.action(action)(self._press)

    async def _command(
        self, ack: AsyncAck, body: dict[str, Any], say: AsyncSay, client: AsyncWebClient
    ) -> None:
        await ack()
        if body["text"] == "modal":
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        else:
            posted = await say(text="Every block", blocks=BLOCKS)
            said = await say(text="Something")
            place = body["channel_id"]
            await client.chat_update(channel=place, ts=said["ts"], text="Something new")
            await client.chat_postMessage(
                channel=place, thread_ts=posted["ts"], text="A reply :tada:"
            )

    async def _press(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self.pressed.append(body)

    async def _home(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=HOME)

    async def _submit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.submitted.append(body["view"])
        values = body["view"]["state"]["values"]
        number = values.get("to", {}).get("number", {}).get("value")
        if number == "bad":
            await ack(response_action="errors", errors={"to": "That is no number."})
        elif number == "push":
            await ack(response_action="push", view=SECOND)
        elif number == "update":
            await ack(response_action="update", view=SECOND)
        elif "to" not in values:
            await ack(response_action="clear")
        else:
            await ack()

    async def _suggest(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.asked.append(body["value"])
        await ack(options=[option(body["value"].title(), body["value"])])

    async def _close(self, ack: AsyncAck) -> None:
        await ack()
        self.closed += 1
