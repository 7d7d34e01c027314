"""Encryption of the secrets that the database holds.

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` package. With several keys, as
in a rotation, the first one encrypts and signs, and all of them decrypt and verify.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import BotError


class Undecryptable(BotError):
    """A secret was encrypted with a key that is not in RINGOUT_SECRET_KEY any more."""


def new_key() -> str:
    """Return a new key for ``RINGOUT_SECRET_KEY``."""
    return Fernet.generate_key().decode()


def derived_key(*secrets: str, purpose: str) -> str:
    """Derive a key from *secrets* (HKDF, RFC 5869): the same ones give the same key.

    They must be long and random, as the signature of a JWT is: no passwords.
    """
    material = "\n".join(secrets).encode()
    derived = HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(material)
    return urlsafe_b64encode(derived).decode()


def is_key(text: str) -> bool:
    """Return whether *text* has the form of a key."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


class Vault:
    """Encrypts, decrypts and signs text. Without keys it can do neither."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None
        self._signing = [derived_key(key, purpose="signatures") for key in keys]

    @property
    def has_key(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def encrypt(self, secret: str) -> str:
        """Return *secret* encrypted with the first key. An empty text stays empty.

        Raises:
            Undecryptable: There is no key.
        """
        if not secret:
            return ""
        if self._fernet is None:
            raise Undecryptable("RINGOUT_SECRET_KEY is not set")
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the secret in *encrypted*. An empty text stays empty.

        Raises:
            Undecryptable: There is no key, or none that fits.
        """
        if not encrypted:
            return ""
        if self._fernet is None:
            raise Undecryptable("RINGOUT_SECRET_KEY is not set")
        try:
            return self._fernet.decrypt(encrypted.encode()).decode()
        except InvalidToken:
            raise Undecryptable("RINGOUT_SECRET_KEY has no key that fits") from None

    def reencrypt(self, encrypted: str) -> str:
        """Return the secret in *encrypted* encrypted with the first key.

        Raises:
            Undecryptable: No key fits.
        """
        return self.encrypt(self.decrypt(encrypted))

    def sign(self, text: str) -> str:
        """Return the signature of *text* (HMAC-SHA256) with the first key.

        Raises:
            Undecryptable: There is no key.
        """
        if not self._signing:
            raise Undecryptable("RINGOUT_SECRET_KEY is not set")
        return _signature(self._signing[0], text)

    def has_signed(self, text: str, signature: str) -> bool:
        """Return whether *signature* is that of *text* with any of the keys."""
        given = signature.encode(errors="replace")
        made = [_signature(key, text).encode() for key in self._signing]
        return any(hmac.compare_digest(given, each) for each in made)


def _signature(key: str, text: str) -> str:
    """Return the signature as 43 characters of base64, to be compared as text."""
    message = text.encode(errors="replace")
    digest = hmac.digest(key.encode(), message, hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")
