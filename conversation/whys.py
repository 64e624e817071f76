"""Why the form asks what it asks, in a sentence each."""

import re

from conversation.unknowns import named_field
from domain.need import Field
from domain.text import fold

ASKS = re.compile(
    r"\b(?:vi sao|tai sao|sao|co gi ma|lam gi ma)\s+(?:\w+\s+){0,3}?(?:hoi|khai|can|phai|doi|bat|muon biet|ke)\b|"
    r"\b(?:hoi|khai|biet|can|ke)\b(?:\s+\w+){0,5}?\s(?:de\s+)?lam (?:gi|chi|j)\b|"
    r"\bhoi (?:may |nhieu |lam |ky )*(?:cai |chuyen |viec )?(?:nay|do|the|vay)(?: (?:lam|de))* (?:chi|gi|j)\b"
)
MOST = 16  # words
WHY = {
    Field.PRODUCT: "Mỗi sản phẩm hợp một loại máy, em hỏi để khỏi giới thiệu nhầm.",
    Field.PROBLEM: "Biết vướng ở đâu thì cán bộ mới tìm đúng máy, đúng cách làm.",
    Field.WISH: "Biết anh/chị mong gì thì em mới tìm đúng loại.",
    Field.CURRENT: "Biết nay đang làm thế nào thì cán bộ mới chỉ được khâu nào nên đổi trước.",
    Field.SCALE: "Quy mô cho biết cần máy to hay nhỏ; gần đúng là được.",
    Field.BUDGET: "Em hỏi để chọn loại vừa túi tiền, chương trình hợp mức vốn; không ai thu tiền, chưa biết thì nhắn “chưa biết”.",
    Field.DEADLINE: "Em hỏi để kịp vụ của mình; không gấp cũng được ạ.",
    Field.PLACE: "Có hỗ trợ chia theo xã, và nơi bán cần biết chỗ lắp máy.",
    Field.CONTACT: "Để cán bộ gọi lại cho anh/chị; nơi bán chỉ nhận số khi anh/chị đồng ý riêng.",
}


def _named(text: str) -> Field | None:
    folded = fold(text)
    called = [field for field, words in CALLED.items() if re.search(rf"\b(?:{words})\b", folded)]
    return called[0] if len(called) == 1 else named_field(text)


CALLED = {
    Field.SCALE: "quy mo|san luong|cong suat",
    Field.BUDGET: "kinh phi|von|tien",
    Field.PLACE: "xa|phuong|dia chi",
}


def why(text: str, waiting: Field | None) -> str | None:
    """The reason for the question that is named, else for the open one; None when none is asked for."""
    if len(text.split()) > MOST or ASKS.search(fold(text)) is None:
        return None
    field = _named(text) or waiting
    return WHY[field] if field is not None else None
