"""A need with an offer that may serve it, from the first hint to its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MatchState(StrEnum):
    """Where a need and an offer stand with each other; the last three are endings."""

    SUGGESTED = "suggested"  # found, not told yet
    SHOWN = "shown"  # the owner has seen it
    WANTED = "wanted"  # the owner wants it
    OFFERED_TO_SUPPLIER = "offered_to_supplier"  # the supplier has seen the need, without contact
    AGREED = "agreed"  # both said yes
    INTRODUCED = "introduced"  # each has the other's contact
    TALKING = "talking"
    TRIAL = "trial"
    CONTRACT = "contract"
    DECLINED = "declined"  # with one of the reasons below
    NO_HELP = "no_help"
    UNREACHABLE = "unreachable"


class Reason(StrEnum):
    """Why an offer is declined; a closed list, so that reasons can be counted and learnt from."""

    SIZE = "size"
    PRICE = "price"
    FAR = "far"
    UNREADY = "unready"
    OTHER_PRODUCT = "other_product"
    OTHER_PROCESS = "other_process"
    BOUGHT = "bought"
    NO_NEED = "no_need"


REASON_WORDS = {
    Reason.SIZE: "công suất",
    Reason.PRICE: "giá",
    Reason.FAR: "xa hoặc bảo hành",
    Reason.UNREADY: "chưa sẵn sàng",
    Reason.OTHER_PRODUCT: "khác sản phẩm",
    Reason.OTHER_PROCESS: "khác quy trình",
    Reason.BOUGHT: "đã mua nơi khác",
    Reason.NO_NEED: "hết nhu cầu",
}


class Wish(StrEnum):
    """What somebody wants of the news about one of their needs."""

    ALL = "all"
    LESS = "less"  # only in the weekly digest
    STRICTER = "stricter"  # only what fits in every stated respect
    STOP = "stop"  # nothing more about this need


@dataclass(frozen=True)
class Opinion:
    """What somebody said against an offer; price in million VND, capacity as the offer states it."""

    offer_id: str
    title: str
    reason: Reason
    products: tuple[str, ...]
    processes: tuple[str, ...]
    price_min: float | None
    at: datetime


@dataclass(frozen=True)
class Introduction:
    """Both sides' consent to each other's contact, with the wording each agreed to; times are UTC."""

    id: int
    code: str
    need_id: int
    offer_id: str
    owner_id: int
    supplier_id: int | None
    owner_agreed_at: datetime | None
    asked_at: datetime | None  # when the supplier was shown the need
    supplier_agreed_at: datetime | None
    released_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether contacts stand released."""
        return self.released_at is not None and self.withdrawn_at is None
