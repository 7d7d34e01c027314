"""DATABASE_URL: whatever is wrong with it is one sentence, without the password."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from bot.errors import BadSettings
from bot.settings import database_address, reading
from bot.settings.setting import Malformed

PASSWORD = "7391-7391"
"""In every address: no complaint may have it, nor a part of it."""

MALFORMED = {
    "no-scheme": "7391",
    "no-slashes": "postgresql:u:7391@h/db",
    "one-slash": "sqlite:/7391.db",
    "sqlite-with-host": "sqlite://7391/x.db",
    "sqlite-of-nothing": "sqlite:///",
    "sqlite-in-memory": "sqlite:///:memory:",
    "sqlite-parameter": "sqlite:///7391.db?mode=ro",
    "sqlite-number": "sqlite:///7391.db?timeout=abc",
    "sqlite-uri": "sqlite:////srv/7391.db?uri=true",
    "sqlite-file-uri": "sqlite:///file:/7391.db",
    "sqlite-zero-byte": "sqlite:///7391%00.db",
    "sqlite-driver": "sqlite+aiosqlite:///7391.db",
    "other-database": "mysql://u:7391@h/x",
    "other-driver": "postgresql+asyncpg://u:7391@h/x",
    "capitals": "POSTGRES://u:7391@h/x",
    "quotes": "'postgresql://u:7391@h/x'",
    "no-database": "postgresql://u:7391@h",
    "empty-database": "postgresql://u:7391@h:5432/",
    "nothing": "postgresql://",
    "port-word": "postgresql://u:7391@h:abc/x",
    "port-empty": "postgresql://u:7391@h:/x",
    "port-zero": "postgresql://u:7391@h:0/x",
    "port-too-high": "postgresql://u:7391@h:65536/x",
    "port-other-digits": "postgresql://u:7391@h:\uff11/x",
    "port-parameter": "postgresql://u:7391@/x?host=h&port=abc",
    "second-port": "postgresql://u:7391@h:1,i:abc/x",
    "ports-too-many": "postgresql://u:7391@/x?host=h,i&port=1,2,3",
    "bracket": "postgresql://u:7391@[::1/x",
    "no-bracket": "postgresql://u:7391@::1/x",
    "no-ip": "postgresql://u:7391@[xyz]/x",
    "host-space": "postgresql://u:7391@h h/x",
    "host-too-long": f"postgresql://u:7391@{'h' * 64}.example/x",
    "host-no-name": "postgresql://u:7391@h..example/x",
    "at-in-password": "postgresql://u:a@7391@h/x",
    "slash-in-password": "postgresql://u:12/7391@h/x",
    "question-in-password": "postgresql://u:12?7391@h/x",
    "hash-in-password": "postgresql://u:12#7391@h/x",
    "space-in-password": "postgresql://u:12 7391@h/x",
    "percent": "postgresql://u:7391%zz@h/x",
    "percent-at-end": "postgresql://u:7391@h/x%",
    "percent-zero": "postgresql://u:7391%00@h/x",
    "percent-no-utf-8": "postgresql://u:7391%ff@h/x",
    "no-utf-8": "postgresql://u:7391@h/x\udcff",
    "line-break": "postgresql://u:7391@h/x\nSLACK_BOT_TOKEN=xoxb-7391",
    "parameter": "postgresql://u:7391@h/x?passwrod=7391",
    "parameter-of-psycopg": "postgresql://u:7391@h/x?autocommit=7391",
    "parameter-alone": "postgresql://u:7391@h/x?7391",
    "parameter-twice": "postgresql://u:7391@h/x?sslmode=require&sslmode=disable",
    "parameter-word": "postgresql://u:7391@h/x?sslmode=7391",
    "parameter-number": "postgresql://u:7391@h/x?connect_timeout=7391s",
    "hosts-empty": "postgresql://u:7391@,/x",
    "host-empty": "postgresql://u:7391@h:5432,/x",
    "host-empty-parameter": "postgresql://u:7391@/x?host=h,,i",
    "hosts-twice": "postgresql://u:7391@h,i/x?host=j",
    "ports-twice": "postgresql://u:7391@h:1,i:2/x?port=3",
    "ports-twice-parameter": "postgresql://u:7391@/x?host=h:1&host=i:2&port=3",
    "ports-too-many-before": "postgresql://u:7391@h,i/x?port=1,2,3",
    "ports-too-few": "postgresql://u:7391@h,i,j/x?port=1,2",
    "ports-for-one-host": "postgresql://u:7391@h/x?port=1,2",
    "ports-for-no-host": "postgresql://u:7391@/x?port=1,2",
    "addresses-too-many": "postgresql://u:7391@h/x?hostaddr=10.0.0.1,10.0.0.2",
}


def complaint(url: str) -> str:
    """Return what the operator is told about *url*."""
    with pytest.raises(BadSettings) as caught:
        reading.read_only({"DATABASE_URL": url}, ["DATABASE_URL"])
    return str(caught.value)


@pytest.mark.parametrize("url", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_address_is_one_complaint(url: str) -> None:
    """A traceback, or a host that can't be found, would show the password."""
    said = complaint(url)

    assert said.count("DATABASE_URL must be sqlite:///path or postgresql://") == 1
    assert "7391" not in said


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A slip in the path must not take a file from the people who read it."""
    other, short = tmp_path / "notes.txt", tmp_path / "short"
    other.write_text("What was said on Monday.\n")
    short.write_text("S")
    other.chmod(0o644)

    assert "it is no SQLite database" in complaint(f"sqlite:///{other}")
    assert "it is no SQLite database" in complaint(f"sqlite:///{short}")
    assert other.stat().st_mode & 0o777 == 0o644


def test_an_empty_file_and_a_database_are_taken(tmp_path: Path) -> None:
    """The first is made a database; a check that leaves a file behind would show."""
    (tmp_path / "empty.db").touch()
    with closing(sqlite3.connect(tmp_path / "calls.db")) as made:
        made.execute("CREATE TABLE x (y)")

    for name in ("empty.db", "calls.db", "new.db"):
        database_address.read(f"sqlite:///{tmp_path}/{name}")
    assert {each.name for each in tmp_path.iterdir()} == {"empty.db", "calls.db"}


def test_a_file_that_cannot_be_used_is_a_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found at the start, and not by the first call that can't be stored."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "read-only.db").touch()
    usual = os.access

    def access(path: Path, mode: int) -> bool:  # a test may run as root, who may write
        return Path(path).name not in {"read-only.db", "locked"} and usual(path, mode)

    monkeypatch.setattr(os, "access", access)
    (tmp_path / "locked").mkdir()
    said = {
        name: complaint(f"sqlite:///{tmp_path}/{name}").splitlines()[1]
        for name in (
            *("folder", "folder/", "none/x.db", "pipe"),
            *(
                "new/",
                "new/.",
                "read-only.db",
                "locked/x.db",
                "x" * 300,
                f"{'x' * 300}/x.db",
            ),
        )
    }

    assert "its folder is not writable" in complaint("sqlite:////proc/x.db")
    assert [each.partition("used: ")[2] for each in said.values()] == [
        "it is a folder",
        "it is a folder",
        "its folder does not exist",
        "it is no ordinary file",
        "it is a folder",
        "it is a folder",
        "it is not writable",
        "its folder is not writable",
        "File name too long",
        "File name too long",
    ]


def test_the_usual_file_can_be_in_the_way_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A default that can't be read has to be a complaint as well, not a traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ringout.db").mkdir()

    assert "it is a folder" in complaint("")


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("postgres://u:p@h/db", "host=h user=u password=p dbname=db"),
        ("postgres+psycopg://u@h:5433/db", "host=h port=5433 user=u dbname=db"),
        ("postgresql://u:p%40%2F%25%20:@h/d%C3%A9", "host=h user=u password='p@/% :'"),
        ("postgresql://u@[::1]:5433/db", "host=::1 port=5433 user=u dbname=db"),
        ("postgresql:///db", "dbname=db"),
        ("postgresql:///db?host=/run/pg", "host=/run/pg dbname=db"),
        ("postgresql://u@%2Frun%2Fpg/db", "host=/run/pg user=u dbname=db"),
        ("postgresql://h/db?sslmode=verify-full", "host=h sslmode=verify-full"),
        ("postgresql://h/db?connect_timeout=3", "host=h connect_timeout=3 dbname=db"),
        ("postgresql://h1:1,h2:2/db", "host=h1,h2 port=1,2 dbname=db"),
        ("postgresql://h1,[::1]:2/db", "host=h1,::1 port=,2 dbname=db"),
        ("postgresql:///db?host=h1:1&host=h2:2", "host=h1,h2 port=1,2 dbname=db"),
        ("postgresql:///db?host=h1,h2&port=1,2", "host=h1,h2 port=1,2 dbname=db"),
        ("postgres://h1,h2/db?port=5433", "host=h1,h2 port=5433 dbname=db"),
        ("postgres://h1,h2/db?port=1,2", "host=h1,h2 port=1,2 dbname=db"),
        ("postgresql:///db?host=h1,h2&port=5433", "host=h1,h2 port=5433 dbname=db"),
        ("postgresql:///db?host=h1:1", "host=h1 port=1 dbname=db"),
        ("postgresql://h:1/db?host=/run/a:b", "host=/run/a:b port=1 dbname=db"),
        ("postgresql://h:1/db?port=2", "host=h port=2 dbname=db"),
        ("postgresql:///db?host=::1,h&port=1,", "host=::1,h port=1, dbname=db"),
        (
            "postgresql://h1,h2/db?hostaddr=10.0.0.1,::1",
            "host=h1,h2 hostaddr=10.0.0.1,::1",
        ),
        (
            "postgres://h1,h2/db?target_session_attrs=read-write",
            "host=h1,h2 target_session_attrs=read-write",
        ),
    ],
)
def test_a_good_address_is_read_as_libpq_takes_it(url: str, options: str) -> None:
    """The connection that listens is made without SQLAlchemy, to the same database."""
    found = database_address.conninfo(database_address.address(url))

    assert conninfo_to_dict(options).items() <= conninfo_to_dict(found).items()


GOOD = st.sampled_from(
    [
        f"postgresql://user:{PASSWORD}@host:5432/name?sslmode=require",
        f"postgres://user:{PASSWORD}@one:1,two:2/name?target_session_attrs=any",
        f"postgresql:///name?password={PASSWORD}&host=one:1&host=two:2",
        f"sqlite:///{PASSWORD}.db",
    ]
)
SLIPS = st.lists(
    st.tuples(
        st.integers(0, 80),
        st.integers(0, 3),
        st.sampled_from([*"/:@?#[]%&=, '\"\\\n\0é", "%00", "%ff", "://", ""]),
    ),
    min_size=1,
    max_size=3,
)


@given(GOOD, SLIPS)
@example(f"postgresql://user:{PASSWORD}@host/db", [(17, 0, "@")])
def test_no_slip_of_the_pen_ends_in_a_traceback(
    url: str, slips: list[tuple[int, int, str]]
) -> None:
    """Whatever is accepted can be used, and has no part of the password as its host."""
    for at, length, text in slips:
        url = url[:at] + text + url[at + length :]
    said, found = "", None
    try:
        found = database_address.address(url)
    except Malformed as error:
        said = str(error)
    assert "7391" not in said
    if found is not None and found.get_backend_name() == "postgresql":
        read = conninfo_to_dict(database_address.conninfo(found))
        assert "7391" not in str(read.get("host", ""))
