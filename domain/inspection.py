"""Looks at a file before it is kept: what it really is, whether it is whole, what it must not carry."""

from domain.evidence import EvidenceKind, Limits, Refusal
from domain.files import IMAGES, sniff, whole
from domain.tags import Broken, strip_tags

EXPECTED = {
    EvidenceKind.PHOTO: ("image/",),
    EvidenceKind.VOICE: ("audio/", "video/"),
    EvidenceKind.VIDEO: ("video/", "image/gif"),
}  # what the media type of each kind begins with; the others may be anything we keep


class Refused(Exception):
    """A file that is not kept, with the reason."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def cleaned(content: bytes, kind: EvidenceKind, limits: Limits) -> tuple[bytes, str]:
    """The content as it is kept, without hidden tags, and its media type. Raises Refused."""
    if not content:
        raise Refused(Refusal.EMPTY)
    mime = sniff(content)
    if mime is None or not mime.startswith(EXPECTED.get(kind, ("",))):
        raise Refused(Refusal.WRONG_TYPE)
    if not limits.allows(len(content), mime in IMAGES):
        raise Refused(Refusal.TOO_LARGE)
    if not whole(content, mime):
        raise Refused(Refusal.BROKEN)
    try:
        return strip_tags(content, mime), mime
    except Broken as error:
        raise Refused(Refusal.BROKEN) from error
