"""What a person sends besides words: its kinds, its states, the limits it must keep."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MB = 1_000_000


class EvidenceKind(StrEnum):
    """What sort of thing was sent."""

    PHOTO = "photo"
    VIDEO = "video"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT = "contact"  # the card of somebody else
    FORWARD = "forward"  # words of somebody else
    STICKER = "sticker"  # never kept
    UNKNOWN = "unknown"  # kept for a human only


class EvidenceState(StrEnum):
    """Where one thing stands; the last two are endings."""

    WAITING = "waiting"  # told by the channel, not fetched yet
    KEPT = "kept"
    REFUSED = "refused"  # with a reason


class Refusal(StrEnum):
    """Why a file was not kept."""

    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"  # not on the list of types we keep
    BROKEN = "broken"  # cut off, or not what it says it is
    EMPTY = "empty"
    GONE = "gone"  # the channel no longer has it
    OUT_OF_REACH = "out_of_reach"  # the channel could not be reached, time and again


KIND_WORDS = {
    EvidenceKind.PHOTO: "ảnh",
    EvidenceKind.VIDEO: "video",
    EvidenceKind.VOICE: "lời nhắn thoại",
    EvidenceKind.AUDIO: "tệp âm thanh",
    EvidenceKind.DOCUMENT: "tệp",
    EvidenceKind.LOCATION: "vị trí",
    EvidenceKind.CONTACT: "danh thiếp",
    EvidenceKind.FORWARD: "tin chuyển tiếp",
}
WITH_FILE = frozenset(
    (EvidenceKind.PHOTO, EvidenceKind.VIDEO, EvidenceKind.VOICE, EvidenceKind.AUDIO, EvidenceKind.DOCUMENT)
)
NOT_KEPT = frozenset((EvidenceKind.STICKER, EvidenceKind.UNKNOWN))


@dataclass(frozen=True)
class Sent:
    """One thing of a burst that is no own word.

    `file_id` fetches it from its channel, `ref` is the channel's lasting name of the same content; `size` in bytes as
    the channel tells it; `caption` holds words under it; `forwarded`: somebody else made it.
    """

    kind: EvidenceKind
    inbox_id: int
    caption: str = ""
    forwarded: bool = False
    file_id: str | None = None
    ref: str | None = None
    name: str = ""
    mime: str = ""
    size: int | None = None
    album: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Limits:
    """The largest files that are kept, in bytes."""

    image: int = 10 * MB
    file: int = 20 * MB

    def allows(self, size: int, image: bool) -> bool:
        """Whether a file of this size may be kept."""
        return size <= (self.image if image else self.file)


def counted(kinds: Iterable[EvidenceKind | str]) -> str:
    """How many of each kind, in words: "4 ảnh, 1 lời nhắn thoại"; empty for nothing."""
    found = Counter(EvidenceKind(kind) for kind in kinds)
    return ", ".join(f"{found[kind]} {words}" for kind, words in KIND_WORDS.items() if found[kind])
