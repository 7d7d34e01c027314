"""The log's last net catches what is secret, however it is written, and nothing else."""

from __future__ import annotations

import json
import time
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote, quote_plus, urlencode

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import reading
from bot.telemetry.redaction import CUT, SHORTEST_SECRET, Redaction
from enough import ENOUGH

NET = Redaction()

SEPARATORS = (
    "",
    *" -./",
    *("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\uff0d"),
    *("\u00a0", "\u202f", "\u2007", "\u2009", "\u200b", "\u3000"),
    *(" - ", " \u2013 ", ") ", ")", " (", "] ", "/ ", "\u00b7", ".\u00a0"),
    *("_", "|", ",", ", ", ":", ": ", "*", "'", "\u2019", "\u2027", "~", "=", "\n"),
    *(
        "  -  ",
        " \u2013  \u2013 ",
        "&nbsp;",
        "&#160;-&#xa0;",
        "%20",
        "\\xa0",
        "\\u00a0",
    ),
)
DIGITS = ("0", "\uff10", "\u0660", "\u0966")
"""The zero of several scripts; the other nine follow it."""

NUMBERS = [
    str(found.national_number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (found := phonenumbers.example_number(region))
    and (found.national_number or 0) > 999_999
]


def test_numbers_are_cut_in_any_dress() -> None:
    """People write them with slashes, brackets, typographic dashes and wide digits."""
    dressed = [
        "415/555/0142",
        "+1 415\u2013555\u20130142",
        "415\u2011555\u20110142",
        "(415) \u2013 555\u20130142",
        "[415] 555\u00a00142",
        "\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff14\uff12",
        "\uff08415\uff09555\uff0d0142",
        "030/12345-67",
        "+49 (0) 30 / 123\u202f4567",
        "4155550142x",
        *(f"650{sign}222{sign}3366" for sign in SEPARATORS),
    ]

    for each in dressed:
        cut = NET(f"met {each} here")
        assert cut.startswith(f"met {CUT}")
        assert not any(letter.isdigit() for letter in cut)


@given(
    st.sampled_from(NUMBERS),
    st.lists(st.sampled_from(SEPARATORS), min_size=20, max_size=20),
    st.sampled_from(DIGITS),
    st.sampled_from(["", "+", "(", "[", "tel:", "x", "\uff0b"]),
)
def test_no_dress_of_any_countrys_number_passes(
    number: str, separators: list[str], zero: str, before: str
) -> None:
    """Any separators between any digits of any script."""
    digits = [chr(ord(zero) + int(each)) for each in number]
    between = ["", *separators]
    dressed = "".join(s + d for s, d in zip(between, digits, strict=False))

    cut = NET(f"met {before}{dressed} here")

    assert not any(letter.isdigit() for letter in cut)


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1))  # noqa: DTZ001 - any
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
IDS = st.text("0123456789abcdef", min_size=12, max_size=12).filter(
    lambda call: not call.isdecimal()
)


@pytest.mark.parametrize(
    "number", ["447700900123", "491701234567", "4477009001234", "14155550142"]
)
def test_a_number_behind_the_word_call_is_no_calls_id(number: str) -> None:
    """Twelve digits are a number of many countries, and an id of one call in 280."""
    for text in ("call {} failed", "call {}", "call {}: asked by U0ANN"):
        assert NET(text.format(number)) == text.format(CUT)


@given(MOMENTS, ZONES, st.uuids(), IDS, st.integers(1_000_000_000, 1_999_999_999))
def test_what_is_no_number_stays(
    moment: datetime, zone: timezone, uuid: object, call: str, second: int
) -> None:
    """A log is searched by times and ids: cut, they find nothing."""
    there = moment.replace(tzinfo=zone)
    for text in (
        f"at {moment}, {there}",
        f"at {moment.date()}: {there.isoformat()}",
        f"at {moment.replace(tzinfo=UTC).isoformat(timespec='milliseconds')}",
        f"request {uuid} refused",
        f"call {call}: asked by U0ANN",
        f"the card {second}.{second % 1_000_000:06d} is gone",
        f"{moment:%H:%M:%S,%f}: 5 calls since {moment:%H:%M:%S}, 3 of them lost",
        f"page 12, {there.isoformat()}: 200, {uuid}",
        f"status 200: {second}.000100, {moment.date()}",
        f"called +971 \u2022\u2022\u2022 0142, +49 \u2022\u2022\u2022\u2022 \u2022\u20220143, {second % 1_000}",
        f"listening on http://127.0.0.1:{second % 65_536}",
    ):
        assert NET(text) == text


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("at postgresql://bot:pw@db/calls", "at postgresql://•••@db/calls"),
        ("postgres://bot:p@w@db/x?a=1", "postgres://•••@db/x?a=1"),
        ("postgresql:///x?password=pw&a=1", "postgresql:///x?password=•••&a=1"),
        ("postgresql://u:p'a@h", "postgresql://•••@h"),
        ("at 'postgresql://o'u:p\"<a>@h'", "at 'postgresql://•••@h'"),
        (f"postgresql://u:{'p' * 5_000}@h/db", "postgresql://•••@h/db"),
        (f"postgresql://{'u' * 500}:p@h/db", "postgresql://•••@h/db"),
        ("jwt=opaque", "jwt=•••"),
        ("RINGOUT_SECRET_KEY=opaque", "RINGOUT_SECRET_KEY=•••"),
        ("Cookie: ringout_signin=opaque; a=1", "Cookie: ringout_signin=•••; a=1"),
        (
            "GET /callback?state=st&code=cd HTTP",
            "GET /callback?state=•••&code=••• HTTP",
        ),
        ("password=p'a\"b x", "password=••• x"),
        ("{'password': 'p\\'w'}", "{'password':•••}"),
        ("an error: code=429", "an error: code=429"),
        ("dsn host=db password='p w' x=1", "dsn host=db password=••• x=1"),
        ("PASSWORD=pw", "PASSWORD=•••"),
        ("client_secret=pw&a=1", "client_secret=•••&a=1"),
        ("{'access_token': 'pw', 'a': 1}", "{'access_token':•••, 'a': 1}"),
        ('{"refresh_token":"p\\nw"}', '{"refresh_token":•••}'),
        ("its token can't be read", "its token can't be read"),
        ("see https://host.example/a:b", "see https://host.example/a:b"),
    ],
)
def test_what_a_name_or_an_address_betrays_is_cut(text: str, cut: str) -> None:
    """A library's error may quote the address or the form that it was given."""
    assert NET(text) == cut


SECRETS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x17F), min_size=SHORTEST_SECRET
)


@given(SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_a_known_secret_is_cut_in_any_writing(
    secret: str, before: bytes, behind: bytes
) -> None:
    """An opaque client secret has no form: only its value betrays it."""
    data = before + secret.encode() + behind
    net = Redaction([secret, "another one"])
    marker = quote(secret)

    for text in (
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        urlencode({"x": secret}),
        json.dumps({"x": secret}),
        repr([secret]),
    ):
        assert CUT in net(f"met {text} here")
        assert secret not in net(text)
        assert marker not in net(text)
    for written in (b64encode(data).decode(), urlsafe_b64encode(data).decode()):
        assert net(written) != written
        assert CUT in net(written)


def test_the_settings_secrets_are_known() -> None:
    """Each that a repr leaves out; of an address its password alone."""
    settings = reading.read(
        ENOUGH
        | {
            "DATABASE_URL": "postgresql://ringout:db%40pass@db/calls?sslpassword=key-pw",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://u:otel-pw@collector",
        }
    )

    assert settings.secrets >= {
        *ENOUGH.values(),
        *("db@pass", "key-pw", "otel-pw"),
    }
    assert not {each for each in settings.secrets if "ringout" in each}


def test_a_long_line_takes_no_time_to_speak_of() -> None:
    """Whoever can have a line logged could stop the event loop by a slow expression."""
    net = Redaction(ENOUGH.values())
    begun = time.process_time()

    for evil in ("://", "a:", "1", "(", "password=", "xoxb-", "2026-11-30 ", "eyJa."):
        net("://" + evil * 7_000)
    for evil in (
        "://a:b@",
        "1&nbsp;",
        "1 - ",
        "%20",
        "12:34:56 ",
        "password='",
        "1\\u00a0",
    ):
        net(evil * 7_000)
        net("1" + evil[1:] * 7_000)

    assert time.process_time() - begun < 2  # a tenth of that is usual
