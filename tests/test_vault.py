"""Secrets at rest: unreadable without a key, and keys can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, Text, insert, select

from bot.cli import database
from bot.storage.calls.store import Store
from bot.storage.people import secrets
from bot.storage.people import tables as people
from bot.vault import Undecryptable, Vault, derived_key, is_key, new_key
from every_table import METADATA
from intents import NOON


@given(st.text(min_size=1))
def test_what_is_locked_comes_back_and_cannot_be_read(secret: str) -> None:
    """A dump of the database must be worth nothing."""
    vault = Vault([new_key()])

    kept = vault.encrypt(secret)

    assert kept.isascii()
    assert len(secret) < 8 or secret not in kept
    assert vault.decrypt(kept) == secret


def test_another_key_opens_nothing() -> None:
    """A wrong key or damaged text raises an error instead of returning garbage."""
    kept = Vault([new_key()]).encrypt("token")

    for other in (Vault([new_key()]), Vault([])):
        with pytest.raises(Undecryptable):
            other.decrypt(kept)


def test_without_a_key_nothing_is_kept_in_clear() -> None:
    """It is refused rather than stored as it is; nothing stays nothing."""
    shut = Vault([])

    assert (shut.has_key, shut.encrypt(""), shut.decrypt("")) == (False, "", "")
    with pytest.raises(Undecryptable, match="not set"):
        shut.encrypt("token")


def test_the_newest_of_several_keys_encrypts_and_all_decrypt() -> None:
    """That is what a rotation needs: first both, then the new one alone."""
    old, new = new_key(), new_key()
    kept = Vault([old]).encrypt("token")

    renewed = Vault([new, old]).reencrypt(kept)

    assert Vault([new]).decrypt(renewed) == "token"


def test_only_keys_are_taken_for_keys() -> None:
    """A malformed key is refused at the start, not at somebody's first sign-in."""
    assert is_key(new_key())
    assert not any(is_key(each) for each in ("", "secret", "ä" * 44, new_key()[:-2]))


async def test_keys_are_rotated_in_every_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After it the old key can go; what no key reads is counted, and left."""
    old, new = new_key(), new_key()
    url = f"sqlite:///{tmp_path}/calls.db"
    store = Store(url)
    await store.open()
    kept = {
        "a": Vault([old]).encrypt("verifier"),
        "b": Vault([new_key()]).encrypt("lost"),
    }
    rows = [
        {
            "id": name,
            "kind": "x",
            "enterprise": "",
            "team": "T1",
            "user": "U1",
            "browser": "",
            "label": "",
            "verifier": verifier,
            "ends_at": NOON,
        }
        for name, verifier in kept.items()
    ]
    await store.writer.run(lambda c: c.execute(insert(people.pending_sign_ins), rows))
    store.close()

    code = await database.rotate_keys(url, (new, old))

    assert code == 1
    assert "no key fits: 1" in capsys.readouterr().out
    store = Store(url)
    found = await store.writer.run(
        lambda c: {
            row.id: row.verifier for row in c.execute(select(people.pending_sign_ins))
        }
    )
    store.close()
    assert Vault([new]).decrypt(found["a"]) == "verifier"
    assert found["b"] == kept["b"]


def test_a_signature_is_of_one_text_and_survives_a_rotation() -> None:
    """What was handed out before a key changed is taken until the old key is gone."""
    old, new = new_key(), new_key()
    signature = Vault([old]).sign("text")

    assert Vault([new, old]).has_signed("text", signature)
    for keys, text, shown in (
        ([new], "text", signature),
        ([], "text", signature),
        ([old], "texts", signature),
        ([old], "text", signature + "="),
        ([old], "text", signature.swapcase()),
        ([old], "text", "\ud800"),
        ([old], "text", ""),
    ):
        assert not Vault(keys).has_signed(text, shown)
    with pytest.raises(Undecryptable, match="not set"):
        Vault([]).sign("text")


def test_every_secret_column_is_rotated() -> None:
    """A table that comes later must not be forgotten."""
    named = {(table.name, column) for table, column in secrets.ENCRYPTED_COLUMNS}
    suspect = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text)
        and any(word in column.name for word in ("token", "secret", "verifier", "jwt"))
    }

    hashes = {("subscriptions", "token")}
    places_in_a_log = {
        ("missed_syncs", "token"),
        ("missed_syncs", "voicemail_token"),
    }
    others = {("revocations", "subscription")}
    assert named == suspect - hashes - places_in_a_log | others


def test_a_key_comes_of_all_the_secrets_and_of_what_it_is_for() -> None:
    """Whoever lacks one of them reads nothing; each process makes the same."""
    key = derived_key("a.b.c", "secret", purpose="x")
    others = [
        derived_key("a.b.c", "other", purpose="x"),
        derived_key("a.b.d", "secret", purpose="x"),
        derived_key("a.b.c", "secret", purpose="y"),
    ]

    assert is_key(key)
    assert key == derived_key("a.b.c", "secret", purpose="x")
    assert key not in others
    assert len(set(others)) == 3
