"""Proofs of who somebody is: password hashes, one-time codes, the masks of form tokens."""

import base64
import hmac
import secrets
from functools import cache
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.text import fold

SHORTEST = 10
LONGEST = 200
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
NOBODY = HASHER.hash(secrets.token_hex(16))  # checked when there is no account: an unknown login takes as long
STEP = 30  # seconds a TOTP code stands


class WeakPassword(Exception):
    """The password is easy to guess; the message says why."""


@cache
def _common() -> frozenset[str]:
    listed = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(listed.split())


def check_password(password: str, *about: str) -> None:
    """Raises WeakPassword for one that is short, common or made of what is known about the officer."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"Mật khẩu cần ít nhất {SHORTEST} ký tự; dài 15 ký tự trở lên là tốt nhất.")
    if len(password) > LONGEST:
        raise WeakPassword(f"Mật khẩu dài quá {LONGEST} ký tự.")
    bare = fold(password).replace(" ", "")
    if bare in _common() or bare.rstrip("0123456789!@#.") in _common() or len(set(bare)) < 5:
        raise WeakPassword("Mật khẩu này quá quen thuộc, ai cũng đoán được. Anh/chị chọn một câu dài dễ nhớ nhé.")
    known = [part for text in about for part in fold(text).split() if len(part) >= 4]
    if any(len(bare.replace(part, "")) < 6 for part in known):
        raise WeakPassword("Mật khẩu không nên làm từ tên hay tên đăng nhập của anh/chị.")


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return HASHER.hash(password)


def proves(password: str, held: str | None) -> bool:
    """Whether the password is the one of this hash; takes as long when there is none."""
    try:
        return HASHER.verify(held or NOBODY, password) and held is not None
    except (VerificationError, InvalidHashError):
        return False


def _box(secret: str) -> Fernet:
    key = HKDF(SHA256(), 32, None, b"nhipcau second factor").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def lock(secret: str, value: str) -> str:
    """A value encrypted with the key of the settings."""
    return _box(secret).encrypt(value.encode()).decode()


def unlock(secret: str, held: str) -> str | None:
    """The value again; None when the key of the settings is another one."""
    try:
        return _box(secret).decrypt(held.encode()).decode()
    except InvalidToken:
        return None


def new_totp() -> str:
    """A new secret of the second factor."""
    return pyotp.random_base32()


def totp_link(secret: str, login: str) -> str:
    """What the QR code of an authenticator app holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Nhip Cau")


def totp_step(secret: str, code: str, at: float) -> int | None:
    """The step (30 s each since 1970) a code belongs to, now or the one beside; None when it is wrong."""
    totp = pyotp.TOTP(secret)
    digits = "".join(char for char in code if char.isdigit())
    for step in (int(at) // STEP, int(at) // STEP - 1, int(at) // STEP + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def mask(guard: str) -> str:
    """A form token that differs each time, so that compression cannot betray it."""
    noise = secrets.token_bytes(16)
    held = bytes.fromhex(guard)
    return (noise + bytes(a ^ b for a, b in zip(noise, held, strict=True))).hex()


def matches(token: str, guard: str) -> bool:
    """Whether a form token is one of this session's."""
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return False
    if len(raw) != 32:
        return False
    return hmac.compare_digest(bytes(a ^ b for a, b in zip(raw[:16], raw[16:], strict=True)).hex(), guard)
