"""All tables of the database, as the program declares them."""

from __future__ import annotations

from bot.storage.after import tables as about_reminders
from bot.storage.calls import tables as about_calls
from bot.storage.database.schema import metadata
from bot.storage.hooks import tables as about_hooks
from bot.storage.missed import tables as about_missed
from bot.storage.people import tables as about_people
from bot.storage.policy import tables as about_policies
from bot.storage.reports import tables as about_digests
from bot.storage.shared import tables as about_processes
from bot.storage.steps import tables as about_steps

MODULES = (
    about_reminders,
    about_calls,
    about_digests,
    about_hooks,
    about_missed,
    about_people,
    about_policies,
    about_processes,
    about_steps,
)
"""Importing these modules registers all their tables in the metadata."""

METADATA = metadata
