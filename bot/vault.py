"""Secrets at rest: what the database keeps of tokens, nobody can read without a key.

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` package; several keys are a
rotation: the first encrypts, all of them decrypt.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import BotError


class Unreadable(BotError):
    """A secret was encrypted with a key that is not among ours any more."""


def new_key() -> str:
    """Return a new key for ``RINGOUT_SECRET_KEY``."""
    return Fernet.generate_key().decode()


def key_of(*secrets: str, purpose: str) -> str:
    """Return the key that whoever has all of *secrets* has too (HKDF, RFC 5869).

    They must be long and random, as a JWT's signature is, not something people think of.
    """
    material = "\n".join(secrets).encode()
    derived = HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(material)
    return urlsafe_b64encode(derived).decode()


def is_key(text: str) -> bool:
    """Return whether *text* can be a key."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


class Vault:
    """Encrypts and decrypts text. Without keys it can do neither."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    @property
    def is_open(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def lock(self, secret: str) -> str:
        """Return *secret* as the database may keep it; nothing stays nothing."""
        if not secret:
            return ""
        if self._fernet is None:
            raise Unreadable("RINGOUT_SECRET_KEY is not set")
        return self._fernet.encrypt(secret.encode()).decode()

    def unlock(self, kept: str) -> str:
        """Return the secret that *kept* holds.

        Raises:
            Unreadable: No key of ours fits.
        """
        if not kept:
            return ""
        if self._fernet is None:
            raise Unreadable("RINGOUT_SECRET_KEY is not set")
        try:
            return self._fernet.decrypt(kept.encode()).decode()
        except InvalidToken:
            raise Unreadable("RINGOUT_SECRET_KEY has no key that fits") from None

    def renew(self, kept: str) -> str:
        """Return *kept* encrypted with the newest key. Raises `Unreadable`."""
        return self.lock(self.unlock(kept))
