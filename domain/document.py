"""A legal document as a noun: from when to when it holds, what replaced it; documents found in a text by number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.text import fold

SPOKEN = {
    "law": "Luật",
    "decree": "Nghị định",
    "decision": "Quyết định",
    "circular": "Thông tư",
    "resolution": "Nghị quyết",
    "plan": "Kế hoạch",
    "letter": "Công văn",
}


class DocumentState(StrEnum):
    """What the fact base says of a document's force; dates may end it besides."""

    IN_FORCE = "in_force"
    UNSURE = "unsure"  # nobody has confirmed that it still holds
    DRAFT = "draft"
    ENDED = "ended"  # its term or its purpose is over
    REPEALED = "repealed"
    SUPERSEDED = "superseded"


class Force(StrEnum):
    """How a document stands on a day."""

    HOLDS = "holds"
    NOT_YET = "not_yet"
    OVER = "over"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Document:
    """One document; `until` is its last day, `replaced_by` lists ids; dates as far as confirmed (year, month or day)."""

    id: str
    kind: str
    title: str
    state: DocumentState = DocumentState.IN_FORCE
    since: str | None = None
    until: str | None = None
    replaced_by: tuple[str, ...] = ()
    note: str = ""
    names: tuple[str, ...] = ()
    verified_on: str = ""

    @property
    def label(self) -> str:
        """As it is said: "Nghị định 80/2021/NĐ-CP"."""
        return f"{SPOKEN[self.kind]} {self.id}" if self.id[:1].isdigit() else self.id


def force(document: Document, day: date) -> Force:
    """Whether a document holds on a day."""
    said = day.isoformat()
    if document.state is DocumentState.DRAFT or (document.since and said[: len(document.since)] < document.since):
        return Force.NOT_YET
    if document.until:
        if said[: len(document.until)] > document.until:
            return Force.OVER
    elif document.state in (DocumentState.ENDED, DocumentState.REPEALED, DocumentState.SUPERSEDED):
        return Force.OVER
    return Force.UNSURE if document.state is DocumentState.UNSURE else Force.HOLDS


def over_since(document: Document) -> str:
    """From when a document no longer holds, in figures as people write it; empty when nobody says."""
    if not document.until:
        return ""
    if len(document.until) < 10:
        return f"sau {'/'.join(reversed(document.until.split('-')))}"
    return f"từ {date.fromisoformat(document.until) + timedelta(days=1):%d/%m/%Y}"


KINDS = {
    "nghi dinh": "decree", "nd": "decree", "quyet dinh": "decision", "qd": "decision", "thong tu": "circular",
    "tt": "circular", "nghi quyet": "resolution", "nq": "resolution", "ke hoach": "plan", "kh": "plan", "luat": "law",
    "cong van": "letter", "cv": "letter",
}  # fmt: skip
SUFFIXES = {"nd": "decree", "qd": "decision", "tt": "circular", "nq": "resolution", "kh": "plan", "qh": "law"}
NUMBERED = re.compile(
    r"\b(nghi dinh|quyet dinh|thong tu|nghi quyet|ke hoach|cong van|luat|nd|qd|tt|nq|kh|cv)\s*(?:so\s*)?"
    r"(\d{1,4})(?:\s*[/-]\s*((?:19|20)\d\d))?(?:\s*[/-]\s*(nd-cp|qd-[a-z]+|tt-[a-z]+|nq-[a-z]+|nq/tw|kh-[a-z]+|qh\d*))?(?![\d%])(?!/\d)"
)
BARE = re.compile(
    r"(?<![\w/])(\d{1,4})(?:/((?:19|20)\d\d))?[/-](nd-cp|qd-[a-z]+|tt-[a-z]+|nq-[a-z]+|nq/tw|kh-[a-z]+|qh\d*)\b"
)
MORE = re.compile(
    r"\s*(?:,|;|va|hay|hoac)\s*(\d{2,4})(?:/((?:19|20)\d\d))?(?![\d%/])(?!\s*(?:trieu|ty|ti|dong|nguoi|%|thang|ngay|nam))"
)


@dataclass(frozen=True)
class Citation:
    """A document named at text[start:end]; `document` is None when nobody here knows the number."""

    said: str
    start: int
    end: int
    document: Document | None


class Documents:
    """All documents known, found by number or by name."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.by_id = {document.id: document for document in documents}
        self._numbers: dict[tuple[str, int, str | None], list[Document]] = {}
        self._names: list[tuple[str, Document]] = []
        for document in self.by_id.values():
            found = re.match(r"(\d+)(?:/(\d{4}))?", document.id)
            if found:
                for year in {found[2], None}:
                    self._numbers.setdefault((document.kind, int(found[1]), year), []).append(document)
            names = list(document.names)
            if document.kind == "law" and found and found[2]:  # "Luật Chuyển giao công nghệ 2017"
                names += [f"{document.title} {found[2]}", f"{document.title} năm {found[2]}"]
            self._names += [(fold(name), document) for name in names]

    def find(self, text: str) -> list[Citation]:
        """The documents that a text names, from left to right; unknown numbers too."""
        folded = fold(text)
        found: dict[int, Citation] = {}
        for spot in NUMBERED.finditer(folded):
            kind = KINDS[spot[1]]
            if spot[4]:
                kind = SUFFIXES[spot[4][:2]] if not (kind == "law" and spot[4][:2] == "qh") else kind
            if not spot[3] and not spot[4] and (kind == "law" or re.fullmatch(r"(?:19|20)\d\d", spot[2])):
                continue  # "Luật 2013", "kế hoạch 2026" name a year, not a number
            found[spot.start()] = self._cited(text, spot.start(), spot.end(), kind, spot[2], spot[3])
            at = spot.end()
            while not spot[4] and (more := MORE.match(folded, at)):
                found[more.start(1)] = self._cited(text, more.start(1), more.end(), kind, more[1], more[2])
                at = more.end()
        for spot in BARE.finditer(folded):
            if not any(one.start <= spot.start() < one.end for one in found.values()):
                kind = SUFFIXES[spot[3][:2]]
                found[spot.start()] = self._cited(text, spot.start(), spot.end(), kind, spot[1], spot[2])
        for name, document in self._names:
            for spot in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", folded):
                found.setdefault(
                    spot.start(), Citation(text[spot.start() : spot.end()], spot.start(), spot.end(), document)
                )
        return [found[at] for at in sorted(found)]

    def known(self, text: str) -> list[Document]:
        """The known documents that a text names, each once."""
        return list(dict.fromkeys(one.document for one in self.find(text) if one.document is not None))

    def like(self, number: str) -> list[Document]:
        """Documents with the same number in another year or of another kind, for a number that nobody knows."""
        digits = re.findall(r"\d+", number)
        if not digits:
            return []
        return [
            document
            for document in self.by_id.values()
            if (own := re.match(r"(\d+)(?:/(\d{4}))?", document.id)) and own[1] == digits[0]
        ]

    def _cited(self, text: str, start: int, end: int, kind: str, number: str, year: str | None) -> Citation:
        held = self._numbers.get((kind, int(number), year), [])
        if not held and year is None and kind == "law":
            held = []
        if not held and kind in ("law", "resolution"):  # "Nghị quyết 198/2025/QH15" is the assembly's too
            other = "resolution" if kind == "law" else "law"
            held = self._numbers.get((other, int(number), year), [])
        if not held and year is not None:  # a decision of the Prime Minister with the year said beside its number
            held = [one for one in self._numbers.get((kind, int(number), None), []) if "/20" not in one.id]
        return Citation(text[start:end], start, end, held[0] if len(held) == 1 else self._newest(held))

    @staticmethod
    def _newest(held: list[Document]) -> Document | None:
        """Of several with one number (268/2025, 268/2026) none is meant for sure."""
        return None if not held else max(held, key=lambda one: one.since or "")
