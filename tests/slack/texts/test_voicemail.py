"""What a missed-call card says of a voicemail, by what the operator has shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.missed_card import LeftVoicemail, MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.voicemail import VoicemailShow
from bot.slack.texts.missed import missed_card
from bot.slack.texts.voicemail import VoicemailTexts
from intents import NOON

ADDRESS = "https://media.ringcentral.com/a?b=c"
BASE = "https://listen.example/?media="
CHANNEL, DM = Place("T1", "C1", ""), Place("T1", "", "U1")


def a_card(place: Place = CHANNEL, text: str = "", **changes: Any) -> MissedCard:
    """Return a card with a voicemail in which *text* was said."""
    seconds = timedelta(seconds=changes.pop("seconds", 42))
    left = LeftVoicemail("v1", NOON, seconds or None, ADDRESS, text)
    values: dict[str, Any] = {
        "id": "m1",
        "account": "a",
        "place": place,
        "first_at": NOON,
        "last_at": NOON,
        "told_at": NOON,
        "caller": PhoneNumber("+14155550142"),
        "has_voicemail": True,
        "voicemail": left,
        "voicemail_ids": ("v1",),
    }
    return MissedCard(**(values | changes))


@pytest.mark.parametrize(
    ("show", "base", "changes", "fact", "link", "said"),
    [
        ("off", BASE, {}, "went to voicemail", False, False),
        ("on", BASE, {}, "left a voicemail, 0:42", True, False),
        ("on", "", {}, "left a voicemail, 0:42", False, False),
        ("transcription", BASE, {}, "left a voicemail, 0:42", True, True),
        ("on", BASE, {"voicemail": None}, "went to voicemail", False, False),
        ("on", BASE, {"seconds": 0}, "left a voicemail", True, False),
        ("on", BASE, {"seconds": 125}, "left a voicemail, 2:05", True, False),
        (
            "on",
            BASE,
            {"voicemail_ids": ("v0", "v1")},
            "left 2 voicemails, the last 0:42",
            True,
            False,
        ),
    ],
)
def test_a_card_says_what_the_operator_has_shown(
    show: str,
    base: str,
    changes: dict[str, Any],
    fact: str,
    link: bool,  # noqa: FBT001 - parametrized
    said: bool,  # noqa: FBT001 - parametrized
) -> None:
    """No more, and the notification only that there is one."""
    texts = VoicemailTexts(VoicemailShow(show), base)
    card = missed_card(
        a_card(text="Call me", **changes), None, full=False, voicemails=texts
    )
    blocks = str(card.blocks)

    assert f", {fact}." in card.text
    assert ("|Voicemail>" in blocks) is link
    assert ("> Call me" in blocks) is said
    assert "Call me" not in card.text
    assert ADDRESS not in blocks


@pytest.mark.parametrize(
    ("said", "in_channel", "in_dm"),
    [
        ("Hi, it's Bo.", "> Hi, it's Bo.", "> Hi, it's Bo."),
        ("<!channel> & you", "> &lt;!channel&gt; &amp; you", None),
        ("415 555 0142", "> ••• ••• 0142", "> 415 555 0142"),
        ("four one five", "> four one five", None),
        ("&" * 1000, "> &amp;&amp;", None),
    ],
)
def test_what_was_said_is_a_strangers(
    said: str, in_channel: str, in_dm: str | None
) -> None:
    """Escaped, and in channels without whole numbers unless those are shown there."""
    texts = VoicemailTexts(VoicemailShow.TRANSCRIPTION, BASE)

    def read(place: Place, *, full: bool = False) -> str:
        card = missed_card(a_card(place, said), None, full=full, voicemails=texts)
        quoted = str(card.blocks[1]["text"]["text"])
        assert card.blocks[1]["text"]["verbatim"] is True
        assert len(quoted) < 3000
        return quoted

    assert read(CHANNEL).startswith(in_channel)
    assert read(CHANNEL, full=True).startswith(in_dm or in_channel)
    assert read(DM).startswith(in_dm or in_channel)
