"""Reads single words as people type them: tones misplaced, letters stretched, Telex or VNI keys left over, words glued."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from domain.syllables import FOLDED, SHAPED, parts, spelt, untelex, unvni, with_tone
from domain.text import fold

# Words of the grammars of amounts and times, to which slips are repaired even without a vocabulary.
COMMON = (
    "khoảng tầm chừng dưới trên trước sau không quá tối đa thiểu nhiều nhất ít trăm nghìn ngàn triệu chục mươi rưỡi đồng "
    "tháng năm ngày tuần quý mẻ giờ phút vụ tấn tạ yến lít khối mét vuông sào mẫu kinh phí ngân sách vốn tiền đầu tư doanh "
    "thu cuối giữa hạn chậm muộn công suất năng lượng mỗi một hai bốn năm sáu bảy tám chín mười máy cần muốn mua nhà xưởng "
    "lao động người nghiệp hợp tác xã hộ kinh điện thoại địa chỉ phường huyện tỉnh thôn thành phố thị trấn hỗ trợ chương "
    "trình thiết bị công nghệ hệ thống dây chuyền sản xuất bán giá"
).split()
NOT_SPELLING = frozenset("kg km cm mm ml m2 m3 kw kwh kwp mw ha co2 h2o qr cnc led pvc tnhh htx vnd usd".split())
LEFT_ALONE = frozenset(  # Roman numbers, words from abroad
    "ii iii iv vi vii viii ix xi xii video camera motor data erp max sale off demo admin ok file link app web online blog email "
    "robot laser sensor server cloud internet marketing logistics container inox composite nano startup voucher chatbot".split()
)
CACHED = 20000
TONE_KEYS = frozenset("sfrxj")
STRETCH = re.compile(r"(.)\1{2,}")


class Piece(NamedTuple):
    """One word read from a typed one: as marked as it is known, folded, with its place in the typed word."""

    said: str
    text: str
    start: int
    end: int


class Speller:
    """Mends single words towards a vocabulary; a word that exists is never changed.

    `short` maps chat spellings to one or more full words ("ko" to "không").
    """

    def __init__(self, vocabulary: Iterable[str] = (), short: Mapping[str, str] | None = None) -> None:
        known = {word for phrase in (*COMMON, *vocabulary) for word in phrase.lower().split()}
        self._known: dict[str, set[str]] = {}
        for word in known:
            if word.isalpha():
                self._known.setdefault(fold(word), set()).add(spelt(word) or word)
        self._short = {str(key).lower(): str(full).split() for key, full in (short or {}).items()}
        self._near = _deletions(self._known)
        self._longest = max(map(len, self._known))
        self._made: dict[str, tuple[Piece, ...]] = {}

    def knows(self, folded: str) -> bool:
        """Whether the vocabulary has a word with these folded letters."""
        return folded in self._known

    def read(self, word: str) -> tuple[Piece, ...]:
        """The word or words meant by one run of letters in lower case (NFC)."""
        made = self._made.get(word)
        if made is None:
            if len(self._made) > CACHED:
                self._made.clear()
            made = self._made[word] = self._read(word)
        return made

    def _read(self, word: str) -> tuple[Piece, ...]:
        end = len(word)
        if full := self._short.get(word):
            return tuple(Piece(part, fold(part), 0, end) for part in full)
        folded = fold(word)
        if word == folded:
            if word in FOLDED or word in LEFT_ALONE or word in self._known or end < 3 or end > 40:
                return (Piece(word, word, 0, end),)
            return self._mended(word) or (Piece(word, word, 0, end),)
        right = spelt(word)
        if right is not None:
            return (Piece(right, folded, 0, end),)
        if word[-1] in TONE_KEYS and (shape := parts(word[:-1]))[0] in SHAPED and not shape[1]:  # "đôngj"
            right = with_tone(shape[0], word[-1])
            return (Piece(right, fold(right), 0, end),)
        shorter = _unstretched(word)
        if shorter != word and (right := spelt(shorter)) is not None:
            return (Piece(right, fold(right), 0, end),)
        if folded in FOLDED:  # marks that cannot stand so: as if typed without
            return (Piece(folded, folded, 0, end),)
        return self._split(word, folded) or self._by_slip(word) or (Piece(word, folded, 0, end),)

    def _mended(self, word: str) -> tuple[Piece, ...] | None:
        """Letters that make no syllable: stretched, typed in Telex, glued or with one slip."""
        end = len(word)
        if full := self._short.get(STRETCH.sub(r"\1", word)):
            return tuple(Piece(part, fold(part), 0, end) for part in full)
        for tried in dict.fromkeys((word, _unstretched(word))):
            if tried != word and (tried in self._known or (tried in FOLDED and STRETCH.search(word))):
                return (Piece(tried, tried, 0, end),)
            made = untelex(tried)
            if made is not None and fold(made) in self._known:
                text = fold(made)
                return (Piece(made if made in self._known[text] else text, text, 0, end),)
        return self._split(word, word) or self._by_slip(word)

    def _split(self, word: str, folded: str) -> tuple[Piece, ...] | None:
        """Glued words that are all known, as few as can be; None when there is no such reading."""
        size = len(word)
        best: list[tuple[int, int] | None] = [(0, 0)] + [None] * size  # (words so far, where the last begins)
        for end in range(2, size + 1):
            for start in range(max(0, end - self._longest), end - 1):
                held = best[start]
                if held is None or folded[start:end] not in self._known or not self._as_marked(word[start:end]):
                    continue
                here = best[end]
                if here is None or held[0] + 1 < here[0]:
                    best[end] = (held[0] + 1, start)
        if best[size] is None or size < 3 * (best[size] or (0, 0))[0]:  # "ca me ra" is a camera
            return None
        cuts, at = [size], size
        while at:
            step = best[at]
            assert step is not None
            at = step[1]
            cuts.append(at)
        cuts.reverse()
        return tuple(Piece(word[a:b], folded[a:b], a, b) for a, b in pairwise(cuts))

    def _as_marked(self, part: str) -> bool:
        text = fold(part)
        return part == text or spelt(part) in self._known[text]

    def _by_slip(self, word: str) -> tuple[Piece, ...] | None:
        """The one known word that is a single slip away: neighbours swapped before a letter left out before any other."""
        found = {
            known for key in (word, *_without_one(word)) for known in self._near.get(key, ()) if one_slip(word, known)
        }
        swapped = {known for known in found if sorted(known) == sorted(word)}
        left_out = (
            {known for known in found if len(known) > len(word)}
            if len(word) >= (3 if word != fold(word) else 4)
            else set()
        )
        for likely in (swapped, left_out, found if len(word) >= 5 else set()):
            if likely:
                if len(likely) > 1:
                    return None
                said = likely.pop()
                return (Piece(said, fold(said), 0, len(word)),)
        return self._by_slip(fold(word)) if word != fold(word) else None


def _deletions(known: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Known words, as marked and folded, by themselves and by what is left of them without one letter."""
    near: dict[str, set[str]] = {}
    for folded, forms in known.items():
        for word in {folded, *forms}:
            if len(word) >= 3:
                for key in (word, *_without_one(word)):
                    near.setdefault(key, set()).add(word)
    return near


def _without_one(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def one_slip(left: str, right: str) -> bool:
    """Whether two words differ by one letter added, dropped or changed, or by two neighbours swapped."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    at = 0
    while at < min(len(left), len(right)) and left[at] == right[at]:
        at += 1
    if len(left) > len(right):
        return left[at + 1 :] == right[at:]
    if len(left) < len(right):
        return left[at:] == right[at + 1 :]
    swapped = left[at : at + 2] == right[at : at + 2][::-1] and left[at + 2 :] == right[at + 2 :]
    return left[at + 1 :] == right[at + 1 :] or swapped


ENDINGS = (("m", "n"), ("n", "ng"), ("n", "nh"), ("c", "t"), ("ng", "nh"), ("p", "t"), ("c", "ch"), ("i", "y"))


@lru_cache(maxsize=65536)
def like(typed: str, word: str) -> bool:
    """Whether a folded word is meant by another: a slip that makes no syllable, or an ending that many confuse."""
    if typed not in FOLDED:
        return one_slip(typed, word)
    return any(
        typed.endswith(left) and word.endswith(right) and typed[: -len(left)] == word[: -len(right)]
        for pair in ENDINGS
        for left, right in (pair, pair[::-1])
    )


def _unstretched(word: str) -> str:
    """Runs of one letter (whatever its marks) as a single one, the marked one if any is."""
    kept = []
    for base, run in groupby(word, key=fold):
        letters = list(run)
        kept.append(next((letter for letter in letters if letter != base), letters[0]))
    return "".join(kept)


def vni_words(text: str, speller: Speller) -> dict[tuple[int, int], Piece]:
    """Words with VNI keys left over, by their places; one that only ends in a key counts beside a surer one."""
    found: dict[tuple[int, int], Piece] = {}
    sure = False
    for match in VNI_WORD.finditer(text):
        word = match.group().lower()
        keys = sum(char.isdigit() for char in word)
        made = None if word in NOT_SPELLING or keys > 3 or len(word) - keys < 2 else unvni(word)
        if made is None or not speller.knows(fold(made)):
            continue
        sure = sure or word[-1].isalpha() or keys > 1
        text_ = fold(made)
        found[match.span()] = Piece(text_, text_, 0, len(word))
    return found if sure or len(found) > 2 else {}


VNI_WORD = re.compile(r"(?<![^\W_])[A-Za-z]+(?:[1-9][A-Za-z]*)+(?![^\W_])")
