"""Opening and updating modals."""

from __future__ import annotations

from bot.calls.call import Place
from bot.errors import ChatRefused
from bot.slack.posting.origin import stamped
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask, field
from bot.slack.texts.text import Block
from bot.user_errors import FormTooLate

TRIGGER_EXPIRED = {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"}
"""Slack accepts a trigger id once, within three seconds (Slack docs, "views.open")."""

VIEW_GONE = {"not_found", "hash_conflict"}
"""The person has closed the modal, or it was updated meanwhile."""


class Views:
    """Modals in every workspace. Raises `errors.ChatError`."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces

    async def open(
        self, place: Place, trigger: str, view: Block, held: str = ""
    ) -> str:
        """Show a modal to whoever pressed or typed what *trigger* is from; its id.

        *held* is a text that comes back when it is submitted.
        Raises `FormTooLate` where that is too long ago.
        """
        client = await self._spaces.client(place.enterprise, place.team)
        try:
            shown = stamped(view, place, held)
            data = await ask(client.views_open(trigger_id=trigger, view=shown))
        except ChatRefused as error:
            if error.error in TRIGGER_EXPIRED:
                raise FormTooLate from None
            raise
        return field(data, "view", "id")

    async def update(self, place: Place, view_id: str, view: Block) -> None:
        """Change a modal that somebody looks at; one that is closed stays so."""
        await self._update(place, view, view_id=view_id)

    async def replace(self, place: Place, form: str, view: Block) -> None:
        """Change the modal whose ``external_id`` is *form*; one that is closed stays so."""
        await self._update(place, view, external_id=form)

    async def _update(self, place: Place, view: Block, **which: str) -> None:
        client = await self._spaces.client(place.enterprise, place.team)
        try:
            await ask(client.views_update(view=stamped(view, place), **which))
        except ChatRefused as error:
            if error.error not in VIEW_GONE:
                raise
