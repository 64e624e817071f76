"""A technology need with its nine fields, from draft to outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class NeedState(StrEnum):
    """Where a need stands on its road."""

    DRAFT = "draft"  # being stated in chat
    WAITING_FOR_OWNER = "waiting_for_owner"  # an officer filled it in, the owner has not confirmed
    SUBMITTED = "submitted"  # the owner confirmed; matching starts
    OPEN = "open"  # an officer verified it; suppliers may see it without contact
    INTRODUCED = "introduced"  # both sides agreed and have each other's contact
    IN_TRANSFER = "in_transfer"  # a technology is being transferred
    CLOSED = "closed"  # ended, see the outcome


class Outcome(StrEnum):
    """How a closed need ended."""

    CONTRACT = "contract"
    DONE_WITHOUT_CONTRACT = "done_without_contract"
    NO_SUPPLIER = "no_supplier"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NOT_FOR_US = "not_for_us"


STANDING = (NeedState.SUBMITTED, NeedState.OPEN)  # states in which a need listens for new offers

STATE_NAMES = {  # in one or two words, for lists
    NeedState.DRAFT: "Đang ghi dở",
    NeedState.WAITING_FOR_OWNER: "Chờ chủ xác nhận",
    NeedState.SUBMITTED: "Mới gửi",
    NeedState.OPEN: "Đã duyệt",
    NeedState.INTRODUCED: "Đã giới thiệu",
    NeedState.IN_TRANSFER: "Đang chuyển giao",
    NeedState.CLOSED: "Đã đóng",
}
STATE_WORDS = {
    NeedState.DRAFT: "đang ghi dở",
    NeedState.WAITING_FOR_OWNER: "chờ anh/chị xác nhận",
    NeedState.SUBMITTED: "đã gửi, cán bộ đang xem",
    NeedState.OPEN: "cán bộ đã duyệt, đang tìm nơi cung cấp",
    NeedState.INTRODUCED: "đã giới thiệu hai bên với nhau",
    NeedState.IN_TRANSFER: "đang chuyển giao công nghệ",
    NeedState.CLOSED: "đã đóng",
}


class Field(StrEnum):
    """The nine fields of the form, in their numbered order."""

    PROBLEM = "problem"
    PRODUCT = "product"
    SCALE = "scale"
    CURRENT = "current"
    WISH = "wish"
    BUDGET = "budget"
    DEADLINE = "deadline"
    PLACE = "place"
    CONTACT = "contact"

    @property
    def number(self) -> int:
        """1 to 9, as people see and name it."""
        return list(Field).index(self) + 1

    @property
    def label(self) -> str:
        """The usual Vietnamese name of the field."""
        return FIELD_LABELS[self]

    @property
    def short(self) -> str:
        """The label without what stands in brackets."""
        return self.label.split(" (")[0]

    @property
    def required(self) -> bool:
        """Whether the form cannot be sent without it."""
        return self in (Field.PROBLEM, Field.PRODUCT, Field.PLACE, Field.CONTACT)


FIELD_LABELS = {
    Field.PROBLEM: "vấn đề (khó khăn)",
    Field.PRODUCT: "sản phẩm",
    Field.SCALE: "quy mô",
    Field.CURRENT: "đang làm thế nào",
    Field.WISH: "mong muốn",
    Field.BUDGET: "kinh phí",
    Field.DEADLINE: "khi nào cần",
    Field.PLACE: "ở đâu (xã/phường)",
    Field.CONTACT: "liên hệ",
}


@dataclass(frozen=True)
class Need:
    """A stated need; `fields` maps a field's name to {"value", "words"}; times are UTC."""

    id: int
    code: str
    person_id: int
    state: NeedState
    text: str
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    submitted_at: datetime | None = None
    due_at: datetime | None = None
    outcome: Outcome | None = None
    kinds: tuple[str, ...] = ()  # see domain.kinds
    channel: str = ""
    revision: int = 1
    event_id: str | None = None  # the event after which it was raised


def called(fields: Mapping[str, Mapping[str, Any]]) -> str:
    """What a need is called where there is room for one thing: its wish, else its product, else what goes wrong."""
    known = (fields.get(name) or {} for name in ("wish", "product", "problem"))
    return next((str(row["words"]) for row in known if row.get("words") and not row.get("unknown")), "")
