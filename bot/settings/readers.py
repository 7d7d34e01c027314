"""How the text of a setting becomes its value.

No message repeats the text: it may be a secret that was pasted into the wrong line.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta

import phonenumbers

from bot.calls.aftermath import (
    CALL_BACK_WORD,
    DO_NOT_CALL_WORD,
    NO_DISPOSITIONS,
    Dispositions,
)
from bot.calls.exported import ShownNumbers
from bot.calls.missed_places import MissedPlaces
from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.numbers.tariff import Tariff
from bot.calls.voicemail import VoicemailShow
from bot.errors import UserError
from bot.settings.setting import Malformed
from bot.vault import is_key

MOST_HOOK_SECRETS = 2
HOOK_KEY_BYTES = range(24, 65)
"""What Standard Webhooks asks of a secret."""

LONGEST_CONTACT = 80
"""Characters: it is a part of a sentence."""

BY_CHANNEL = "channel:"
USUAL_DISPOSITIONS = (
    "Spoke",
    "Left a message",
    CALL_BACK_WORD,
    "Wrong number",
    DO_NOT_CALL_WORD,
)
"""The operator's ``default``."""

MOST_DISPOSITIONS = 25
MISSED_PEOPLE = "people"
MISSED_CHANNEL = re.compile(r"([0-9]{1,12}|\*)\s*=\s*([CG][A-Z0-9]+)")
LONGEST_DISPOSITION = 40
"""Characters: a menu's option holds 75, but the card's row has other buttons, too."""


def text(given: str) -> str:
    """Return the text as it is."""
    return given


def matching(form: str, must: str) -> Callable[[str], str]:
    """Read a text that the regular expression *form* matches in full, or an empty one."""

    def read(given: str) -> str:
        if given and not re.fullmatch(form, given):
            raise Malformed(must)
        return given

    return read


bot_token = matching("xox.*", "must begin with xox")
app_token = matching("xapp-.*", "must begin with xapp-")
_url = matching(r"https?://[^\s/?#]+(/[^\s?#]*)?", "must be an http(s) address")


def address(given: str) -> str:
    """Read an http(s) address; return it without a slash at its end."""
    return _url(given).rstrip("/")


def folder_address(given: str) -> str:
    """Read an http(s) address; return it with a slash at its end."""
    return address(given) + "/"


def public_address(given: str) -> str:
    """Read the https address of a host; this machine's own may be http, for a trial."""
    url = address(given)
    local = re.match(r"http://(localhost|127\.0\.0\.1)(:\d+)?(/|$)", url)
    if url and not url.startswith("https://") and not local:
        raise Malformed("must begin with https://")
    if re.match(r"https?://[^/]+/", url):  # the pages and their cookies have a path
        raise Malformed(
            "must end with the host, such as https://bot.example: the bot's pages have "
            "paths of their own"
        )
    return url


_hook_url = matching(
    r"(?i:https?)://([\w.~!$&'()*+,;=:%-]+@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?"
    r"(/[^\s?#\\]*)?(\?[^\s#\\]*)?",
    "must be an http(s) address",
)


def hook_address(given: str) -> str:
    """Read the address of a receiver of events: with a host that is read in one way alone."""
    return _hook_url(given)


recording_address = matching(
    r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[^\s<>|\"]*",
    "must be an https address with a path",
)
"""Reads what stands before a recording's address in a link."""


def hook_numbers(given: str) -> ShownNumbers:
    """Read how numbers are told to a receiver."""
    return ShownNumbers(one_of(*ShownNumbers)(given))


def hook_secrets(given: str) -> tuple[str, ...]:
    """Read a secret of Standard Webhooks, or two while it is changed."""
    found = _parts(given)
    if len(found) > MOST_HOOK_SECRETS or not all(map(_is_hook_secret, found)):
        raise Malformed(
            "must be whsec_ and 24 to 64 bytes in base64, or two of these with a comma"
        )
    return found


def _is_hook_secret(text: str) -> bool:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return text.startswith("whsec_") and len(key) in HOOK_KEY_BYTES


def secret_keys(given: str) -> tuple[str, ...]:
    """Read keys for `bot.vault.Vault`, in their order."""
    keys = _parts(given)
    if not all(is_key(key) for key in keys):
        raise Malformed("must hold keys as `ringout-bot new-key` prints them")
    return keys


def region(given: str) -> str:
    """Read an ISO region."""
    if given.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise Malformed("must be an ISO region such as US")
    return given.upper()


def regions(given: str) -> frozenset[str] | None:
    """Read ISO regions; None for ``*``, which means all of them."""
    names = frozenset(_parts(given.upper()))
    if "*" in names:
        return None
    if not names or not names <= set(phonenumbers.SUPPORTED_REGIONS):
        raise Malformed("must hold ISO regions such as US,CA, or be *")
    return names


def number(given: str) -> PhoneNumber | None:
    """Read a number in E.164; None for an empty text."""
    if given and _e164(given) is None:
        raise Malformed("must be E.164, such as +16505550101")
    return _e164(given)


def numbers(given: str) -> tuple[PhoneNumber, ...] | None:
    """Read numbers in E.164; None for ``*``, which means any number."""
    if given == "*":
        return None
    found = [number(each) for each in _parts(given)]
    return tuple(each for each in found if each is not None)


def number_types(given: str) -> frozenset[Tariff]:
    """Read kinds of numbers that cost more; premium-rate is none to choose."""
    allowed = {each.value: each for each in Tariff if each is not Tariff.PREMIUM}
    names = _parts(given.lower())
    if not set(names) <= set(allowed):
        raise Malformed(f"must hold {' or '.join(allowed)}, or both with a comma")
    return frozenset(allowed[each] for each in names)


def dispositions(given: str) -> Dispositions:
    """Read what people may say came of a call: words, or ``default``."""
    rest = given.removeprefix(BY_CHANNEL)
    words = tuple(" ".join(each.split()) for each in rest.split(","))
    if not given:
        return NO_DISPOSITIONS
    if words == ("default",):
        words = USUAL_DISPOSITIONS
    plain = all(each.isprintable() and re.search(r"\w", each) for each in words)
    lowered = {each.casefold() for each in words}
    if (
        not plain
        or len(lowered) < len(words)
        or len(words) > MOST_DISPOSITIONS
        or max(map(len, words)) > LONGEST_DISPOSITION
    ):
        raise Malformed(
            f"must be default, or up to {MOST_DISPOSITIONS} words with commas between "
            f"them, each once and of up to {LONGEST_DISPOSITION} characters"
        )
    return Dispositions(words, by_channel=given.startswith(BY_CHANNEL))


def missed_places(given: str) -> MissedPlaces:
    """Read the channels of missed calls by extension, and ``people``."""
    parts = _parts(given)
    channels = [each for each in parts if each.lower() != MISSED_PEOPLE]
    found = [MISSED_CHANNEL.fullmatch(each) for each in channels]
    named = {each[1]: each[2] for each in found if each}
    if len(named) < len(channels):
        raise Malformed(
            "must hold extensions and Slack ids of channels, such as 101=C0123 or "
            "*=C0123, each extension once; or people"
        )
    return MissedPlaces(named, lets_people=len(channels) < len(parts))


def voicemail(given: str) -> VoicemailShow:
    """Read what is shown of voicemails."""
    return VoicemailShow(one_of(*VoicemailShow)(given))


def one_of(*words: str) -> Callable[[str], str]:
    """Read one of *words*, in upper or lower case."""
    read = matching("|".join(words), f"must be {' or '.join(words)}")
    return lambda given: read(given.lower())


def switch(given: str) -> bool:
    """Read ``on`` or ``off``."""
    return one_of("on", "off")(given) == "on"


def slack_ids(kinds: str) -> Callable[[str], frozenset[str]]:
    """Read Slack ids that begin with one of *kinds*; each may name its workspace."""
    read = matching(
        rf"([TE][A-Z0-9]+:)?[{kinds}][A-Z0-9]+",
        f"must hold Slack ids, such as {kinds[0]}0123",
    )
    return lambda given: frozenset(read(each) for each in _parts(given))


def contact(given: str) -> str:
    """Read a Slack id, which may be written as a mention, or words for people."""
    mention = re.fullmatch(r"<(?:[@#]|!subteam\^)([A-Z0-9]+)(?:\|[^<>]*)?>", given)
    if mention:
        return mention[1]
    line = " ".join(given.split())
    if (
        len(line) > LONGEST_CONTACT
        or (line and not line.isprintable())
        or re.search(r"[<>`]|^[TE][A-Z0-9]+:", line)
        or (line and not re.search(r"\w", line))
    ):
        raise Malformed(
            "must be a Slack id such as U0123ABCD, or up to "
            f"{LONGEST_CONTACT} characters of words"
        )
    return line


def whole(low: int, high: int = 10_000) -> Callable[[str], int]:
    """Read a whole number from *low* to *high*."""

    def read(given: str) -> int:
        value = int(given) if re.fullmatch(r"[0-9]{1,6}", given) else -1
        if not low <= value <= high:
            raise Malformed(f"must be a whole number, {low} to {high}")
        return value

    return read


def port(given: str) -> int | None:
    """Read a port; None for an empty text."""
    return whole(0, 65535)(given) if given else None


def seconds(low: float = 0.0) -> Callable[[str], timedelta]:
    """Read seconds, *low* or more."""

    def read(given: str) -> timedelta:
        form = r"[0-9]{1,6}(\.[0-9]+)?|\.[0-9]+"
        value = float(given) if re.fullmatch(form, given) else -1.0
        if value < low:
            raise Malformed(f"must be seconds, {low:g} or more")
        return timedelta(seconds=value)

    return read


def seconds_or_auto(given: str) -> timedelta | None:
    """Read seconds, 0 or more; None for ``auto``."""
    if given.lower() == "auto":
        return None
    try:
        return seconds()(given)
    except Malformed:
        raise Malformed("must be auto, or seconds, 0 or more") from None


def _parts(given: str) -> tuple[str, ...]:
    """Split at the commas."""
    return tuple(part.strip() for part in given.split(",") if part.strip())


def _e164(given: str) -> PhoneNumber | None:
    try:
        return parse(given, region="US") if given.startswith("+") else None
    except UserError:
        return None
