"""Words of abuse, so that a curse is told from a short name that only looks like one without its marks."""

import re

from conversation.cues import Cues

INSULTS = Cues(
    "đm, đmm, đcm, dcm, dkm, cmm, vcl, vkl, clgt, địt, đjt, dit me, cút, cút mẹ, cút đi, ngu như chó, ngu như bò, ngu vl, ngu thế, "
    "đồ ngu, bot ngu, máy ngu, ngu quá, ngu xuẩn, ngu lắm, ngu ngốc, ngáo, khốn nạn, khốn kiếp, mất dạy, vô học, vô dụng, rác rưởi, bố láo, "
    "láo toét, lừa đảo, lừa gạt, ăn hại, vô tích sự, vớ vẩn, dở hơi, dở người, hãm vãi, thằng hâm, hâm à, con điên, dien a, bị điên, bị khùng, "
    "chết đi, xéo đi, biến đi, im mồm, câm mồm, câm miệng, chết tiệt, đếch, dm, wtf, fuck, shit, cut me may, chó chết, do cho chet, mày ngu",
    "ngu, chó, đụ, cặc, lồn, buồi, đéo, con chó, thằng chó, mẹ mày, bà mày, bố mày, đồ rác, đồ điên, thần kinh, điên, khùng, hâm, mày, tao",
)
SHORT = 4  # words; so few are abuse only with such a word among them


BARE = frozenset("ngu dit cut vl vcl dm dmm cc".split())  # typed without marks they are seldom anything else


def insulting(text: str) -> bool:
    """Whether a text holds a word of abuse."""
    return INSULTS.search(text) is not None or bool(BARE & set(re.findall(r"[a-z]+", text.lower())))
