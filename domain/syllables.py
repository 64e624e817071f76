"""Vietnamese syllables: which exist, where their tone stands, what a keyboard method left of them."""

import unicodedata
from functools import lru_cache
from itertools import product as pairs

from domain.text import fold

TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
MARKS = {letter: mark for mark, letter in TONES.items()}
SHAPES = {"aw": "ă", "aa": "â", "ee": "ê", "oo": "ô", "ow": "ơ", "uw": "ư", "dd": "đ"}
VNI = {"1": "s", "2": "f", "3": "r", "4": "x", "5": "j"}
ONSETS = ",b,c,ch,d,đ,g,gh,gi,h,k,kh,l,m,n,ng,ngh,nh,p,ph,qu,r,s,t,th,tr,v,x".split(",")
RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên "
    "ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oa oac oach oai oam oan oang oanh oao oap oat oay "
    "oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong ooc op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng "
    "uât uây uc uê uêch uênh uên ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uynh uyn uyt uyu uyên uyêt ư ưa ưc "
    "ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu"
).split()
FRONT = "eêiy"


def _made() -> frozenset[str]:
    """All syllables with the shapes of their vowels, without tones."""
    found = {"gi", "gin", "giêng", "giêt"}
    for onset, rime in pairs(ONSETS, RIMES):
        front = rime[0] in FRONT
        if (onset in ("c", "g", "ng") and front) or (onset in ("k", "gh", "ngh") and not front):
            continue
        if onset in ("gi", "qu") and rime[0] in "iu" and rime not in ("i", "it", "in", "inh", "ich", "u"):
            continue
        if rime[0] == "y" and len(rime) > 1 and onset not in ("", "qu"):
            continue
        found.add(onset + rime)
    return frozenset(found)


SHAPED = _made()
FOLDED = frozenset(fold(syllable) for syllable in SHAPED)


def parts(word: str) -> tuple[str, str]:
    """A lower-case word as (letters with shapes, tone letter of Telex or "")."""
    tone = ""
    kept = []
    for char in unicodedata.normalize("NFD", word):
        if char in TONES and not tone:
            tone = TONES[char]
        else:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)), tone


def with_tone(shape: str, tone: str) -> str:
    """The syllable with its tone on the vowel of the older rule (hòa, thủy)."""
    if not tone:
        return shape
    first = 2 if shape[:2] in ("qu", "gi") and len(shape) > 2 and fold(shape[2]) in "aeiouy" else 0
    vowels = [at for at, char in enumerate(shape) if at >= first and fold(char) in "aeiouy"]
    if not vowels:
        return shape
    shaped = [at for at in vowels if shape[at] in "ăâêôơư"]
    if shaped:
        at = shaped[-1]
    elif vowels[-1] < len(shape) - 1 or len(vowels) == 3:
        at = vowels[-1] if len(vowels) < 3 else vowels[1]
    else:
        at = vowels[-2] if len(vowels) == 2 else vowels[-1]
    marked = unicodedata.normalize("NFC", shape[at] + MARKS[tone])
    return shape[:at] + marked + shape[at + 1 :]


@lru_cache(maxsize=16384)
def spelt(word: str) -> str | None:
    """A lower-case marked word with its tone in the one place; None when no such syllable exists."""
    shape, tone = parts(word)
    return with_tone(shape, tone) if shape in SHAPED else None


def untelex(word: str) -> str | None:
    """What Telex keys would have made of lower-case ASCII letters ("hooif" is hồi); None when no syllable."""
    tone, kept = "", []
    for at, char in enumerate(word):
        if char in MARKS and at and not tone and any(c in "aeiouy" for c in word[:at]):
            tone = char
        else:
            kept.append(char)
    letters = "".join(kept)
    shape = _shaped(letters)
    if shape is None or (shape == word and not tone):
        return None
    return with_tone(shape, tone)


def _shaped(letters: str) -> str | None:
    """Telex shapes applied wherever their second key stands ("thoongs", "duongwf")."""
    if letters.count("d") == 2 and letters[0] == "d":
        letters = "đ" + letters[1:].replace("d", "", 1)
    if "w" in letters:
        bare = letters.replace("w", "", 1)
        for old, new in (("uo", "ươ"), ("u", "ư"), ("o", "ơ"), ("a", "ă")):
            if old in bare and (made := bare.replace(old, new, 1)) in SHAPED:
                return made
        return bare if bare in SHAPED else None
    for vowel, made in (("a", "â"), ("e", "ê"), ("o", "ô")):
        if letters.count(vowel) == 2:
            first = letters.index(vowel)
            rest = letters[first + 1 :].replace(vowel, "", 1)
            if (whole := letters[:first] + made + rest) in SHAPED:
                return whole
    return letters if letters in SHAPED else None


def unvni(word: str) -> str | None:
    """What VNI keys would have made ("tha5ch" is thạch); None when no syllable."""
    letters = "".join(char for char in word if not char.isdigit())
    tone = next((VNI[char] for char in word if char in VNI), "")
    if "9" in word:
        letters = letters.replace("d", "đ", 1)
    shape = letters
    if "6" in word:
        shape = next((letters.replace(v, m, 1) for v, m in zip("aeo", "âêô", strict=True) if v in letters), letters)
    if "7" in word:
        shape = letters.replace("uo", "ươ") if "uo" in letters else letters.replace("u", "ư").replace("o", "ơ")
    if "8" in word:
        shape = letters.replace("a", "ă", 1)
    return with_tone(shape, tone) if shape in SHAPED else (fold(letters) if fold(letters) in FOLDED else None)
