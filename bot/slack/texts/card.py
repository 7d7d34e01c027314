"""The card of a call: one message in the channel, edited while the call goes on.

Its first line is the state or the result, with the other party. While the call goes on,
each side has a line; then the card shrinks to what to do next. With its reply
(`bot.slack.texts.reply`) it is all that a channel reads of the bot. The card's ``text``
says the whole state by itself.
"""

from __future__ import annotations

from bot.calls.aftermath import NO_DISPOSITIONS, Dispositions
from bot.calls.call import Call, State
from bot.calls.live_view import as_seen
from bot.slack.texts import after, endings, result_line, words
from bot.slack.texts.card_buttons import rings_both, row
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.parties import SideNames, of
from bot.slack.texts.result_line import FirstLine
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    capital,
    context,
    escape,
    foreign,
    numbered,
    section,
    when,
)

CLOCK = "{time}"
SECONDS = "{time_secs}"


def card(
    call: Call,
    *,
    full: bool,
    contact: Contact = NO_CONTACT,
    dispositions: Dispositions = NO_DISPOSITIONS,
) -> Message:
    """Return the card of *call* as it is now; *full* shows whole phone numbers.

    *dispositions*: what people may say of it once it is over.
    """
    call = as_seen(call)
    parties = of(call, full=full, contact=contact)
    if call.hides_result:
        return _hidden(call, parties)
    line = first_line(call, parties)
    sides = _sides(call, parties)
    said = after.line(call)
    lines = [each for each in (line.headline, *sides, line.more, said) if each]
    blocks = [section("\n".join(lines)), *after.note_block(call)]
    blocks.append(context(_small(call, parties)))
    buttons = row(call, parties, dispositions)
    if buttons:
        blocks.append(actions(*buttons))
    return Message(_text(call, line, sides, parties), tuple(blocks))


def first_line(call: Call, parties: SideNames) -> FirstLine:
    """Return the card's first line, and the note below it."""
    if call.end is not None:
        return endings.line(call, parties)
    if call.silent_since is not None:
        return _silent(call, parties, when(call.silent_since, CLOCK))
    if call.state is State.RECORDING:
        return _looked_for(call, parties)
    if call.state is State.REQUESTED and call.wait_until is not None:
        until = when(call.wait_until, SECONDS)
        note = f"RingCentral's limit is reached for now. The next try is at {until}."
        return FirstLine("⏳", parties.fill("Waiting to call {other}"), note)
    return _followed(call, parties)


def _looked_for(call: Call, parties: SideNames) -> FirstLine:
    """Return the first line while the call's record is looked for in the call log."""
    if call.is_lost:
        said = parties.fill("Not confirmed yet: the call to {other}")
        note = f"RingCentral's answer was lost. {endings.CHECK_FIRST}"
        return FirstLine(result_line.UNCLEAR, said, note)
    if call.is_left:
        said = parties.fill("Lost sight of the call to {other}")
        note = "It may be going on. How it went is not confirmed yet."
        return FirstLine(result_line.UNCLEAR, said, note)
    return result_line.of_status(call, parties)


def _followed(call: Call, parties: SideNames) -> FirstLine:
    """Return the first line until the call is over."""
    if call.terminal_at is not None:
        return result_line.of_status(call, parties)
    if call.hung_up_at is not None:
        note = parties.fill("If it goes on, hang up {whose} phone.")
        return FirstLine("⏹️", parties.fill("Hanging up on {other}"), note)
    if call.connected:
        said = parties.fill("Talking with {other}")
        since = f"since {when(call.connected_at, CLOCK)}" if call.connected_at else ""
        too_late = "It was too late to cancel: hang up to end it."
        return FirstLine("🟢", said, too_late if call.cancelled_at else since)
    if call.cancelled_at is not None:
        note = "If their phone keeps ringing, hang up {whose} phone."
        note = parties.fill(note) if rings_both(call) else ""
        return FirstLine("⏹️", parties.fill("Stopping the call to {other}"), note)
    return FirstLine("☎️", parties.fill("Calling {other}"))


def _silent(call: Call, parties: SideNames, since: str) -> FirstLine:
    """Say since when RingCentral can't be reached about this call."""
    asked = f"RingCentral can't be reached (since {since})."
    if call.state is State.FOLLOWING:
        said = parties.fill("Lost sight of the call to {other}")
        return FirstLine("⚠️", said, f"{asked} Both sides are as they were before that.")
    if call.is_lost:
        said = parties.fill("Not confirmed yet: the call to {other}")
        return FirstLine(result_line.UNCLEAR, said, f"{endings.CHECK_FIRST} {asked}")
    if call.is_left:
        said = parties.fill("Lost sight of the call to {other}")
        return FirstLine(result_line.UNCLEAR, said, f"It may be going on. {asked}")
    seen = result_line.of_status(call, parties)
    return FirstLine(seen.sign, seen.said, f"{capital(seen.more)}. {asked}")


def _sides(call: Call, parties: SideNames) -> tuple[str, ...]:
    """Return a line for each side while a phone rings, or nobody can look."""
    talks = call.connected and call.silent_since is None
    if call.end is not None or call.terminal_at is not None or talks:
        return ()
    if call.state is State.RECORDING or call.wait_until is not None:
        return ()
    one, other = words.live(call, who=parties.who)
    rings = one in {words.LIVE["inprogress"], words.ABOUT_TO}
    on = f" on {parties.phone}" if rings and parties.phone else ""
    return (parties.fill(f"{{who}}: {one}{on}"), f"{parties.them}: {other}")


def _small(call: Call, parties: SideNames) -> str:
    """Return who placed the call, when, by which account, and once it is over its id."""
    said = [] if parties.is_private else [parties.who]
    said.append(when(call.asked_at, CLOCK))
    if call.in_name_of:
        said.append(f"as {foreign(call.in_name_of)}")
    elif not call.account:
        said.append("shared account")
    if call.end is not None:
        said.append(numbered(call.id))
    return " · ".join([*said, *_begun(call)])


def _begun(call: Call) -> list[str]:
    """Return a link to the message that the call was begun from, if there is one."""
    link = call.message_link
    return [f"from <{escape(link)}|a message>"] if link else []


def _text(
    call: Call, line: FirstLine, sides: tuple[str, ...], parties: SideNames
) -> str:
    """Return the card as a sentence, and what to do next as another."""
    placed = "you" if parties.is_private else f"<@{call.place.user}>"
    said = f"{line.spoken} (placed by {placed})"
    if sides:
        said += f": {'; '.join(sides)}"
    if line.more:
        said += f". {capital(line.more)}"
    told = said if said.endswith(".") else f"{said}."
    return f"{told} {after.spoken(call)}".rstrip()


def _hidden(call: Call, parties: SideNames) -> Message:
    """Return the card of a call whose result is its owner's alone.

    It never changes, so neither its words nor the time of an edit tell how the call goes.
    """
    line = FirstLine("☎️", parties.fill("Call to {other}"))
    note = f"Only <@{call.place.user}> can see how it goes."
    blocks: tuple[Block, ...] = (
        section(f"{line.headline}\n{note}"),
        context(" · ".join([parties.who, when(call.asked_at, CLOCK), *_begun(call)])),
        actions(*row(call, parties, NO_DISPOSITIONS)),
    )
    text = f"{line.spoken} (placed by <@{call.place.user}>). {note}"
    return Message(text, blocks)
