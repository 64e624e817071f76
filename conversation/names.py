"""Reads who is to be called from a line of contact: a full name in capitals, else what is left of it."""

import re

from domain.text import fold, nfc

NAME_WORDS = re.compile(r"[^\W\d_]+")
NOT_NAME = re.compile(
    r"(?:nha|sdt|dt|so|dien|thoai|phone|zalo|ten|la|toi|minh|em|chi|anh|co|chu|"
    r"bac|lien|he|nhe|a|dong|y|gui|cho|di|cua|day|da|vang|ok|va|khong|ko|chua|thoi|muon|nhu|tren|vay|the|cung|nay|kia|roi|do|"
    r"ay|chau|con|cu|may)"
)  # folded
LEADS = frozenset("anh chi co chu bac ong ba em toi ten la so lien gap".split())


def full_name(text: str) -> str | None:
    """The first three to five words in capitals that stand in a row: "Dương Thời Phụng, không dùng Zalo"."""
    run: list[str] = []
    for found in re.finditer(r"[^\W\d_]+|[^\w\s]", nfc(text) + "."):
        word = found.group()
        if word.istitle() and (run or fold(word) not in LEADS):
            run.append(word)
        elif len(run) >= 3:
            break
        else:
            run = []
    return " ".join(run) if 3 <= len(run) <= 5 else None


def guess_name(text: str) -> str | None:
    """What is left of a contact line when numbers and small words are gone; 1 to 6 words, else None."""
    if full := full_name(text):
        return full
    lead = re.split(r"\d[\d .]{7,}", text)[0]  # a name stands before its number, unless nothing does
    words = NAME_WORDS.findall(re.sub(r"\S*\d\S*", " ", lead if NAME_WORDS.search(lead) else text))
    named = [at > 0 and word[:1].isupper() and words[at - 1][:1].isupper() for at, word in enumerate(words)]
    left = [word for word, inside in zip(words, named, strict=True) if inside or not NOT_NAME.fullmatch(fold(word))]
    if "Minh" in words and "Minh" not in left:  # a name that is also a pronoun
        left = words[words.index("Minh") :]
    if not 1 <= len(left) <= 6:
        return None
    return " ".join(word[:1].upper() + word[1:] for word in left)


def person_of(said: str, company: str | None) -> str | None:
    """Who is named beside a firm, else the firm."""
    full = full_name(said) if company else None
    return full if full and fold(full) not in fold(str(company)) and fold(str(company)) not in fold(full) else company
