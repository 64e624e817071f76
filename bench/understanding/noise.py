"""Slips and short forms for the exam alone: nothing here is used in training."""

import random
import unicodedata

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORT = {
    "không": ("ko", "k", "hok", "hem"), "được": ("dc", "đc"), "gì": ("j",), "vậy": ("z", "zậy"), "với": ("vs",),
    "bao nhiêu": ("bn", "bnhiu"), "như thế nào": ("ntn",), "doanh nghiệp": ("dn",), "hợp tác xã": ("htx",),
    "công ty": ("cty",), "em": ("e",), "anh": ("a",), "chị": ("c",), "mình": ("mk", "mik"), "muốn": ("mún",),
    "biết": ("bít", "bik"), "rồi": ("r", "rùi"), "người": ("ng",), "trước": ("trc",), "cũng": ("cg",),
    "hồ sơ": ("hs",), "sản xuất": ("sx",), "sản phẩm": ("sp",), "đăng ký": ("đk",), "làm": ("lm",), "này": ("nì",),
    "thôi": ("thui",), "nhiều": ("nhìu",), "quá": ("wá",), "giờ": ("h",), "nghị định": ("nđ",), "quyết định": ("qđ",),
}  # fmt: skip
TONE_KEYS = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}


def stripped(text: str) -> str:
    """Without diacritics."""
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in parts if unicodedata.category(char) != "Mn")


def _near(char: str, chance: random.Random) -> str:
    for row, keys in enumerate(KEYS):
        at = keys.find(char)
        if at >= 0:
            around = [keys[i] for i in (at - 1, at + 1) if 0 <= i < len(keys)]
            if row:
                around.append(KEYS[row - 1][min(at, len(KEYS[row - 1]) - 1)])
            return chance.choice(around)
    return char


def _unfinished(word: str) -> str:
    """The word as a keyboard method leaves it: letters doubled, the tone's key at the end."""
    letters, tone = "", ""
    for char in word:
        if char in "đĐ":
            letters += "dd"
            continue
        base, *marks = unicodedata.normalize("NFD", char)
        tone = next((TONE_KEYS[mark] for mark in marks if mark in TONE_KEYS), tone)
        letters += base + ("w" if {"\u031b", "\u0306"} & set(marks) else base if "\u0302" in marks else "")
    return letters + tone


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    kind = chance.choice(("swap", "drop", "near", "double", "tone", "keys"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "near":
        return word[:at] + _near(stripped(word[at]).lower(), chance) + word[at + 1 :]
    if kind == "double":
        return word[: at + 1] + word[at:]
    return stripped(word) if kind == "tone" else _unfinished(word)


def typo(text: str, seed: int) -> str:
    """One word in six with a slip, at least one where a word is long enough."""
    chance = random.Random(f"{seed}:{text}")
    words = text.split()
    able = [at for at, word in enumerate(words) if len(word) > 2 and word.isalpha()]
    for at in sorted(chance.sample(able, min(len(able), max(1, round(len(words) / 6))))):
        words[at] = _slip(words[at], chance)
    return " ".join(words)


def teencode(text: str, seed: int) -> str:
    """Short forms for six in ten of the words that have one."""
    chance = random.Random(f"{seed}:{text}")
    padded = f" {text.lower()} "
    for full in sorted(SHORT, key=len, reverse=True):
        if f" {full} " in padded and chance.random() < 0.6:
            padded = padded.replace(f" {full} ", f" {chance.choice(SHORT[full])} ")
    return padded.strip()


def everything(text: str, seed: int) -> str:
    """Short forms, a slip, no diacritics."""
    return stripped(typo(teencode(text, seed), seed + 1))


STYLES = {
    "clean": lambda text, seed: text,
    "stripped": lambda text, seed: stripped(text),
    "typo": typo,
    "teencode": teencode,
    "all": everything,
}
