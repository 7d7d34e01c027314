"""What people do with the modals and Home tabs of one workspace."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sandbox.slack import inputs, queries
from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.inputs import Given
from bot.sandbox.slack.payloads import action_of
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace_actions import WorkspaceActions, undelivered

VIEW_CLOSED = "view_closed"
INCOMPLETE_FORM = "incomplete_form"


class ViewActions(WorkspaceActions):
    """What a test can do in views, which `modal`, `home_of` and `views.all` return."""

    def modal(self, user: str) -> View | None:
        """Return the top open modal of *user*, if any."""
        return self.views.top(self.workspace.user(user).id)

    def home_of(self, user: str) -> View | None:
        """Return the Home tab of *user*, if one was published."""
        return self.views.home(self.workspace.user(user).id)

    def fill_in(self, view: View, entries: Mapping[str, Given]) -> Json:
        """Enter values as the person who sees *view*; return all its values.

        Args:
            view: A modal or a Home tab.
            entries: What to enter, by action_id or block_id.

        Raises:
            KeyError: There is no such input, or Slack's client does not let them enter
                that.
        """
        for name, given in entries.items():
            block, element = inputs.find(view.source["blocks"], name)
            at = block["block_id"], element["action_id"]
            view.touched[at] = inputs.entry(view.offered(block, element), given)
        return view.values

    async def query(self, view: View, name: str, typed: str = "") -> Ack:
        """Type in a menu that the bot fills; `View.suggested` then has its options.

        Args:
            view: A modal or a Home tab.
            name: The menu, by action_id or block_id; KeyError if there is none.
            typed: All that stands in it now.
        """
        block, element = inputs.find(view.source["blocks"], name)
        person = self.workspace.user(view.user)
        refusal = self._refusal(person) or ("" if view.is_open else VIEW_CLOSED)
        if refusal or not queries.is_asked(element, typed):
            return undelivered(refusal or queries.TOO_SHORT)
        at = block["block_id"], element["action_id"]
        delivery = self.space.payloads.query(person, view, at, typed)
        return await self.deliveries.bring(delivery)

    async def submit(self, view: View, values: Json | None = None) -> Ack:
        """Submit a modal as the person who sees it, and apply the bot's answer.

        *values*, given as in Slack's ``state``, are entered first. After it the modal
        is closed, stays open with `View.errors`, or is updated or covered by another.
        """
        person = self.workspace.user(view.user)
        view.enter(values or {})
        refusal = self._refusal(person) or ("" if view.is_open else VIEW_CLOSED)
        wrong = inputs.wrong(view.source["blocks"], view.values)
        if refusal or wrong:
            return undelivered(refusal or INCOMPLETE_FORM, wrong)
        delivery = self.space.payloads.submission(person, view)
        return await self.deliveries.bring(delivery)

    async def close_view(self, view: View, *, all_of_them: bool = False) -> Ack | None:
        """Close a modal as its person; ``view_closed`` is sent if the view asks for it.

        With *all_of_them*, or if the view has ``clear_on_close``, the whole stack is
        closed.

        Returns:
            The ack of the last ``view_closed``; None if none was sent.
        """
        person = self.workspace.user(view.user)
        is_cleared = all_of_them or bool(view.source.get("clear_on_close"))
        closed = self.views.clear(view) if is_cleared else [view]
        view.is_open, ack = False, None
        self.changes.tell()
        for one in closed:
            if one.source.get("notify_on_close") and not self._refusal(person):
                payloads = self.space.payloads
                told = payloads.closing(person, one, is_cleared=is_cleared)
                ack = await self.deliveries.bring(told)
        return ack

    async def click_in_view(
        self,
        view: View,
        action_id: str,
        values: Json | None = None,
        *,
        value: Given = "",
        block_id: str = "",
    ) -> Ack:
        """Press a button as the person who sees *view*, or enter *value*.

        Args:
            view: A modal or a Home tab.
            action_id: The element.
            values: What to enter first, given as in Slack's ``state``.
            value: The value for an element that is not a button.
            block_id: The element's block, if several blocks have such an element.

        Raises:
            KeyError: There is no such element, or Slack sends no action for it.
        """
        person = self.workspace.user(view.user)
        view.enter(values or {})
        blocks = [one for one in view.source["blocks"] if _speaks(one)]
        if block_id not in {one["block_id"] for one in blocks}:
            block_id = ""  # published anew since it was looked at, with other ids
        action = action_of(blocks, action_id, block_id, value)
        if action["type"] in inputs.VALUE_FIELDS:
            here = [one for one in blocks if one["block_id"] == action["block_id"]]
            _, element = inputs.find(here, action_id)
            entered = inputs.entry(element, value)
            view.touched[action["block_id"], action_id] = entered
        refusal = self._refusal(person) or ("" if view.is_open else VIEW_CLOSED)
        if refusal:
            return undelivered(refusal)
        delivery = self.space.payloads.click_in_view(person, view, action)
        return await self.deliveries.bring(delivery)


def _speaks(block: Json) -> bool:
    """Whether Slack sends actions of a block's elements; inputs must ask for it."""
    return block["type"] != "input" or bool(block.get("dispatch_action"))
