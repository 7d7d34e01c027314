"""The App Home: a person's account, their open and last calls, settings, help.

Nobody else sees it.
"""

from __future__ import annotations

from bot.calls.call import Call, End
from bot.calls.overview import Overview
from bot.policy.desk_sheet import DeskSheet
from bot.slack.texts import (
    account,
    after,
    answers,
    card_buttons,
    desk_home,
    dialer,
    open_calls,
    parties,
    refusals,
    reminder,
    words,
)
from bot.slack.texts.contact import Contact
from bot.slack.texts.text import (
    Block,
    actions,
    button,
    foreign,
    section,
    when,
)
from bot.user_errors import AccessDenied

BLOCKS_OF_HOME = 100
"""Blocks of a Home (Slack docs, "Block Kit: blocks")."""


def view(found: Overview, desk: DeskSheet | None = None) -> Block:
    """Return the view of a person's Home, with whole phone numbers; *desk* is an admin's."""
    below = [{"type": "divider"}, header("Help"), section(answers.RINGOUT_HELP.text)]
    if desk is not None:
        below = [{"type": "divider"}, *desk_home.blocks(desk), *below]
    return {
        "type": "home",
        "blocks": [*_own(found)[: BLOCKS_OF_HOME - len(below)], *below],
    }


def _own(found: Overview) -> list[Block]:
    """Return what is the person's own: their account, calls, and what is left to do."""
    blocks = [*_account(found), {"type": "divider"}]
    if found.open_calls:
        blocks.append(header("In progress"))
        for call in found.open_calls:
            blocks += open_calls.blocks(call)
    if found.to_do.follow_ups:
        blocks += [header("To call back"), *_to_call_back(found)]
    if found.to_do.reminders:
        blocks += [header("Reminders"), *reminder.listed(found.to_do.reminders)]
    blocks.append(header("Last calls"))
    if found.last_calls:
        blocks += [section(_line(call)) for call in found.last_calls]
    else:
        blocks.append(section("None yet. Type `/ringout` and a number in any channel."))
    return blocks


def refused(error: AccessDenied, contact: Contact) -> Block:
    """Return the Home of somebody who may not use the bot: why, and nothing else."""
    return {"type": "home", "blocks": [section(refusals.told(error, contact))]}


def header(text: str) -> Block:
    """Return a header block."""
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _account(found: Overview) -> list[Block]:
    settings = button("Settings", account.SETTINGS_BUTTON, "settings")
    call = button("Call…", dialer.DIALER_BUTTON, "call", style="primary")
    if found.connected:
        rings = f"\n{foreign(found.first)} rings first." if found.first else ""
        return [
            header("Your RingCentral account"),
            section(f"You're calling as *{foreign(found.name)}*.{rings}"),
            actions(call, settings, account.disconnect_button()),
        ]
    if found.ended:
        return [
            header("Connect again"),
            *account.ended(found.ended_why).blocks,
        ]
    if not found.can_call:
        return [
            header("Connect RingCentral"),
            section(
                "Connect RingCentral once to call from your own number. Then type "
                "`/ringout` and a number anywhere."
            ),
            actions(account.connect_button()),
        ]
    own = (
        [account.connect_button("Connect my own account")] if found.can_connect else []
    )
    return [
        header("Ready to call"),
        section("You're calling through your team's shared RingCentral account."),
        actions(call, *own, settings),
    ]


def _to_call_back(found: Overview) -> list[Block]:
    """Return the calls to call back, each with its buttons."""
    blocks: list[Block] = []
    for call, is_own in found.to_do.follow_ups:
        other = parties.of(call, full=False, private=is_own).other
        line = f"*{other}* · {when(call.asked_at)}\n{after.line(call)}"
        buttons = (*after.claim_buttons(call), card_buttons.again(call))
        blocks += [section(line), actions(*buttons)]
    return blocks


def _line(call: Call) -> str:
    callee = parties.of(call, full=True, private=True).other
    said = after.line(call)
    result = f"{_result(call)} · {said}" if said else _result(call)
    return f"*{callee}* · {when(call.asked_at)}\n{result}"


def _result(call: Call) -> str:
    if call.outcome is not None:
        one = words.side("you", call.outcome.caller, bold=False)
        other = words.side("they", call.outcome.callee, bold=False)
        return f"{one}; {other}"
    match call.end:
        case End.NOT_PLACED:
            return "not placed"
        case End.REFUSED:
            return "refused by RingCentral"
        case None:
            return "result on its way"
    return "not confirmed"
