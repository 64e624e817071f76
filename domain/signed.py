"""Addresses that only we can have made: a short mark over what is asked for."""

import hmac
from hashlib import sha256

LENGTH = 24  # hexadecimal figures: 96 bits


def mark(secret: bytes, said: str) -> str:
    """The mark of what is asked for."""
    return hmac.new(secret, f"address:{said}".encode(), sha256).hexdigest()[:LENGTH]


def holds(secret: bytes, said: str, shown: str) -> bool:
    """Whether this mark is ours."""
    return hmac.compare_digest(mark(secret, said).encode(), shown.encode())
