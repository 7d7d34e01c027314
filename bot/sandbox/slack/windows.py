"""What people do with modals and the Home tab of one workspace."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sandbox.slack import inputs
from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.inputs import Given
from bot.sandbox.slack.payloads import action_of
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workplace import Workplace, _not_brought

CLOSED = "view_closed"
INCOMPLETE = "incomplete_form"


class Windows(Workplace):
    """The strings of its views. A view is `views.all[n]`, `modal` or `home_of`."""

    def modal(self, user: str) -> View | None:
        """Return the modal that *user* has before them; None for none."""
        return self.views.top(self.workspace.user(user).id)

    def home_of(self, user: str) -> View | None:
        """Return *user*'s Home tab; None if none was published."""
        return self.views.home(self.workspace.user(user).id)

    def fill_in(self, view: View, entries: Mapping[str, Given]) -> Json:
        """Have the person who sees *view* fill it in; return all its values.

        Args:
            view: A modal or a Home tab.
            entries: By action or block: a text, an option's value or several, a
                person's id; None for nothing.

        Raises:
            KeyError: There is no such input, or Slack does not let them enter that.
        """
        for name, given in entries.items():
            block, element = inputs.find(view.source["blocks"], name)
            at = block["block_id"], element["action_id"]
            view.touched[at] = inputs.entry(element, given)
        return view.values

    async def submit(self, view: View, values: Json | None = None) -> Ack:
        """Have the person who sees a modal submit it as it is filled in.

        *values* (Slack's shape) are entered first. What the answer says is done: the
        modal closes, or stays with `View.errors`, or is another one.
        """
        person = self.workspace.user(view.user)
        view.enter(values or {})
        refusal = self._refusal(person) or ("" if view.is_open else CLOSED)
        wrong = inputs.wrong(view.source["blocks"], view.values)
        if refusal or wrong:
            return _not_brought(refusal or INCOMPLETE, wrong)
        delivery = self.space.payloads.submission(person, view)
        return await self.deliveries.bring(delivery)

    async def close_view(self, view: View, *, all_of_them: bool = False) -> Ack | None:
        """Have a person close a modal; the bot hears of it if it wanted to.

        With *all_of_them*, or where the view asks for that, those under it close, too.

        Returns:
            The ack of the last ``view_closed``; None if there was none.
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
        """Have the person who sees *view* press a button in it, or enter *value*.

        Args:
            view: A modal or a Home tab.
            action_id: The element; KeyError if it isn't there.
            values: What else they have entered by then, in Slack's shape.
            value: For anything but a button.
            block_id: Its block, where several blocks have such an element.

        Raises:
            KeyError: There is no such element, or it tells the app nothing.
        """
        person = self.workspace.user(view.user)
        view.enter(values or {})
        blocks = [one for one in view.source["blocks"] if _speaks(one)]
        action = action_of(blocks, action_id, block_id, value)
        if action["type"] in inputs.CHOSEN:
            _, element = inputs.find(blocks, action_id)
            entered = inputs.entry(element, value)
            view.touched[action["block_id"], action_id] = entered
        refusal = self._refusal(person) or ("" if view.is_open else CLOSED)
        if refusal:
            return _not_brought(refusal)
        delivery = self.space.payloads.click_in_view(person, view, action)
        return await self.deliveries.bring(delivery)


def _speaks(block: Json) -> bool:
    """Whether using what is in a block tells the app; an input must ask for it."""
    return block["type"] != "input" or bool(block.get("dispatch_action"))
