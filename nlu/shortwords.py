"""Reads the shortest answers, which need no model (yes, no, do not know), tells what words ask."""

import re

from domain.text import plain

SHORT = {
    "affirm": "co,vang,dong y,ok,oke,okie,u,uh,uhm,dung,dung roi,phai,chuan,da,da vang,da co,duoc,dc,nhat tri,yes,y,gui di,gui luon,chuan roi,co a,vang a,da dung,chot",
    "deny": "khong,ko,k,khg,hok,thoi,khoi,khong dong y,khong phai,khong can,no,da khong,thoi khong,khong nhe,de khi khac,chua can,sai roi,khong dung",
    "dont_know": "chua biet,khong biet,ko biet,k biet,chua ro,khong ro,ko ro,de sau,chua tinh,chua nghi,chua tinh toi,bo qua,chua co,chua chac,khong chac,cha biet,chiu,chua xac dinh",
}
SHORT_ACTS = {phrase: act for act, phrases in SHORT.items() for phrase in phrases.split(",")}
LONGEST = 80  # characters of such a message
POLITE_WORDS = {"a", "da", "nhe", "em", "oi", "nha", "ban", "ad", "vay", "anh", "chi", "e", "luon", "di", "the"}

QUESTION = re.compile(
    r"\b(?:la gi|gi vay|cai gi|nhung gi|duoc gi|nghia la|the nao|ntn|nhu nao|lam sao|tai sao|vi sao|bao nhieu|bao lau|bn|khi nao|bao gio|"
    r"o dau|di dau|ai\s|may gio|may ngay|co\s.*\s(?:khong|ko|k|hong|hok)\b|duoc (?:khong|ko|k)\b|dc (?:khong|ko|k)\b|phai khong|khac (?:gi|nhau)|giong nhau khong|loi gi|"
    r"(?:khong|ko|k) (?:a|em|vay|ban|ad|nhi)\s*$|chua (?:a|em|vay)?\s*$|hay (?:la )?khong|sao (?:em|a|vay)?\s*$|dau (?:a|em)?\s*$)"
)


def short_act(text: str) -> str | None:
    """The act of a message that is nothing but a yes, a no or a "do not know"; None otherwise."""
    if len(text) > LONGEST:
        return None
    bare = plain(text)
    kept = " ".join(word for word in bare.split() if word not in POLITE_WORDS) or bare
    return SHORT_ACTS.get(bare) or SHORT_ACTS.get(kept)
