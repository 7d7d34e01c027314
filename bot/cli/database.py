"""Commands that work on the database: migrate, erase, rotate-keys."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bot.calls.numbers.phone import parse
from bot.cli.codes import BAD_INPUT, REFUSED
from bot.doctor.check import printable
from bot.errors import StoreUnavailable, UserError
from bot.slack.texts import refusals
from bot.storage.calls.store import Store
from bot.storage.people import secrets
from bot.storage.retention import Retention
from bot.vault import Vault


async def migrate(database_url: str) -> int:
    """Run the migrations that the database lacks; return the exit code."""
    store = Store(database_url)
    try:
        before, after = await store.migrate()
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()
    if before == after:
        sys.stdout.write(f"The database is at revision {after}: nothing to do.\n")
    else:
        sys.stdout.write(
            f"The database went from revision {before or 'none'} to {after}.\n"
        )
    return 0


async def erase(
    database_url: str, text: str, *, region: str, dry: bool, do_not_call: bool = False
) -> int:
    """Delete a number from finished calls, notes, phone lists, choices and names.

    With *do_not_call* also from do-not-call lists, which otherwise keep it.

    Returns the exit code: 1 if open calls have the number. They are left until their
    results are posted; then the command has to be run again.
    """
    try:
        number = parse(text, region=region)
    except UserError as error:
        sys.stderr.write(f"{refusals.plain_words(error)}\n")
        return BAD_INPUT
    store = Store(database_url)
    try:
        await store.open()
        found = await Retention(store.writer).erase(
            number.e164, dry=dry, do_not_call=do_not_call
        )
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()
    verb = "would be erased" if dry else "erased"
    sys.stdout.write(
        f"{verb}: {found.calls} calls, {found.records} call-log records, "
        f"{found.events} events; from {found.lists} people's lists of phones, "
        f"{found.choices} people's choices, the notes of {found.remarks} calls, "
        f"{found.missed} cards of missed calls, {found.audited} rows of the audit, "
        f"{found.asked} requests to admins; "
        f"{found.names} pages of names, read again in time\n"
    )
    if found.listed:
        sys.stdout.write(_listed(found.listed, do_not_call=do_not_call, verb=verb))
    if found.still_open:
        sys.stdout.write(f"left: {found.still_open} calls that are still open\n")
        return REFUSED
    return 0


def _listed(count: int, *, do_not_call: bool, verb: str) -> str:
    where = f"the do-not-call lists of {count} workspaces"
    if do_not_call:
        return f"{verb}: from {where}\n"
    return f"left: on {where}, so that nobody calls it again; --do-not-call erases it\n"


async def rotate_keys(database_url: str, keys: Sequence[str]) -> int:
    """Encrypt every secret with the first of *keys*; return the exit code.

    The code is 1 if no key decrypts some of them: their owners have to connect again.
    """
    vault = Vault(keys)
    if not vault.has_key:
        sys.stderr.write("RINGOUT_SECRET_KEY is missing: there is nothing to rotate.\n")
        return BAD_INPUT
    store = Store(database_url)
    try:
        await store.open()
        renewed, unreadable = await secrets.rotate(store.writer, vault)
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()
    sys.stdout.write(f"encrypted with the first key: {renewed} secrets\n")
    if unreadable:
        sys.stdout.write(f"no key fits: {unreadable}; those must be connected again\n")
    return REFUSED if unreadable else 0
