"""Reads the shortest answers, which need no model: yes, no, do not know."""

from domain.text import plain

SHORT = {
    "affirm": "co,vang,dong y,ok,oke,okie,u,uh,uhm,dung,dung roi,phai,chuan,da,da vang,da co,duoc,dc,nhat tri,yes,y,gui di,gui luon,chuan roi,co a,vang a,da dung,chot",
    "deny": "khong,ko,k,khg,hok,thoi,khoi,khong dong y,khong phai,khong can,no,da khong,thoi khong,khong nhe,de khi khac,chua can,sai roi,khong dung",
    "dont_know": "chua biet,khong biet,ko biet,k biet,chua ro,khong ro,ko ro,de sau,chua tinh,chua nghi,chua tinh toi,bo qua,chua co,chua chac,khong chac,cha biet,chiu,chua xac dinh",
}
SHORT_ACTS = {phrase: act for act, phrases in SHORT.items() for phrase in phrases.split(",")}
POLITE_WORDS = {"a", "da", "nhe", "em", "oi", "nha", "ban", "ad", "vay", "anh", "chi", "e", "luon", "di", "the"}


def short_act(text: str) -> str | None:
    """The act of a message that is nothing but a yes, a no or a "do not know"; None otherwise."""
    bare = plain(text)
    kept = " ".join(word for word in bare.split() if word not in POLITE_WORDS) or bare
    return SHORT_ACTS.get(bare) or SHORT_ACTS.get(kept)
