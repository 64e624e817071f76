"""Folded word search over offers by BM25."""

from collections import Counter
from itertools import pairwise
from math import log

from domain.offer import Offer
from domain.text import TOKEN, fold

K1, B = 1.2, 0.6
UNSEEN = 1.0  # a word that no offer holds still counts against all of them
ENOUGH = 90.0  # a sum of weights that speaks for itself, however long the query is
STOP = frozenset(
    [
        "la",
        "co",
        "cho",
        "cua",
        "va",
        "voi",
        "cac",
        "mot",
        "nhung",
        "duoc",
        "khong",
        "can",
        "muon",
        "em",
        "anh",
        "chi",
        "nha",
        "toi",
        "minh",
        "bi",
        "hay",
        "thi",
        "ma",
        "o",
        "tai",
        "trong",
        "ra",
        "vao",
        "nay",
        "do",
        "roi",
        "de",
        "tu",
        "den",
        "tam",
        "khoang",
        "duoi",
        "tren",
        "hon",
        "may",
        "thiet",
        "cong",
        "nghe",
        "he",
        "thong",
        "a",
        "nhe",
        "oi",
        "ve",
        "gi",
        "nao",
        "ko",
        "dc",
        "tr",
        "trieu",
        "ty",
    ]
)


def grams(text: str) -> Counter[str]:
    """Words with neighbouring pairs, folded, without the commonest."""
    row = [word for word in TOKEN.findall(fold(text)) if not word.isdigit()]
    found = Counter(word for word in row if word not in STOP)
    found.update(f"{left} {right}" for left, right in pairwise(row) if not {left, right} <= STOP)
    return found


class Index:
    """Offers by what is written in them; one can be put or dropped at any time."""

    def __init__(self) -> None:
        self._documents: dict[str, Counter[str]] = {}
        self._frequency: Counter[str] = Counter()
        self._length = 0

    def put(self, offer: Offer) -> None:
        """Adds or replaces an offer."""
        self.drop(offer.id)
        head = f"{offer.title} . {' . '.join(offer.products)} . {' . '.join(offer.processes)}"
        words = grams(f"{head} . {head} . {offer.summary}")
        self._documents[offer.id] = words
        self._frequency.update(words.keys())
        self._length += words.total()

    def drop(self, offer_id: str) -> None:
        """Takes an offer out, if it is in."""
        words = self._documents.pop(offer_id, None)
        if words is not None:
            self._frequency.subtract(words.keys())
            self._length -= words.total()

    def score(self, query: Counter[str], offer_id: str) -> float:
        """BM25 of one offer, divided by the score of an offer holding every gram once: about 0 to 1."""
        words, count = self._documents[offer_id], len(self._documents)
        mean = self._length / count
        total = ceiling = 0.0
        for gram in query:
            seen = self._frequency.get(gram, 0)
            if seen <= 0:
                ceiling += UNSEEN * log(1 + count) if " " not in gram else 0.0
                continue
            weight = log(1 + (count - seen + 0.5) / (seen + 0.5))
            ceiling += weight
            if tf := words.get(gram, 0):
                total += weight * tf * (K1 + 1) / (tf + K1 * (1 - B + B * words.total() / mean))
        return min(1.0, 0.5 * total / ceiling + total / ENOUGH) if ceiling else 0.0
