"""A channel's digest: sums, a chart of its days, and the same figures in words."""

from __future__ import annotations

from datetime import date

from bot.calls.digest import Digest
from bot.calls.figures import Figures
from bot.slack.texts import figures
from bot.slack.texts.text import Block, Message, context, section, spoken, when

MOST_PEOPLE_TOLD = 20

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

CHART_TITLE = "Calls by day"
CONNECTED_CALLS, OTHER_CALLS = "Connected", "Other calls"

IS_LATE = "I couldn't post this when it was due."
ONLY_HERE = "Calls placed with this app."


def digest(told: Digest, *, is_weekly: bool) -> Message:
    """Return the message: as a chart, else as a table, else in words alone."""
    title = f"{'Weekly' if is_weekly else 'Daily'} digest of calls"
    sums = figures.lines(told.total, told.to_call_back) + _missed(told)
    rows = "\n".join(f"• {each}" for each in sums)
    below = f"From {when(told.since)} to {when(told.due_at)}. {ONLY_HERE}"
    below += f" {IS_LATE}" if told.is_late else ""
    days = "\n".join(f"• {_label(day)}: {_in_short(of)}" for day, of in told.days)
    people = _people(told)
    above = [section(f"*{title}*\n{rows}")]
    rest = [section(f"*By person*\n{people}")] if people else []
    rest.append(context(below))
    parts = [f"{title}\n{rows}", f"By day\n{days}", people and f"By person\n{people}"]
    return Message(
        "\n".join(filter(None, [*parts, below])),
        (*above, _chart(told), *rest),
        plainer=(
            (*above, _table(told), *rest),
            (*above, section(f"*By day*\n{days}"), *rest),
        ),
    )


def _missed(told: Digest) -> list[str]:
    if told.missed is None:
        return []
    left = f" (nobody has taken {told.missed.untaken})" if told.missed.untaken else ""
    return [f"Missed calls: {told.missed.calls}{left}"]


def _people(told: Digest) -> str:
    listed = [
        f"• <@{user}>: {_in_short(sums)}, talked {spoken(sums.talked)}"
        for user, sums in told.people[:MOST_PEOPLE_TOLD]
    ]
    left = len(told.people) - MOST_PEOPLE_TOLD
    return "\n".join(listed + ([f"• and {left} more"] if left > 0 else []))


def _in_short(sums: Figures) -> str:
    calls = "1 call" if sums.calls == 1 else f"{sums.calls} calls"
    return f"{calls}, {sums.connected} connected"


def _chart(told: Digest) -> Block:
    """Return a chart. Source: Slack docs, "Data visualization block"."""
    labels = [_label(day) for day, _ in told.days]
    series = {
        CONNECTED_CALLS: [sums.connected for _, sums in told.days],
        OTHER_CALLS: [sums.calls - sums.connected for _, sums in told.days],
    }
    return {
        "type": "data_visualization",
        "title": CHART_TITLE,
        "chart": {
            "type": "bar",
            "series": [
                {
                    "name": name,
                    "data": [
                        {"label": label, "value": value}
                        for label, value in zip(labels, values, strict=True)
                    ],
                }
                for name, values in series.items()
            ],
            "axis_config": {
                "categories": labels,
                "x_label": "Day",
                "y_label": "Calls",
            },
        },
    }


def _table(told: Digest) -> Block:
    rows = [["Day", "Calls", CONNECTED_CALLS]] + [
        [_label(day), str(sums.calls), str(sums.connected)] for day, sums in told.days
    ]
    return {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": each} for each in row] for row in rows],
    }


def _label(day: date) -> str:
    """Return a day's name and number: two days of one digest never have both alike."""
    return f"{DAY_NAMES[day.weekday()]} {day.day}"
