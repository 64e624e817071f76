"""The shipped answers can be read aloud, and no figure stands in them that nobody has confirmed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.library import ShippedAnswer, load

LIBRARY = load()
PROGRAMMES = {item.id: item.model_dump() for item in LIBRARY.programmes}
TWICE = re.compile(r"(\b[^()\n.]{6,60}) \(\1\)|\b(\w+(?: \w+)?) \2\b(?! \2)", re.IGNORECASE)
FITTING_TWICE = ("song song", "mình mình")  # words that are said twice rightly
CONFIRM = re.compile(r"năm 20\d\d.*cần .{2,40} xác nhận mức hiện hành", re.DOTALL)
BY_ID = [pytest.param(item, id=item.id) for item in LIBRARY.answers]


def spoken(row: dict[str, Any]) -> Iterator[str]:
    """The figures of a support as an answer would say them."""
    cap, share = row.get("cap_vnd"), row.get("max_percent")
    if cap:
        yield f"{cap / 1e9:g} tỷ".replace(".", ",") if cap >= 1e9 else f"{cap / 1e6:g} triệu".replace(".", ",")
    if share:
        yield f"{share:g}%".replace(".", ",")


def loose_figures(text: str, programmes: list[dict[str, Any]]) -> list[str]:
    """Unconfirmed figures of these programmes that a text says without their year and that they must be confirmed."""
    rows = [row for programme in programmes for row in programme.get("supports") or ()]
    sure = {figure for row in rows if not row.get("unverified") for figure in spoken(row)}
    doubtful = {figure for row in rows if row.get("unverified") for figure in spoken(row)} - sure
    said = [figure for figure in sorted(doubtful) if re.search(rf"(?<![\d,.]){re.escape(figure)}", text)]
    return [] if CONFIRM.search(text) else said


def test_a_loose_figure_would_be_seen() -> None:
    programme = {"supports": [{"cap_vnd": 3e8, "max_percent": 50, "unverified": True}, {"max_percent": 30}]}
    assert loose_figures("tối đa 50%, không quá 300 triệu đồng; hoặc 30%", [programme]) == ["300 triệu", "50%"]
    assert loose_figures("1.300 triệu đồng", [programme]) == []
    confirmed = "tối đa 50% là mức năm 2018, cần Sở Công Thương xác nhận mức hiện hành"
    assert loose_figures(confirmed, [programme]) == []


@pytest.mark.parametrize("item", BY_ID)
def test_answer(item: ShippedAnswer) -> None:
    programmes = [PROGRAMMES[id_] for id_ in item.programmes]
    assert len(item.short.splitlines()) <= 3
    for text in (item.short, item.full):
        assert not loose_figures(text, programmes)
        doubled = [found[0] for found in TWICE.finditer(text) if found[0].lower() not in FITTING_TWICE]
        assert not doubled, doubled
        small = [line for line in text.splitlines() if line.lstrip("-• ")[:1].islower()]
        assert not small, small
        assert not re.search(r"\bDNNVV\b|\bTNDN\b|\bDTTS\b|\bCTMTQG\b(?!\))", text), "short for insiders only"


def test_what_is_unconfirmed_stands_in_the_review_queue() -> None:
    """Storage asks for a review of whatever is not of high confidence, and of each limit that is not confirmed."""
    for item in LIBRARY.programmes:
        if any(row.get("unverified") for row in PROGRAMMES[item.id].get("supports") or ()):
            assert item.confidence != "high" or item.unconfirmed, item.id
