"""Reads from the words for a line of business which tags the conditions of programmes use."""

import re
from collections.abc import Mapping
from typing import Any

from conversation.cues import Cues

AI = re.compile(r"\bA\.?I\b")  # in capitals only: "ai" is also "who"
MATERIALS = re.compile(r"vật liệu xây dựng|vat lieu xay dung", re.IGNORECASE)
TRADES = Cues("kinh doanh, mua bán, chuyên bán")
NO_TRADE = re.compile(r"(?:hộ|đăng ký|ho|dang ky) kinh doanh", re.IGNORECASE)  # a legal form, a paper
# words of one syllable that mean one thing without marks too
CLEAR = frozenset(
    "rau chuối bưởi quýt robot drone uav 5g blockchain logistics homestay spa iot fintech agritech edtech siro".split()
)
SELLS = frozenset(("trade", "service"))


def _cues(phrases: str) -> Cues:
    """Phrases as cues; without diacritics a single syllable ("na", "cá", "sắn") means too many things."""
    listed = [phrase.strip() for phrase in phrases.split(",") if phrase.strip()]
    short = [phrase for phrase in listed if len(phrase.split()) == 1 and phrase not in CLEAR]
    return Cues(",".join(phrase for phrase in listed if phrase not in short), ",".join(short))


class Sectors:
    """The sector lexicon; safe to share."""

    def __init__(self, lexicon: Mapping[str, Any]) -> None:
        """Takes knowledge/lexicon/sectors.yaml as read."""
        self._tags = {tag: _cues(phrases) for tag, phrases in lexicon["tags"].items()}
        names = ("raw", "forest", "made")
        self._goods = {name: _cues(lexicon[name]) for name in names}
        self._work = {name: _cues(lexicon[name]) for name in ("makes", "keeps", "produces")}

    def read(self, *texts: str) -> frozenset[str]:
        """The tags of a line of business told in these words; empty when they say nothing we know."""
        said = [NO_TRADE.sub(" ", MATERIALS.sub("gạch đá", text)) for text in texts]

        def says(cues: Cues) -> bool:
            return any(cues.search(text) is not None for text in said)

        tags = {tag for tag, cues in self._tags.items() if says(cues)}
        goods = {name for name, cues in self._goods.items() if says(cues)}
        work = {name for name, cues in self._work.items() if says(cues)}
        if any(AI.search(text) for text in said):
            tags |= {"digital", "strategic"}
        return frozenset(_joined(tags, goods, work, says(TRADES)))


def _joined(tags: set[str], goods: set[str], work: set[str], sells: bool) -> set[str]:
    """The tags with what goods and work say together: drying aniseed is processing of farm goods."""
    if sells and not work and "agriculture" not in tags:
        tags = (tags - {"industry", "crafts"}) | {"trade"}
    farmed = bool(goods & {"raw", "made"}) or "agriculture" in tags
    wooden = "forest" in goods or "forestry" in tags
    if farmed and ("makes" in work or ("made" in goods and not tags & SELLS)):
        tags |= {"agri_processing", "processing", "industry"}
    elif farmed and "produces" in work and not tags & SELLS:
        tags |= {"agri_maybe", "agriculture"}
    if "agriculture" in tags and "processing" not in tags:
        tags -= {"industry"}
    if farmed and "keeps" in work:
        tags |= {"agri_preservation", "processing"}
    if wooden and work & {"makes", "produces"}:
        tags |= {"forest_processing", "processing", "industry"}
    if "makes" in work and not farmed and not wooden:
        tags |= {"industry", "processing"} | ({"agri_maybe"} if "food" in tags else set())
    return tags or ({"agri_maybe"} if farmed else set())
