"""Whether sizes, prices and provinces of a need and an offer go together, with the reason in words."""

from typing import Any

from domain.amounts import Money, Quantity, in_base, money_words, quantity_words
from domain.numbers import number_words
from domain.offer import Offer

NORTH = frozenset(("4", "8", "11", "12", "14", "15", "19", "20", "24", "25"))  # provinces that "north" stands for
PROVINCE_WORDS = "phục vụ tỉnh mình"
FAR = 2.0  # beyond this factor an offer is not shown


def _span(row: dict[str, Any]) -> tuple[float | None, float | None]:
    value = row.get("value")
    return (value, value) if value is not None else (row.get("min"), row.get("max"))


def _outside(low: float | None, high: float | None, least: float | None, most: float | None) -> float:
    """By which factor a wanted span [low, high] lies outside an offered one; 1.0 is inside."""
    if most is not None and low is not None and low > most > 0:
        return low / most
    if least is not None and high is not None and 0 < high < least:
        return least / high
    return 1.0


def capacity_fit(
    wanted: dict[str, Any], offer: Offer, because: list[str], doubts: list[str]
) -> tuple[float | None, bool]:
    """(fit 0 to 1 or None when it cannot be said, whether it is far outside)."""
    low, high = _span(wanted)
    least, most = _span(offer.capacity)
    if (low is None and high is None) or (least is None and most is None):
        return None, False
    unit, _, per = str(offer.capacity.get("unit") or "").partition("/")
    factor, base = in_base(1.0, unit)
    wanted_factor, wanted_base = in_base(1.0, str(wanted.get("unit") or ""))
    if base != wanted_base:
        return None, False
    said = quantity_words(Quantity(low, high, str(wanted.get("unit") or ""), wanted.get("per")))
    offered = quantity_words(Quantity(least, most, unit, per or None))
    if (wanted.get("per") or "") != per:
        doubts.append(f"quy mô của anh/chị {said}, bên cung cấp nêu {offered}: cần hỏi thêm")
        return None, False
    beyond = _outside(
        None if low is None else low * wanted_factor, None if high is None else high * wanted_factor,
        None if least is None else least * factor, None if most is None else most * factor,
    )  # fmt: skip
    if beyond == 1.0:
        because.append(f"công suất {offered}, anh/chị cần {said}")
        return 1.0, False
    doubts.append(f"công suất {offered}, lệch với mức {said} của anh/chị")
    return max(0.0, 1.5 - beyond), beyond > FAR


def price_fit(budget: dict[str, Any], offer: Offer, because: list[str], doubts: list[str]) -> tuple[float | None, bool]:
    """(fit 0 to 1 or None, whether it costs far more than there is)."""
    least, most = offer.price_million_vnd.get("min"), offer.price_million_vnd.get("max")
    ready = budget.get("max") if budget.get("max") is not None else budget.get("min")
    if least is None and most is None:
        if ready is not None:
            doubts.append("chưa rõ giá")
        return None, False
    if ready is None:
        return None, False
    cheapest = float(least if least is not None else most or 0) * 1e6
    priced = money_words(Money(None if least is None else least * 1e6, None if most is None else most * 1e6))
    if cheapest <= ready or budget.get("max") is None:
        because.append(f"giá {priced}, anh/chị dự kiến {money_words(Money(budget.get('min'), budget.get('max')))}")
        return 1.0, False
    doubts.append(f"giá {priced}, cao hơn mức dự kiến {number_words(ready / 1e6)} triệu đồng")
    beyond = cheapest / ready if ready > 0 else FAR + 1
    return max(0.0, 1.5 - beyond), beyond > FAR


def province_fit(code: str | None, offer: Offer) -> bool | None:
    """Whether the offer reaches the province; None when the province is not known."""
    if code is None:
        return None
    serves = str(offer.serves)
    if serves == "all":
        return True
    codes = NORTH if serves == "north" else {part.strip(" []'\"").lstrip("0") for part in serves.split(",")}
    return code.lstrip("0") in codes
