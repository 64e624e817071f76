"""A technology on offer, as kept in the shared database."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class OfferState(StrEnum):
    """Whether an offer may be shown and pushed."""

    SUBMITTED = "submitted"  # written by anybody, not looked at yet
    VERIFIED = "verified"  # an officer or a trusted writer stands behind it
    PAUSED = "paused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


TRANSFER_MODES = {
    "BAN": "bán máy, thiết bị",
    "BQ": "chuyển giao bí quyết, quy trình",
    "LIX": "li-xăng (cho phép dùng công nghệ có bảo hộ)",
    "HT": "hợp tác nghiên cứu, sản xuất thử",
    "DV": "dịch vụ, cho thuê",
    "GV": "góp vốn bằng công nghệ",
}

READINESS = ((8, "đã bán, đã lắp"), (6, "đang chạy thử thực tế"), (4, "có mẫu thử"), (1, "còn nghiên cứu"))


def readiness_words(trl: int | None) -> str | None:
    """The plain step a technology readiness level (1 to 9) stands for."""
    if trl is None:
        return None
    return next((words for least, words in READINESS if trl >= least), None)


@dataclass(frozen=True)
class Offer:
    """One offer; money is in million VND, capacity is {"min","max","unit"} with the unit written like "kg/mẻ"."""

    id: str
    title: str
    summary: str = ""
    sector: str | None = None
    products: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    trl: int | None = None
    transfer_modes: tuple[str, ...] = ()
    price_million_vnd: dict[str, Any] = field(default_factory=dict)
    capacity: dict[str, Any] = field(default_factory=dict)
    owner: str = ""
    owner_type: str | None = None
    owner_province_code: str | None = None
    serves: str = "all"
    state: OfferState = OfferState.VERIFIED
    sample: bool = False
