"""The commands ``policy``: a workspace's own rules, shown, checked, saved and printed."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Collection

from bot.cli.codes import BAD_INPUT, REFUSED
from bot.cli.export import speak_utf8
from bot.clock import RealClock
from bot.doctor.check import printable
from bot.errors import StoreUnavailable
from bot.policy import file
from bot.policy.rule_fields import RULE_FIELDS, narrowest
from bot.policy.rules import PolicyRules
from bot.policy.workspace import PolicyState, WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.known_workspaces import known_workspaces
from bot.storage.policy.exporting import BY_OPERATOR
from bot.storage.policy.states import PolicyStates

Work = Callable[[PolicyStates, WorkspaceId], Awaitable[int]]


async def with_workspace(
    database_url: str, team: tuple[str, str] | None, work: Work
) -> int:
    """Do *work* on one workspace's rules; return the exit code.

    It is 2 if none is named and there is not exactly one.
    """
    store = Store(database_url)
    try:
        await store.open()
        where = _chosen(team, await known_workspaces(store.writer))
        if where is None:
            return BAD_INPUT
        speak_utf8()
        return await work(PolicyStates(store.writer), where)
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()


async def show(
    states: PolicyStates, where: WorkspaceId, outer: PolicyRules, _: str
) -> int:
    """Print all rules in force, and where each comes from."""
    state = await states.of(where)
    sys.stdout.write("".join(f"{each}\n" for each in shown(where, state, outer)))
    return 0


async def export(
    states: PolicyStates, where: WorkspaceId, outer: PolicyRules, _: str
) -> int:
    """Print the workspace's own rules; what `import_` takes."""
    state = await states.of(where)
    sys.stdout.write(file.write(file.narrowed(outer, state.rules), outer))
    return 0


async def import_(
    states: PolicyStates, where: WorkspaceId, outer: PolicyRules, text: str
) -> int:
    """Replace the workspace's own rules, if nothing is wrong with the file."""
    try:
        rules = file.read(text, outer)
    except file.PolicyFileError as error:
        return _wrong(error)
    state = await states.of(where)
    if file.write(file.narrowed(outer, state.rules), outer) == file.write(rules, outer):
        sys.stdout.write("These are the rules already: nothing was changed.\n")
        return 0
    new, now = file.write(rules, outer), RealClock().now()
    if not await states.save(
        where, new, state.version, now, BY_OPERATOR, detail="imported"
    ):
        sys.stderr.write(
            "Somebody is changing the rules just now: nothing was saved.\n"
        )
        return REFUSED
    sys.stdout.write("Saved. They count from now on, in every process.\n")
    return 0


def check(text: str, outer: PolicyRules) -> int:
    """Say what is wrong with a file; the exit code is 2 if anything is."""
    try:
        file.read(text, outer)
    except file.PolicyFileError as error:
        return _wrong(error)
    sys.stdout.write("Nothing is wrong with it.\n")
    return 0


def shown(where: WorkspaceId, state: PolicyState, outer: PolicyRules) -> list[str]:
    """Return the lines of ``show``: a file that says of each rule whose it is."""
    rules = narrowest(outer, file.narrowed(outer, state.rules))
    operators = file.values(outer)
    lines = [f"# {printable(where.team)}: {_history(state)}"]
    for name, value in file.values(rules).items():
        field = RULE_FIELDS.get(name)
        if value != operators[name]:
            origin = "  # this workspace's own"
        elif field and field.is_locked(getattr(outer, name)):
            origin = "  # fixed by the settings"
        else:
            origin = ""
        lines.append(f"{name} = {file.toml(value)}{origin}")
    return lines + file.section_lines(rules)


def _history(state: PolicyState) -> str:
    if state.changed_at is None:
        said = "no rules of its own"
    else:
        by = printable(state.changed_by)
        said = (
            f"version {state.version}, by {by} at {state.changed_at:%Y-%m-%d %H:%M} UTC"
        )
    if state.pause:
        pause = state.pause
        since = f"{pause.since:%Y-%m-%d %H:%M} UTC"
        said += f"; paused by {printable(pause.by)} since {since}"
    return said


def _chosen(
    team: tuple[str, str] | None, known: Collection[WorkspaceId]
) -> WorkspaceId | None:
    if team is None:
        if len(known) == 1:
            return next(iter(known))
        said = "Name one of these workspaces with --team:" if known else NONE_KNOWN
        names = sorted(f"{e.enterprise}:{e.team}".lstrip(":") for e in known)
        lines = [said, *(f"  {printable(each)}" for each in names)]
        sys.stderr.write("".join(f"{each}\n" for each in lines))
        return None
    enterprise, named = team
    found = [e for e in known if e.team == named and enterprise in ("", e.enterprise)]
    return found[0] if len(found) == 1 else WorkspaceId(enterprise, named)


NONE_KNOWN = "Nobody has called yet; name the workspace with --team."


def _wrong(error: file.PolicyFileError) -> int:
    sys.stderr.write("".join(f"{printable(str(each))}\n" for each in error.flaws))
    return BAD_INPUT
