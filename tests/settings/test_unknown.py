"""Finds misspelled settings without false alarms on ordinary machines."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.settings import unknown
from bot.settings.settings import NAMES

LETTERS = string.ascii_uppercase + "_"
WORDS = st.text(LETTERS, max_size=12)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("RINGOUT_COUNTRYS", "RINGOUT_COUNTRIES"),
        ("RINGOUT_ADMIN", "RINGOUT_ADMINS"),
        ("RINGOUT_SECRET", "RINGOUT_SECRET_KEY"),
        ("RINGOUT_PORT", "PORT"),
        ("RINGOUT_DATABASE_URL", "DATABASE_URL"),
        ("RINGOUT_FUZZ", "RINGOUT_FROM"),
        ("ringout_admins", "RINGOUT_ADMINS"),
        ("SLACK_BOT_TOKN", "SLACK_BOT_TOKEN"),
        ("SLACK_SINGING_SECRET", "SLACK_SIGNING_SECRET"),
        ("RC_USR_JTW", "RC_USER_JWT"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("PORTS", "PORT"),
        ("HSOT", "HOST"),
        ("INGOUT_FORM", "RINGOUT_FROM"),
    ],
)
def test_a_misspelled_setting_is_found_in_the_environment(
    name: str, nearest: str
) -> None:
    """A misspelled limit would be ignored: any country, any person could be called."""
    assert unknown.set_in([name, "PATH", *NAMES], NAMES) == [
        unknown.Unknown(name, "the environment", nearest)
    ]


ORDINARY = """
    # Linux, a shell, a terminal, a desktop
    HOME HOSTNAME HOSTTYPE PATH PWD OLDPWD USER LOGNAME SHELL SHLVL TERM TZ LANG LANGUAGE
    LC_ALL LC_CTYPE MAIL EDITOR VISUAL PAGER PS1 PS4 IFS _ DISPLAY COLORTERM SSH_TTY
    SSH_CLIENT SSH_CONNECTION SSH_AUTH_SOCK XDG_RUNTIME_DIR XDG_SESSION_ID SUDO_USER
    DBUS_SESSION_BUS_ADDRESS LS_COLORS LESSOPEN HISTFILE PROMPT_COMMAND TMPDIR UID EUID
    PPID COLUMNS LINES OSTYPE MACHTYPE WINDOWID http_proxy https_proxy no_proxy HTTP_PROXY
    HTTPS_PROXY NO_PROXY ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE
    # macOS
    __CF_USER_TEXT_ENCODING COMMAND_MODE XPC_FLAGS XPC_SERVICE_NAME TERM_PROGRAM
    TERM_PROGRAM_VERSION TERM_SESSION_ID Apple_PubSub_Socket_Render SECURITYSESSIONID
    # Python, uv, pytest, Slack's CLI
    VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE
    PYTHON_VERSION PYTHON_SHA256 GPG_KEY PIP_NO_CACHE_DIR UV UV_CACHE_DIR CONDA_PREFIX
    PYTEST_CURRENT_TEST SLACK_CLI_XOXB SLACK_CLI_XAPP
    # Docker, compose, systemd, a platform
    container DOCKER_HOST COMPOSE_PROJECT_NAME INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET
    LISTEN_FDS LISTEN_PID WATCHDOG_USEC MAINPID STATE_DIRECTORY RUNTIME_DIRECTORY
    CREDENTIALS_DIRECTORY SYSTEMD_EXEC_PID MEMORY_PRESSURE_WATCH DYNO NODE_ENV WEB_CONCURRENCY
    AWS_REGION AWS_DEFAULT_REGION GOOGLE_CLOUD_PROJECT K_SERVICE K_REVISION CI GITHUB_TOKEN
    # databases and telemetry
    PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLMODE DB_HOST DB_PORT DB_URL DATABASE
    DATABASE_NAME DATABASE_HOST DATABASE_PORT REDIS_URL REDIS_HOST REDIS_PORT
    POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB MYSQL_HOST SMTP_HOST SMTP_PORT
    OTEL_SERVICE_NAME OTEL_EXPORTER_OTLP_HEADERS OTEL_EXPORTER_OTLP_PROTOCOL
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT OTEL_RESOURCE_ATTRIBUTES
    # Kubernetes
    KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS
    KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR POD_NAME POD_IP
    POD_NAMESPACE NODE_NAME HOST_IP
    A_SERVICE_HOST A_SERVICE_PORT A_PORT A_PORT_80_TCP
    RINGOUT_SERVICE_HOST RINGOUT_SERVICE_PORT RINGOUT_SERVICE_PORT_HTTP RINGOUT_PORT
    RINGOUT_PORT_3000_TCP RINGOUT_PORT_3000_TCP_PROTO RINGOUT_PORT_3000_TCP_PORT
    RINGOUT_PORT_3000_TCP_ADDR RINGOUT_BOT_SERVICE_HOST RINGOUT_BOT_SERVICE_PORT
    RINGOUT_BOT_PORT RINGOUT_BOT_PORT_3000_TCP_ADDR
    # the tests' own
    RINGOUT_TEST_DATA RINGOUT_TEST_POSTGRES RINGOUT_TEST_IMAGE
"""


def test_an_ordinary_machine_gives_no_false_alarm() -> None:
    """Whoever is warned of HOME at every start does not read the next warning."""
    lines = [each for each in ORDINARY.splitlines() if "#" not in each]
    names = " ".join(lines).split()

    assert unknown.set_in(names, NAMES) == []
    assert len(names) > 150


def test_without_a_service_of_that_name_it_may_have_been_meant() -> None:
    """Only Kubernetes sets both; somebody who wants another port sets one."""
    assert unknown.set_in(["RINGOUT_PORT"], NAMES)
    assert unknown.set_in(["RINGOUT_PORT", "OTHER_SERVICE_HOST"], NAMES)


def test_a_thousand_services_delay_no_start() -> None:
    """Kubernetes tells every container of all of them; a start takes a second."""
    names = [f"SVC_{n}_{end}" for n in range(1000) for end in ("HOST", "PORT", "URL")]

    begun = time.process_time()

    assert unknown.set_in(names, NAMES) == []
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "TZ", "RINGOUT_TEST_X", "HOME"])
def test_every_unknown_name_in_the_file_is_named(name: str) -> None:
    """The bot alone reads that file: what it does not know has no effect."""
    [found] = unknown.written([name, *NAMES], NAMES)

    assert (found.name, found.where) == (name, ".env")
    assert found.nearest in NAMES


@pytest.mark.parametrize(
    "line",
    [
        "xoxb-123-AbCdEf",
        "8f742231b10e8888abcd99yyyzzz85a5",
        "eyJhbGciOiJSUzI1NiJ9",
        "Zx3kPq9WvB1nR7tYuIoPaSdFgHjKlZxCvBnM1234567",
        "A" * 65,
        "XAPP1A0123456789ABCDEF0123456789",
    ],
)
def test_a_line_that_may_be_a_secret_is_not_repeated(line: str) -> None:
    """A token that lost its name in the file is read as a name, and logs are read by many."""
    [found] = unknown.written([line], NAMES)

    assert line not in str(found)
    assert found.nearest in NAMES


def test_a_name_in_small_letters_is_told_from_a_secret() -> None:
    """A name in lower case is a likely mistake."""
    assert unknown.written(["ringout_countrys"], NAMES) == [
        unknown.Unknown("ringout_countrys", ".env", "RINGOUT_COUNTRIES")
    ]


@pytest.mark.parametrize("name", ["RINGOUT_BAD\n\x1b[31mFAKE", "RINGOUT_COUNTRIE\x1b"])
def test_a_name_forges_no_line(name: str) -> None:
    """Who sets a variable must not write into the operator's terminal or log."""
    [here] = unknown.set_in([name], NAMES)
    [there] = unknown.written([name], NAMES)

    assert str(here).isprintable()
    assert str(there).isprintable()


def test_a_setting_in_small_letters_is_found_in_the_environment() -> None:
    """It has no effect there, as nothing that is not in capitals has."""
    [found] = unknown.set_in(["database_url"], NAMES)

    assert (found.name, found.nearest) == ("database_url", "DATABASE_URL")


def test_long_names_delay_no_start() -> None:
    """An environment may hold anything."""
    begun = time.process_time()

    [found] = unknown.set_in(["RINGOUT_" + "X" * 100_000], NAMES)

    assert found.nearest in NAMES
    assert time.process_time() - begun < 1


# The distance


@given(one=WORDS, other=WORDS)
def test_the_distance_is_one(one: str, other: str) -> None:
    """Nothing for the same word, the same in both directions, never more than the longer."""
    far = unknown.distance(one, other)

    assert (far == 0) is (one == other)
    assert far == unknown.distance(other, one)
    assert abs(len(one) - len(other)) <= far <= max(len(one), len(other))


@st.composite
def slips(draw: st.DrawFn, most: int) -> tuple[str, str]:
    """Return a setting, and it with one letter to *most* added, dropped, changed, swapped."""
    name = draw(
        st.sampled_from([each for each in NAMES if len(each) > unknown.SHORT_NAME])
    )
    wrong = name
    for _ in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, len(wrong) - 2))
        letter = draw(st.sampled_from(LETTERS))
        wrong = draw(
            st.sampled_from(
                [
                    wrong[:at] + letter + wrong[at:],
                    wrong[:at] + wrong[at + 1 :],
                    wrong[:at] + letter + wrong[at + 1 :],
                    wrong[:at] + wrong[at + 1] + wrong[at] + wrong[at + 2 :],
                ]
            )
        )
    return name, wrong


@given(slips(most=2))
def test_two_slips_are_seen_through(pair: tuple[str, str]) -> None:
    """Whoever misspelled a name wants to read the right one."""
    name, wrong = pair
    assume(wrong not in NAMES)
    assume(
        unknown.distance(wrong, name) <= unknown.MOST_TYPOS
    )  # a swap may be torn apart

    [found] = unknown.set_in([wrong], NAMES)

    bare = unknown.distance(
        wrong.removeprefix("RINGOUT_"), found.nearest.removeprefix("RINGOUT_")
    )
    full = unknown.distance(wrong, found.nearest)
    assert min(bare, full) <= unknown.distance(wrong, name)


@given(names=st.lists(st.text(max_size=30), max_size=5))
def test_whatever_the_names_are_it_answers(names: list[str]) -> None:
    """Names come from outside; a start must not fail of one."""
    for found in unknown.set_in(names, NAMES) + unknown.written(names, NAMES):
        assert found.nearest in NAMES
        assert found.name not in NAMES
