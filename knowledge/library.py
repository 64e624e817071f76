"""Reads the knowledge files, checking every one; a mistake is told with its file and line."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from domain.document import DocumentState
from domain.eligibility import read_criterion
from domain.event import EventState
from domain.finder import Question
from domain.kinds import Kind
from domain.offer import OfferState
from domain.programme import ProgrammeState
from knowledge.files import ROOT, BadKnowledge, Noun, read_one, read_rows, read_yaml

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
LooseDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
Confidence = Literal["high", "medium", "low"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Basis(_Strict):
    """One legal basis; `confirmed` is false while nobody has read the article."""

    document: Text
    label: Text
    article: str | None = None
    confirmed: bool


class Source(_Strict):
    """Where a fact was read."""

    kind: Text
    url: str | None = None
    date: str | None = None
    locator: str | None = None
    read_through: str | None = None


class ShippedAnswer(_Strict):
    """One answer as it comes with the project; `short` is said first, `full` on demand."""

    id: Text
    kind: Literal["answer", "term", "office"]
    topic: Text
    question: Annotated[str, StringConstraints(min_length=5, max_length=100)]
    short: Annotated[str, StringConstraints(min_length=10, max_length=320)]
    full: Annotated[str, StringConstraints(min_length=10, max_length=1200)]
    basis: tuple[Basis, ...] = ()
    sources: tuple[Source, ...] = ()
    programmes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    verified_on: date
    confidence: Confidence
    recheck_days: Annotated[int, Field(ge=1, le=730)] = 90
    examples: Annotated[tuple[Text, ...], Field(min_length=4)]


class ConditionRow(_Strict):
    """One condition of a programme; `law` tells the article with its text, `test` is read by domain.eligibility."""

    name: Annotated[str, StringConstraints(min_length=3, max_length=80)]
    law: Annotated[str, StringConstraints(min_length=10, max_length=260)]
    test: dict[str, Any]
    fixed: bool = False
    how: str = ""

    @field_validator("test")
    @classmethod
    def _can_be_read(cls, test: dict[str, Any]) -> dict[str, Any]:
        read_criterion(test)
        return test


class BranchRow(_Strict):
    """One of several supports of a programme, with conditions of its own."""

    name: Text
    needs: Annotated[tuple[Kind, ...], Field(min_length=1)]
    conditions: tuple[ConditionRow, ...]


class ExampleFirm(_Strict):
    """An invented firm with what each condition of the programme must come to for it."""

    name: Text
    profile: dict[str, Any]
    fit: Literal["fits", "near", "unknown", "no"]
    conditions: dict[str, Literal["met", "unmet", "unknown"]]


class ShippedProgramme(_Open):
    """One programme as it comes with the project; further keys are kept as they are.

    `conditions` is None when nobody can apply to it; `unconfirmed` lists limits that restrict nobody until confirmed.
    """

    id: Text
    kind: Text
    name: Text
    short_name: Text
    aliases: tuple[str, ...] = ()
    summary: Annotated[str, StringConstraints(min_length=10, max_length=320)]
    document: dict[str, str | None]
    effective_from: str | None = None
    effective_to: str | None = None
    state: ProgrammeState
    state_note: str
    superseded_by: str | None = None
    superseded_note: str | None = None
    confidence: Confidence
    verified_on: str
    needs: tuple[Kind, ...] = ()
    aside: bool = False  # seldom the first door of a small enterprise
    conditions: tuple[ConditionRow, ...] | None = None
    branches: tuple[BranchRow, ...] = ()
    unconfirmed: tuple[Text, ...] = ()
    firms: tuple[ExampleFirm, ...] = ()


class ShippedDocument(_Strict):
    """One legal document; dates as far as they are confirmed, `until` is the last day it holds."""

    id: Text
    kind: Literal["law", "decree", "decision", "circular", "resolution", "plan", "letter"]
    title: Text
    since: LooseDate | None = None
    until: LooseDate | None = None
    state: DocumentState = DocumentState.IN_FORCE
    replaced_by: tuple[str, ...] = ()
    note: str = ""
    names: tuple[Text, ...] = ()
    verified_on: LooseDate = "2026-11-23"


class QuestionRow(_Strict):
    """One question of the programme finder; `answers` weigh the answers people give."""

    key: Text
    words: Text
    reads: Literal["form", "number", "money", "truth", "day", "sector", "province", "role"]
    choices: dict[str, Any] = Field(default_factory=dict)
    answers: Annotated[dict[Any, float], Field(min_length=2)]
    firms: bool = False  # households and groups are not asked this


class ShippedOffer(_Strict):
    """One offer as in the samples; money is in million VND."""

    id: Text
    title: Text
    summary: str = ""
    sector: str | None = None
    sector_name: str | None = None
    products: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    trl: Annotated[int, Field(ge=1, le=9)] | None = None
    transfer_modes: tuple[str, ...] = ()
    price_million_vnd: dict[str, float | None] | None = None
    capacity: dict[str, float | str | None] | None = None
    owner: str = ""
    owner_type: str | None = None
    owner_province_code: str | None = None
    serves: str = "all"
    state: OfferState = OfferState.VERIFIED
    sample: bool = False


class ShippedEvent(_Strict):
    """One event as in the samples; times carry their zone."""

    id: Text
    title: Text
    start: datetime
    end: datetime | None = None
    summary: str = ""
    place: str = ""
    seats: Annotated[int, Field(ge=0)] | None = None
    taken: Annotated[int, Field(ge=0)] = 0
    free: bool | None = None
    topics: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    programmes: tuple[str, ...] = ()
    organiser: str = ""
    state: EventState = EventState.PUBLISHED
    sample: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "ShippedEvent":
        if self.start.tzinfo is None:
            raise ValueError("start needs a zone, for example 2026-12-16T08:00:00+07:00")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end must come after start")
        return self


class ActFile(_Strict):
    """Training phrasings of one act; `templates` carry the placeholder {programme}."""

    act: Text
    meaning: Text
    examples: tuple[Text, ...] = ()
    templates: tuple[Text, ...] = ()


class RoleFile(_Strict):
    """Phrasings of one role that a message to an open form can have."""

    role: Text
    meaning: Text
    examples: tuple[Text, ...]


class NamedThing(_Open):
    """A body or a key product: id and name are fixed, the rest is kept as it is."""

    id: Text
    name: Text


class PlaceRow(_Open):
    """A commune or ward with what it was before."""

    code: Text
    name: Text


@dataclass(frozen=True)
class Library:
    """Everything shipped, read and checked."""

    answers: tuple[ShippedAnswer, ...]
    programmes: tuple[ShippedProgramme, ...]
    bodies: tuple[NamedThing, ...]
    products: tuple[NamedThing, ...]
    places: dict[str, Any]
    provinces: dict[str, Any]
    acts: tuple[ActFile, ...]
    roles: tuple[RoleFile, ...]
    terms: dict[str, Any]
    technology: dict[str, Any]
    teencode: dict[str, Any]
    concepts: dict[str, str]
    sectors: dict[str, Any]
    questions: tuple[Question, ...]
    documents: tuple[ShippedDocument, ...]


def read_offers(file: Path = ROOT / "samples" / "offers.yaml") -> list[ShippedOffer]:
    """Offers from a YAML file in the shape of the samples."""
    return read_rows(ShippedOffer, file, "offers")


def read_events(file: Path = ROOT / "samples" / "events.yaml") -> list[ShippedEvent]:
    """Events from a YAML file in the shape of the samples."""
    return read_rows(ShippedEvent, file, "events")


def _folder(model: type[Noun], name: str) -> tuple[Noun, ...]:
    found = []
    for file in sorted((ROOT / name).glob("*.yaml")):
        record = read_one(model, file)
        named = next(getattr(record, key) for key in ("id", "act", "role") if hasattr(record, key))
        if named != file.stem:
            raise BadKnowledge(f"{file.name}:1: the file must be named after its id {named}")
        found.append(record)
    return tuple(found)


def _question(row: QuestionRow) -> Question:
    """A question of the finder as the noun; a sector's answer is its tags joined by "+"."""
    answers = tuple(
        (value.split("+") if row.reads == "sector" else value, share) for value, share in row.answers.items()
    )
    return Question(row.key, row.words, tuple(row.choices.items()), answers, row.reads, row.firms)


def _documents() -> tuple[ShippedDocument, ...]:
    """The documents of all files in documents/; an id stands once."""
    found: dict[str, ShippedDocument] = {}
    for file in sorted((ROOT / "documents").glob("*.yaml")):
        for row in read_rows(ShippedDocument, file, None):
            if row.id in found:
                raise BadKnowledge(f"{file.name}: {row.id} stands twice")
            found[row.id] = row
    return tuple(found.values())


def _cross_check(library: Library) -> None:
    papers = {document.id for document in library.documents}
    for document in library.documents:
        for following in document.replaced_by:
            if following not in papers:
                raise BadKnowledge(f"{document.id}: replaced_by: {following} is not among the documents")
    known = {programme.id for programme in library.programmes}
    for answer in library.answers:
        for programme_id in answer.programmes:
            if programme_id not in known:
                raise BadKnowledge(f"{answer.id}.yaml: programmes: {programme_id} is not among the programmes")
    for programme in library.programmes:
        if programme.superseded_by is not None and programme.superseded_by not in known:
            raise BadKnowledge(f"{programme.id}.yaml: superseded_by: {programme.superseded_by} is not a programme")


@cache
def load() -> Library:
    """All shipped knowledge; raises BadKnowledge."""
    library = Library(
        answers=_folder(ShippedAnswer, "answers"),
        programmes=_folder(ShippedProgramme, "programmes"),
        bodies=tuple(read_rows(NamedThing, ROOT / "bodies.yaml", "bodies")),
        products=tuple(read_rows(NamedThing, ROOT / "products.yaml", "products")),
        places=read_yaml(ROOT / "places" / "lang_son.yaml")[0],
        provinces=read_yaml(ROOT / "places" / "provinces.yaml")[0],
        acts=_folder(ActFile, "acts"),
        roles=_folder(RoleFile, "roles"),
        terms=read_yaml(ROOT / "lexicon" / "terms.yaml")[0],
        technology={
            **read_yaml(ROOT / "lexicon" / "technology.yaml")[0],
            "further": read_yaml(ROOT / "lexicon" / "further.yaml")[0],
        },
        teencode=read_yaml(ROOT / "lexicon" / "teencode.yaml")[0],
        concepts=read_yaml(ROOT / "lexicon" / "concepts.yaml")[0],
        sectors=read_yaml(ROOT / "lexicon" / "sectors.yaml")[0],
        documents=_documents(),
        questions=tuple(map(_question, read_rows(QuestionRow, ROOT / "finder.yaml", "questions"))),
    )
    _cross_check(library)
    return library


def _files() -> Iterator[Path]:
    for folder in (".", "answers", "programmes", "documents", "acts", "roles", "places", "lexicon", "samples"):
        yield from sorted((ROOT / folder).glob("*.yaml"))


def digest(*folders: str) -> str:
    """The fingerprint of the shipped files (all, or those in these folders)."""
    total = hashlib.sha256()
    for file in _files():
        if not folders or file.parent.name in folders or (file.parent == ROOT and "." in folders):
            total.update(file.name.encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def fingerprint(record: BaseModel) -> str:
    """The fingerprint of one shipped record, by which an upgrade knows what has changed."""
    return hashlib.sha256(record.model_dump_json().encode()).hexdigest()[:16]
