"""What deploy/ promises, checked without a container engine or service manager."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.cli.main import main
from bot.sandbox.ports import free_port
from bot.settings import unknown
from bot.settings.settings import NAMES
from bot.workspaces import manifest
from checkout import ROOT
from dockerfile import DOCKERFILE, stages
from process import Process
from town import Town

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
PINNED = re.compile(r"[a-z][a-z/-]*:\d+(\.\d+)+[\w.-]*")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
UNIT = (DEPLOY / "ringout-bot.service").read_text(encoding="utf-8")
STOP = 10
"""Seconds within which the bot has stopped."""


def test_hadolint_has_nothing_to_say() -> None:
    """It knows the usual mistakes in a Dockerfile."""
    said = subprocess.run(
        [BIN / "hadolint", "--failure-threshold", "style", DOCKERFILE],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (said.returncode, said.stdout) == (0, "")


def test_the_image_is_small_pinned_and_nobodys() -> None:
    """Tomorrow's build must equal the tested one; an intruder must not be root."""
    build, runtime = stages()

    assert build.image == runtime.image
    assert PINNED.fullmatch(build.image)
    assert "slim" in build.image
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", runtime.only("USER"))
    assert runtime.only("STOPSIGNAL") == "SIGTERM"
    assert json.loads(runtime.only("ENTRYPOINT")) == ["ringout-bot"]
    assert runtime.environment["DATABASE_URL"] == "sqlite:////data/ringout.db"
    assert runtime.only("VOLUME") == runtime.only("WORKDIR") == "/data"
    assert runtime.environment.keys() & {"HOST", "SLACK_BOT_TOKEN"} == set()


def test_the_image_installs_nothing_whose_hash_is_not_known() -> None:
    """A hash in a file protects nothing if pip is not told to ask for it."""
    build, runtime = stages()
    steps = [each for rest in build.all_of("RUN") for each in rest.split("&&")]
    by_pip = [each for each in steps if " -m pip " in each]

    assert len(by_pip) == 3
    for each in by_pip:
        assert "--require-hashes" in each or "--no-index --no-deps" in each
    assert not any("pip" in rest for rest in runtime.all_of("RUN"))


def test_the_build_is_given_what_it_copies_and_nothing_else() -> None:
    """A .env in the build context could leak into an image's cache."""
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in ignore if line and not line.startswith("#")]
    build, _ = stages()
    copied = {word for rest in build.all_of("COPY") for word in rest.split()[:-1]}

    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied
    assert all((ROOT / each).exists() for each in copied)


def _named(asked: list[str]) -> dict[str, str]:
    """Return the exact versions in requirements, by normalized package name."""
    found = (re.match(r"([\w.-]+)(?:\[\w+\])?==([^ ;]+)", each) for each in asked)
    return {one[1].lower().replace("_", "-"): one[2] for one in found if one}


def _groups() -> list[str]:
    """Return what the groups of pyproject.toml ask for: the tests, and the benches."""
    return [each for group in PROJECT["dependency-groups"].values() for each in group]


def _pinned() -> dict[str, str]:
    """Return each version pinned in pyproject.toml, by hand or by deploy/lock."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    return {
        **_named(PROJECT["tool"]["uv"]["constraint-dependencies"]),
        **_named(PROJECT["build-system"]["requires"]),
        **_named([each for extra in extras for each in extra]),
        **_named(_groups()),
        **_named(project["dependencies"]),
    }


def test_the_image_installs_the_versions_of_the_project_by_their_hashes() -> None:
    """The image must run what was tested; after a change, run deploy/lock."""
    packages: dict[str, str] = {}
    for name in ("requirements.txt", "build.txt"):
        text = (DEPLOY / name).read_text().replace("\\\n", " ")
        lines = [each for each in text.splitlines() if not each.startswith("#")]
        assert all("--hash=sha256:" in line for line in lines)
        packages |= _named(lines)

    assert packages.items() <= _pinned().items()
    assert _named(PROJECT["project"]["dependencies"]).items() <= packages.items()
    assert _named(PROJECT["build-system"]["requires"]).items() <= packages.items()


def test_what_the_tests_run_on_is_pinned_to_the_last_package() -> None:
    """Otherwise tests might run on a release that somebody published this morning.

    After a change in pyproject.toml, run deploy/lock.
    """
    pinned = _pinned()
    project = PROJECT["project"]
    asked = [*project["dependencies"], *_groups()]
    met: dict[str, str] = {}
    done: set[str] = set()
    while asked:
        needed = Requirement(asked.pop())
        if str(needed) in done:
            continue
        done.add(str(needed))
        found = distribution(needed.name)
        met[canonicalize_name(needed.name)] = found.version
        for each in map(Requirement, found.requires or []):
            extras = [{"extra": one} for one in ("", *needed.extras)]
            if each.marker is None or any(map(each.marker.evaluate, extras)):
                asked.append(str(each))

    assert "psycopg-binary" in met
    assert met.items() <= pinned.items()


def test_compose_starts_two_bots_after_the_database_is_up_and_migrated() -> None:
    """A bot without tables would only fail; with two bots, one may fail."""
    services = COMPOSE["services"]
    bot, migrate, db = services["bot"], services["migrate"], services["db"]

    assert PINNED.fullmatch(db["image"])
    assert bot["deploy"]["replicas"] == 2
    assert bot["depends_on"] == {
        "db": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    assert migrate["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert (migrate["command"], migrate["restart"]) == (["migrate"], "no")
    assert "--host=127.0.0.1" in db["healthcheck"]["test"]
    assert db["volumes"] == ["database:/var/lib/postgresql/data"]
    assert bot["restart"] == "unless-stopped"
    assert int(bot["stop_grace_period"].removesuffix("s")) > STOP


def test_composes_bots_can_do_little_but_their_work() -> None:
    """An intruder gets no capability, no writable file, and no port to come in by."""
    for name in ("bot", "migrate"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    for service in COMPOSE["services"].values():
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service
    assert COMPOSE["networks"]["database"]["internal"] is True
    assert COMPOSE["services"]["db"]["networks"] == ["database"]


def test_compose_holds_no_secret_and_no_default_for_one() -> None:
    """A password that everybody knows protects nothing: without one, nothing starts."""
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if "PASS" in name:
                assert re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", value)
            assert not re.search(r"://[^/@]*:[^/@]*@", value)
    bot = COMPOSE["services"]["bot"]["environment"]
    assert set(bot) - set(NAMES) == {"PGPASSWORD"}


def test_no_file_sets_what_the_bot_would_warn_of() -> None:
    """Nobody would read a warning that appears at every start of every deployment."""
    _, runtime = stages()
    unit = re.findall(r"^Environment=(.+)$", UNIT, re.MULTILINE)
    named = {word.split("=")[0] for line in unit for word in line.split()}
    named |= runtime.environment.keys()
    named |= set(COMPOSE["services"]["bot"]["environment"])

    assert {"DATABASE_URL", "PORT", "HOME", "PGPASSWORD"} <= named
    assert unknown.set_in(named, NAMES) == []


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Write the unit with a command that exists on this machine."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze: apt-get install systemd")
    (command,) = re.findall(r"^ExecStart=(\S+) run$", UNIT, re.MULTILINE)
    path = tmp_path / "ringout-bot.service"
    path.write_text(UNIT.replace(command, sys.executable))
    return path


def test_systemd_takes_the_unit(unit: Path) -> None:
    """A misspelled line only causes a warning, and its protection is missing."""
    said = subprocess.run(
        ["systemd-analyze", "verify", unit],  # noqa: S607 - its path differs
        check=False,
        capture_output=True,
        text=True,
    )

    assert (said.returncode, said.stderr) == (0, "")


def test_systemd_finds_the_unit_hardened(unit: Path) -> None:
    """Its rating by systemd 252 is 1.3 of 10, mostly because it needs the network."""
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", unit],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    )

    assert said.returncode == 0, said.stdout


def test_the_unit_starts_again_what_may_heal() -> None:
    """A database may come up, wrong settings stay wrong; a stop gets its time."""
    lines = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line)

    assert lines["Restart"] == "on-failure"
    assert lines["RestartPreventExitStatus"] == "2"
    assert int(lines["RestartSec"]) >= 60 / 5
    assert int(lines["TimeoutStopSec"]) > STOP


@pytest.mark.parametrize("word", ["run", "migrate", "doctor", "manifest"])
def test_every_command_that_deploy_names_is_one(word: str) -> None:
    """Otherwise compose's bots would wait for a migration that always fails."""
    named = (DEPLOY / "compose.yaml").read_text() + UNIT
    named += (DEPLOY / "README.md").read_text()
    named += (ROOT / ".slack" / "hooks.json").read_text()

    assert re.search(rf"ringout-bot {word}\b|\[{word}\]", named)
    with pytest.raises(SystemExit) as ended:
        main([word, "--help"])
    assert ended.value.code == 0


def procfile() -> dict[str, tuple[dict[str, str], list[str]]]:
    """Return each process type's settings and command words."""
    found = {}
    for line in (DEPLOY / "Procfile").read_text(encoding="utf-8").splitlines():
        kind, command = line.split(": ", 1)
        words = shlex.split(command)
        given = dict(word.split("=", 1) for word in words if "=" in word)
        program, *rest = words[len(given) :]
        assert program == "ringout-bot"
        found[kind] = (given, rest)
    return found


def test_every_command_of_the_procfile_is_one() -> None:
    """A platform would restart it again and again, and only say "crashed"."""
    for given, words in procfile().values():
        assert given.keys() <= set(NAMES)
        with pytest.raises(SystemExit) as ended:
            main([*words, "--help"])
        assert ended.value.code == 0
    assert set(procfile()) == {"release", "web", "worker"}


@pytest.mark.parametrize(("kind", "serves"), [("web", True), ("worker", False)])
async def test_a_platform_reaches_what_it_shall_reach(
    closed_town: Town,
    tmp_path: Path,
    kind: str,
    serves: bool,  # noqa: FBT001 - parametrized
) -> None:
    """A platform sets a port and checks it; a worker uses Socket Mode and has none."""
    given, words = procfile()[kind]
    port = {"PORT": str(free_port())} if serves else {}
    process = Process(tmp_path, closed_town.environment(**given, **port))

    await process.start(*words)
    await process.logged("ready")

    assert (given.get("HOST") == "0.0.0.0") is serves  # noqa: S104 - compared, not bound
    if serves:
        url = f"http://127.0.0.1:{port['PORT']}/healthz"
        async with aiohttp.ClientSession() as outside, outside.get(url) as answer:
            assert answer.status == 200
    assert await process.terminated() == 0


def _hook(name: str) -> list[str]:
    hooks = json.loads((ROOT / ".slack" / "hooks.json").read_text())["hooks"]
    command, *rest = shlex.split(hooks[name])
    assert command == ".venv/bin/ringout-bot"
    return [str(BIN / "ringout-bot"), *rest]


def test_the_slack_cli_gets_the_manifest() -> None:
    """It installs the JSON from ``get-manifest``; any other output would break it."""
    said = subprocess.run(
        _hook("get-manifest"), cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert json.loads(said.stdout) == manifest.load()


async def test_the_slack_cli_starts_the_bot_with_its_tokens(
    closed_town: Town, tmp_path: Path
) -> None:
    """``slack run`` uses its own names for tokens, and the bot opens the connection."""
    config = json.loads((ROOT / ".slack" / "hooks.json").read_text())["config"]
    env = closed_town.environment()
    env["SLACK_CLI_XOXB"] = env.pop("SLACK_BOT_TOKEN")
    env["SLACK_CLI_XAPP"] = env.pop("SLACK_APP_TOKEN")
    process = Process(tmp_path, env)

    await process.start(*_hook("start")[1:])
    await process.logged("ready")

    assert config["sdk-managed-connection-enabled"] is True
    assert await process.terminated() == 0
