"""The names of products, processes and provinces as officers type them, read into those of the vocabulary."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cache

from domain.text import fold, nfc, plain
from knowledge.library import load

PRODUCTS, PROCESSES = "products", "processes"
SERVES = {
    "ca nuoc": "all", "toan quoc": "all", "all": "all", "mien nui phia bac": "north", "mien bac": "north", "north": "north",
}  # fmt: skip
SERVES_WORDS = {"all": "cả nước", "": "cả nước", "north": "miền núi phía Bắc"}


def terms(kind: str) -> tuple[str, ...]:
    """All terms of a kind, PRODUCTS or PROCESSES, in alphabetical order."""
    return tuple(sorted((row["term"] for row in load().terms[kind]), key=fold))


@cache
def _names(kind: str) -> dict[str, frozenset[str]]:
    """The terms that a name can mean, by the name as it is written and folded."""
    found: dict[str, set[str]] = {}
    for row in load().terms[kind]:
        for said in (row["term"], *row.get("also", ())):
            name = nfc(said).lstrip("=").casefold()
            found.setdefault(name, set()).add(row["term"])
            found.setdefault(fold(name), set()).add(row["term"])
    found |= {row["term"].casefold(): {row["term"]} for row in load().terms[kind]}  # a term's own name means itself
    return {name: frozenset(meant) for name, meant in found.items()}


def split(text: str) -> list[str]:
    """The names in a list with commas, semicolons or lines."""
    return list(
        dict.fromkeys(part for part in (" ".join(one.split()) for one in re.split(r"[,;\n]", nfc(text))) if part)
    )


def read_terms(kind: str, text: str, kept: Collection[str] = ()) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """(the terms that a list names, each unknown name with the nearest terms); names in `kept` stay as they are."""
    names, found, unknown = _names(kind), list[str](), dict[str, tuple[str, ...]]()
    for name in split(text):
        meant = names.get(name.casefold()) or names.get(fold(name)) or frozenset()
        if name in kept:
            found.append(name)
        elif len(meant) == 1:
            found += meant
        else:
            unknown[name] = tuple(sorted(meant)) or _near(kind, name)
    return tuple(dict.fromkeys(found)), unknown


def _near(kind: str, name: str) -> tuple[str, ...]:
    names = _names(kind)
    said = f" {name.casefold()} "
    within = sorted((one for one in names if f" {one} " in said), key=len, reverse=True)
    close = get_close_matches(fold(name), list(names), n=6, cutoff=0.75)
    return tuple(dict.fromkeys(term for one in [*close, *within] for term in sorted(names[one])))[:3]


@cache
def _provinces() -> dict[str, str]:
    rows = load().provinces["provinces"]
    return {plain(name): str(row["code"]) for row in rows for name in (*row["merged_from"], row["name"])}


def read_serves(text: str) -> str:
    """The places an offer serves, "all", "north" or codes with commas; raises ValueError with the name nobody knows."""
    parts = split(text)
    if len(parts) <= 1:
        known = SERVES.get(plain(text)) if parts else "all"
        if known:
            return known
    codes = []
    for part in parts:
        name = re.sub(r"^(?:tinh|thanh pho|tp) ", "", plain(part))
        if name not in _provinces():
            raise ValueError(part)
        codes.append(_provinces()[name])
    return ",".join(dict.fromkeys(codes))


def serves_words(serves: str) -> str:
    """The places an offer serves as people write them."""
    if serves in SERVES_WORDS:
        return SERVES_WORDS[serves]
    names = {str(row["code"]): row["name"] for row in load().provinces["provinces"]}
    return ", ".join(names.get(code, code) for code in _codes(serves))


def _codes(serves: str) -> Iterable[str]:
    return (part.strip(" []'\"") for part in serves.split(","))
