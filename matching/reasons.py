"""Why an offer fits a need, with what is doubtful, in Vietnamese words that are true of both records."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any

from domain.amounts import Money, Quantity, money_words, quantity_words
from domain.offer import TRANSFER_MODES, Offer, readiness_words
from matching.concepts import Concepts, Relation
from matching.limits import State, limits, price_state, size_state
from matching.measure import EVERYWHERE, MODES, OPEN_HIGH, OPEN_LOW
from matching.sides import Named
from matching.sought import Asked, Offered
from matching.wanted import Wanted
from matching.words import words_of

PHASES = {"mot": 1, "1": 1, "ba": 3, "3": 3}


def said_size(row: dict[str, Any]) -> str:
    """A size as stated, in words; empty when nothing is stated."""
    unit, _, per = str(row.get("unit") or "").partition("/")
    value = row.get("value")
    low, high = (value, value) if value is not None else (row.get("min"), row.get("max"))
    if not unit or (low is None and high is None):
        return ""
    return quantity_words(Quantity(low, high, unit, row.get("per") or per or None))


def said_price(offer: Offer) -> str:
    """A price as stated, in words; empty when nothing is stated."""
    low, high = offer.price_million_vnd.get("min"), offer.price_million_vnd.get("max")
    if low is None and high is None:
        return ""
    return money_words(Money(None if low is None else low * 1e6, None if high is None else high * 1e6))


@lru_cache(maxsize=64)  # the same need is held against several offers
def phases(text: str) -> frozenset[int]:
    """The kinds of electric supply that a text names: one phase, three phases."""
    row = words_of(text).folded
    return frozenset(PHASES[left] for left, right in pairwise(row) if right == "pha" and left in PHASES)


class Reasons:
    """Puts one pair into words."""

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts

    def of(
        self,
        wanted: Wanted,
        asked: Asked,
        need: dict[str, Any],
        offer: Offer,
        item: Offered | Named,
        given: dict[str, Any],
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(because, doubts); `need` and `given` are the numbers of both sides."""
        because: list[str] = []
        doubts: list[str] = []
        limited = limits(need, given)
        self._step(asked, item, because, doubts)
        self._product(asked, item, because, doubts)
        self._size(wanted, need, offer, given, because, doubts)
        self._price(wanted, asked, need, offer, given, because, doubts)
        if limited["unserved"]:
            doubts.append("nơi cung cấp chưa nhận phục vụ tỉnh của anh/chị")
        elif asked.province and item.serves != EVERYWHERE:
            because.append("phục vụ tỉnh của anh/chị")
        self._ready(asked, offer, limited, because, doubts)
        self._modes(asked, offer, limited, because, doubts)
        self._power(wanted, offer, because, doubts)
        self._excluded(asked, item, doubts)
        return tuple(because), tuple(doubts)

    def _closest(self, kind: str, wanted: Iterable[str], offered: Iterable[str]) -> tuple[Relation, str, str]:
        found = (Relation.UNRELATED, "", "")
        offered = tuple(offered)
        for left in wanted:
            for right in offered:
                relation = self._concepts.relation(kind, left, right)
                if relation > found[0]:
                    found = relation, left, right
        return found

    def _step(self, asked: Asked, item: Offered | Named, because: list[str], doubts: list[str]) -> None:
        if not asked.processes:
            return
        relation, left, right = self._closest("process", asked.processes, (*item.processes, *item.side_processes))
        left, right = (self._concepts.spelt("process", concept) for concept in (left, right))
        if relation in (Relation.SAME, Relation.NARROWER):
            because.append(f"làm được khâu {right}")
        elif relation is Relation.BROADER:
            because.append(f"làm được khâu {right}")
            doubts.append(f"nơi cung cấp nêu {right} nói chung, cần hỏi thêm về {left}")
        elif relation in (Relation.SIBLING, Relation.NEAR):
            doubts.append(f"nơi cung cấp làm {right}, không phải {left}")
        elif item.processes:
            doubts.append(f"nơi cung cấp không nêu khâu {left or asked.processes[0]}")

    def _product(self, asked: Asked, item: Offered | Named, because: list[str], doubts: list[str]) -> None:
        if not asked.products:
            return
        relation, left, right = self._closest("product", asked.products, (*item.products, *item.classes))
        left, right = (self._concepts.spelt("product", concept) for concept in (left, right))
        if relation is Relation.SAME:
            because.append(f"dùng cho {right}")
        elif relation is Relation.BROADER:
            because.append(f"dùng cho {right}")
            doubts.append(f"nơi cung cấp nêu {right} nói chung, cần hỏi thêm về {left}")
        elif relation is Relation.MADE_FROM and not self._concepts.keeps(asked.processes):
            because.append(f"dùng cho {right}, gần với {left}")
        elif item.products:
            doubts.append(f"nơi cung cấp nêu {item.products[0]}, cần hỏi thêm về {left or asked.products[0]}")

    @staticmethod
    def _size(
        wanted: Wanted, need: dict[str, Any], offer: Offer, given: dict[str, Any], because: list[str], doubts: list[str]
    ) -> None:
        said, offered = said_size(wanted.capacity), said_size(offer.capacity)
        if not said:
            return
        if not offered:
            doubts.append("chưa rõ công suất")
            return
        state = int(size_state(need, given)[0])
        if state == State.FITS:
            because.append(f"công suất {offered}, anh/chị cần {said}")
        elif state in (State.STRAINED, State.BROKEN):
            doubts.append(f"công suất {offered}, khác mức {said} anh/chị cần")
        else:
            doubts.append(f"anh/chị nêu {said}, nơi cung cấp nêu {offered}: cần hỏi thêm")

    @staticmethod
    def _price(
        wanted: Wanted, asked: Asked, need: dict[str, Any], offer: Offer, given: dict[str, Any], because: list[str],
        doubts: list[str],
    ) -> None:  # fmt: skip
        if (asked.low, asked.high) == (OPEN_LOW, OPEN_HIGH):
            return
        priced = said_price(offer)
        if not priced:
            doubts.append("chưa rõ giá")
            return
        budget = money_words(
            Money(asked.low if asked.low > OPEN_LOW else None, asked.high if asked.high < OPEN_HIGH else None)
        )
        state = int(price_state(need, given)[0])
        if state == State.FITS:
            because.append(f"giá {priced}, anh/chị dự kiến {budget}")
        elif state in (State.STRAINED, State.BROKEN):
            doubts.append(f"giá {priced}, cao hơn mức dự kiến {budget}")

    @staticmethod
    def _ready(asked: Asked, offer: Offer, limited: dict[str, Any], because: list[str], doubts: list[str]) -> None:
        words = readiness_words(offer.trl)
        if not asked.trl:
            if words is not None and offer.trl is not None and offer.trl < 6:
                doubts.append(f"công nghệ {words}")
            return
        if words is None:
            doubts.append("chưa rõ công nghệ đã bán hay chưa")
        elif limited["unready"]:
            doubts.append(f"công nghệ {words}, anh/chị cần loại đã bán")
        else:
            because.append(f"công nghệ {words}")

    @staticmethod
    def _modes(asked: Asked, offer: Offer, limited: dict[str, Any], because: list[str], doubts: list[str]) -> None:
        if not asked.modes:
            return
        wanted = [mode for at, mode in enumerate(MODES) if asked.modes >> at & 1]
        common = [mode for mode in wanted if mode in offer.transfer_modes]
        if common:
            because.append(f"có hình thức {TRANSFER_MODES[common[0]]}")
        elif limited["other_mode"] or limited["mode_broken"]:
            given = ", ".join(TRANSFER_MODES.get(mode, mode) for mode in offer.transfer_modes)
            doubts.append(f"hình thức nêu là {given}, anh/chị muốn {TRANSFER_MODES[wanted[0]]}")
        else:
            doubts.append(f"chưa rõ có {TRANSFER_MODES[wanted[0]]} hay không")

    @staticmethod
    def _power(wanted: Wanted, offer: Offer, because: list[str], doubts: list[str]) -> None:
        there, needs = phases(wanted.text), phases(f"{offer.title} . {offer.summary}")
        if not there and needs == {3}:
            doubts.append("máy cần điện 3 pha, chưa biết chỗ anh/chị có")
        if len(there) != 1:
            return
        (phase,) = there
        if not needs:
            doubts.append("chưa rõ dùng điện 1 pha hay 3 pha")
        elif phase in needs or 1 in needs:
            because.append(f"chạy điện {min(needs)} pha")
        else:
            doubts.append("cần điện 3 pha")

    def _excluded(self, asked: Asked, item: Offered | Named, doubts: list[str]) -> None:
        for kind, term in asked.excluded:
            offered = item.products if kind == "product" else item.processes
            held = next((t for t in offered if t == term or term in self._concepts.above(kind, t)), None)
            if held is not None:
                doubts.append(f"có {held}, anh/chị nói không cần")
