"""The part of the assembly for workflow steps."""

from __future__ import annotations

from bot.app.tempo import Tempo
from bot.clock import Clock
from bot.settings.settings import Settings
from bot.slack.posting.functions import Functions
from bot.slack.posting.marks import Marks
from bot.slack.posting.permalinks import Permalinks
from bot.slack.posting.presence import Presence
from bot.slack.texts.contact import Contact
from bot.steps.completing import Completing
from bot.steps.steps import Steps
from bot.storage.calls.store import Store
from bot.storage.steps.workflow_steps import WorkflowSteps
from bot.switchboard.calls import Switchboard
from bot.workspaces.workspaces import Workspaces


def steps_of(
    settings: Settings,
    slack: Workspaces,
    store: Store,
    switchboard: Switchboard,
    clock: Clock,
    tempo: Tempo,
) -> Steps:
    """Return what asks, waits for the call, and completes the step."""
    spaces, table = slack.spaces, WorkflowSteps(store.writer)
    return Steps(
        table,
        store,
        switchboard,
        Marks(spaces, clock),
        Completing(table, Functions(spaces), Permalinks(spaces), clock),
        clock,
        Contact(settings.ringout_admin_contact),
        admit=slack.admission.check,
        presence=Presence(spaces, within=tempo.forms.member),
        look_every=tempo.steps,
    )
