"""Locks what must not stand readable in the database, with a key made from the secret of the settings."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Locked(Exception):
    """The secret of the settings is another one than when this was written."""


class Box:
    """Encrypts and signs; `purpose` keeps the boxes of different uses apart."""

    def __init__(self, secret: str, purpose: str) -> None:
        key = HKDF(SHA256(), 32, None, f"nhipcau {purpose}".encode()).derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def lock(self, value: str) -> str:
        """The value as it may be kept, or stand in a link."""
        return self._fernet.encrypt(value.encode()).decode()

    def unlock(self, held: str) -> str:
        """The value again. Raises Locked."""
        try:
            return self._fernet.decrypt(held.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise Locked from error
