"""What a guest shows at the door: a signed QR code and six digits, without anything personal in them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from io import BytesIO

import segno
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from conversation.reply import Enclosure
from domain import signed
from domain.arrival import Badge
from handlers.turn import Office
from storage.seats import Place

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group P-256
SIDE = 32  # bytes of one coordinate, of one half of a signature


@lru_cache(maxsize=8)
def _key(secret: bytes) -> EllipticCurvePrivateKey:
    """The signing key, made from the secret of the settings: nothing more to keep or to lose."""
    seed = HKDF(SHA256(), 48, None, b"nhipcau badges").derive(secret)
    return derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, SECP256R1())


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def public_key(secret: bytes) -> dict[str, str]:
    """The key that checks badges, as a JSON Web Key for WebCrypto."""
    point = _key(secret).public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _text(point.x.to_bytes(SIDE)), "y": _text(point.y.to_bytes(SIDE))}


def badge(secret: bytes, event_id: str, number: int) -> Badge:
    """The signed badge of a registration; the same each time."""
    plain = Badge(event_id, number, "")
    r, s = decode_dss_signature(_key(secret).sign(plain.signed, ECDSA(SHA256(), deterministic_signing=True)))
    return Badge(event_id, number, _text(r.to_bytes(SIDE) + s.to_bytes(SIDE)))


def genuine(secret: bytes, shown: Badge) -> bool:
    """Whether we signed it."""
    raw = urlsafe_b64decode(shown.signature + "==")
    signature = encode_dss_signature(int.from_bytes(raw[:SIDE]), int.from_bytes(raw[SIDE:]))
    try:
        _key(secret).public_key().verify(signature, shown.signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def spoken(code: str) -> str:
    """Six digits as they are read aloud, kept on one line: "483 920"."""
    return f"{code[:3]}\N{NO-BREAK SPACE}{code[3:]}"


def picture(office: Office, place: Place) -> Enclosure:
    """The QR code that goes with a message about a seat."""
    url = address(office, f"ve/{place.number}", ".png")
    return Enclosure(
        "Mã QR vào cửa", "ma-qr.png", "image/png", url, qr=str(badge(office.secret, place.event.id, place.number))
    )


def drawn(text: str) -> bytes:
    """A QR code as a PNG picture, large enough for any camera."""
    made = BytesIO()
    segno.make(text, error="m", micro=False).save(made, kind="png", scale=8, border=4)
    return made.getvalue()


def address(office: Office, said: str, end: str = "") -> str:
    """Where something is shown to whoever has the address; empty when we do not know our own."""
    return f"{office.address}/tep/{said}/{signed.mark(office.secret, said)}{end}" if office.address else ""
