"""`.ci/audit` fails for a known vulnerability, and says when it could ask nobody."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from checkout import ROOT

pytestmark = pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv")

PROJECT = """
[project]
name = "small"
version = "1"
requires-python = ">=3.11"
dependencies = ["sample==1.0"]
"""
LOCK = """
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "sample"
version = "1.0"
source = { registry = "http://127.0.0.1:9/simple" }

[[package]]
name = "small"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "sample" }]

[package.metadata]
requires-dist = [{ name = "sample", specifier = "==1.0" }]
"""
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def source(*known: str, status: int = 200) -> Iterator[str]:
    """Serve advisories, the *known* ones for every package, as an OSV service does."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Print nothing."""

        def answer(self, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = [{"id": each, "modified": "2026-01-01T00:00:00Z"} for each in known]
            self.answer({"results": [{"vulns": found} for _ in asked["queries"]]})

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            self.answer({"id": name, "modified": "2026-01-01T00:00:00Z"})

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def audited(project: Path, url: str, *more: str) -> tuple[int, str]:
    """Return the exit code and the last line of an audit of *project*."""
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "uv.lock").write_text(LOCK)
    options = ("--frozen", "--project", str(project), "--service-url", url, *more)
    ran = subprocess.run(
        [ROOT / ".ci/audit", *options],
        env=os.environ | {"UV_HTTP_RETRIES": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout.splitlines()[-1]


def test_a_known_vulnerability_fails_the_audit(tmp_path: Path) -> None:
    """The pin has to be renewed before anything else lands."""
    with source("PYSEC-2026-1") as url:
        code, last = audited(tmp_path, url)

    assert code == 1
    assert last.startswith("audit: VULNERABLE")


def test_none_that_is_known_passes_it(tmp_path: Path) -> None:
    """An answer was given, and it was a good one."""
    with source() as url:
        assert audited(tmp_path, url) == (0, "audit: no known vulnerability")


def test_without_a_source_it_says_so_and_passes(tmp_path: Path) -> None:
    """A machine without a network can't know; nobody may take that for a pass."""
    code, last = audited(tmp_path, NOWHERE)

    assert (code, last) == (0, "audit: NOT DONE, there was no source to ask")


def test_an_audit_that_breaks_fails(tmp_path: Path) -> None:
    """A source that answers with an error, or another uv, must not look like a pass."""
    with source(status=500) as url:
        broken = audited(tmp_path, url)

    for code, last in (broken, audited(tmp_path, NOWHERE, "--no-such-option")):
        assert code not in {0, 1}
        assert last.startswith("audit: FAILED")


STAND_IN = r"""#!/usr/bin/env bash
case "${0##*/} $*" in
*" $FAILS "*) until [ -e audited ]; do sleep 0.01; done; exit 1 ;;
audit*) printf '%s\n' "$SAYS"; : >audited; exit "$CODE" ;;
esac
"""
"""Stands in for every program that CI runs; *FAILS* is a part of the one that fails."""

FOUND = "sample 1.0 has PYSEC-2026-1"
GOOD = "Resolved 1 package\naudit: no known vulnerability"


def ci(folder: Path, says: str, code: int, fails: str = "-") -> tuple[int, list[str]]:
    """Run `.ci/run` with stand-ins for its programs; return its exit code and its lines."""
    (folder / ".ci").mkdir()
    names = [
        *("uv", "npm", "chromium", "apt-get"),
        *(".ci/audit", ".ci/browser", ".ci/wheel"),
    ]
    for name in names:
        (folder / name).write_text(STAND_IN)
        (folder / name).chmod(0o755)
    shutil.copy(ROOT / ".ci/run", folder / ".ci/run")
    ran = subprocess.run(
        [folder / ".ci/run"],
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "SAYS": says,
            "CODE": str(code),
            "FAILS": fails,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout.splitlines()


@pytest.mark.parametrize("fails", ["-", "ruff check", "pytest --all", "-n 0"])
def test_the_last_line_of_ci_is_the_audits_in_every_outcome(
    tmp_path: Path, fails: str
) -> None:
    """Whoever reads only the end must see whether anything was asked."""
    code, lines = ci(tmp_path, GOOD, 0, fails)

    assert code == (fails != "-")
    assert lines[-1] == "audit: no known vulnerability"
    assert lines.count(lines[-1]) == 1


@pytest.mark.parametrize(
    "last", ["VULNERABLE, see above", "FAILED, uv could not do it"]
)
def test_a_failed_audit_fails_ci_with_its_words(tmp_path: Path, last: str) -> None:
    """CI was red without a word: what was found was deleted with the scratch folder."""
    code, lines = ci(tmp_path, f"{FOUND}\naudit: {last}", 1)

    assert code == 1
    assert lines[-2:] == [FOUND, f"audit: {last}"]


def test_an_audit_that_ci_did_not_wait_for_is_not_taken_for_one(tmp_path: Path) -> None:
    """A step that fails at once ends CI before the audit has an answer."""
    code, lines = ci(tmp_path, "Resolved 1 package", 0, "ruff check")

    assert code == 1
    assert lines[-1] == "audit: NOT DONE, CI ended before it"
