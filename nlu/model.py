"""The embedded understanding: acts, answers, programmes, entities of one message."""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from domain.text import clean, fold, plain
from domain.worktime import local
from nlu.aliases import Aliases, Mention
from nlu.entities import read_entities
from nlu.features import features
from nlu.normalise import Normaliser, question_like
from nlu.places import Places
from nlu.terms import Terms
from nlu.train import Weights, signals, train
from nlu.understanding import Context, Guess, Understanding

VERSION = "5"
PLACEHOLDER = "chuongtrinhx"
RELATED = 0.3  # what naming a programme adds to the answers about it
DETAIL = -0.8  # a question with more than the name goes to an answer about it that scores above this
SURE = 0.62
SURE_ANSWER = 0.68
WEIGHTY = {"erase_my_data": 0.8, "stop_news": 0.7, "abuse": 0.8, "cancel": 0.7, "cancel_registration": 0.7}
MEANING = {"affirm", "deny", "dont_know"}
SHORT = {
    "affirm": "co,vang,dong y,ok,oke,okie,u,uh,uhm,dung,dung roi,phai,chuan,da,da vang,da co,duoc,dc,nhat tri,yes,y,gui di,gui luon,chuan roi,co a,vang a,da dung,chot",
    "deny": "khong,ko,k,khg,hok,thoi,khoi,khong dong y,khong phai,khong can,no,da khong,thoi khong,khong nhe,de khi khac,chua can,sai roi,khong dung",
    "dont_know": "chua biet,khong biet,ko biet,k biet,chua ro,khong ro,ko ro,de sau,chua tinh,chua nghi,chua tinh toi,bo qua,chua co,chua chac,khong chac,cha biet,chiu,chua xac dinh",
}
SHORT_ACTS = {phrase: act for act, phrases in SHORT.items() for phrase in phrases.split(",")}
GLOSS = ("la gi", "nghia la", "la sao", "la cai gi", "co nghia", "giai thich", "hieu the nao")
GENERAL = set(
    "cho hoi ve la gi gioi thieu giup tim hieu noi ro hon quy dinh ho tro nhung cai nay kia do the nao duoc co khong ko "
    "dc muon toi minh biet xin nghe thong tin chuong trinh nghi thong tu quyet so theo cua va".split()
)
POLITE_WORDS = {"a", "da", "nhe", "em", "oi", "nha", "ban", "ad", "vay", "anh", "chi", "e", "luon", "di", "the"}


@dataclass(frozen=True)
class Lesson:
    """What is taught: (text, class) rows; classes are act names, `answer:<id>`; programmes and glossary by name."""

    rows: tuple[tuple[str, str], ...]
    programmes: tuple[tuple[str, tuple[str, ...], str | None], ...]
    glossary: tuple[tuple[str, tuple[str, ...]], ...]
    teencode: Mapping[str, Any]
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # programme: answers that treat of it

    @cached_property
    def digest(self) -> str:
        """The fingerprint of everything that training sees."""
        seen = json.dumps(
            [VERSION, sorted(self.rows), self.programmes, self.teencode], ensure_ascii=False, sort_keys=True
        )
        return hashlib.sha256(seen.encode()).hexdigest()[:24]


def lesson(library: Any, answers: Iterable[Any] | None = None) -> Lesson:
    """The lesson of the shipped library; `answers` (with id, examples, aliases, kind) replaces its answers."""
    taught = list(library.answers if answers is None else answers)
    rows = [(text, act.act) for act in library.acts for text in act.examples]
    rows += [(text.replace("{programme}", PLACEHOLDER), act.act) for act in library.acts for text in act.templates]
    rows += [
        (text, f"answer:{answer.id}")
        for answer in taught
        for text in (answer.question, *answer.examples, *_lines(answer))
    ]
    programmes = tuple(
        (p.id, tuple(dict.fromkeys((p.name, p.short_name, *p.aliases))), p.document.get("number"))
        for p in library.programmes
    )
    glossary = tuple((a.id, tuple(a.aliases)) for a in taught if a.kind == "term" and a.aliases)
    related: dict[str, tuple[str, ...]] = {}
    for answer in taught:
        for id_ in answer.programmes:
            related[id_] = (*related.get(id_, ()), answer.id)
    return Lesson(tuple(rows), programmes, glossary, library.teencode, related)


def _lines(answer: Any) -> list[str]:
    """The longer lines of an answer's own text: people often ask in its words."""
    return [line.strip("- ") for line in f"{answer.short}\n{answer.full}".splitlines() if len(line) > 20]


class Model:
    """A trained model; safe to share between threads (it never changes)."""

    def __init__(self, weights: Weights, taught: Lesson, places: Places, terms: Terms) -> None:
        self._index = {name: at for at, name in enumerate(weights.names)}
        self._classes = weights.classes
        self._matrix = weights.matrix
        self._calibration = np.array(weights.calibration)
        self._normalise = Normaliser(taught.teencode)
        self._programmes = Aliases(taught.programmes)
        self._glossary = Aliases((id_, names, None) for id_, names in taught.glossary)
        self._places, self._terms = places, terms
        self._answers = np.array([label.startswith("answer:") for label in weights.classes])
        at_label = {label: at for at, label in enumerate(weights.classes)}
        self._related = {
            programme: [at_label[f"answer:{id_}"] for id_ in ids if f"answer:{id_}" in at_label]
            for programme, ids in taught.related.items()
        }
        self._teencode = {str(short) for short in taught.teencode.get("words", {})}

    def understand(self, text: str, context: Context, at: datetime) -> Understanding:
        """Reads one message at the instant `at`; never raises on any text."""
        read = clean(text)
        entities = read_entities(read, local(at).date(), self._places, self._terms)
        asks = question_like(read)
        if not any(char.isalnum() for char in read):
            return Understanding(text, "out_of_scope", 0.2, False, entities=entities, asks=asks)
        short = self._short(read, context)
        if short:
            return Understanding(text, short, 0.97, True, entities=entities, asks=asks)
        mentions = self._programmes.find(read)
        guesses = self._guess(read, mentions, context)
        best = self._exact(read, mentions, guesses, context, asks) or guesses[0]
        rest = tuple(g for g in guesses if (g.act, g.answer, g.programme) != (best.act, best.answer, best.programme))[
            :4
        ]
        floor = SURE_ANSWER if best.act == "ask_policy" else WEIGHTY.get(best.act, SURE)
        return Understanding(
            text,
            best.act,
            round(best.confidence, 4),
            best.confidence >= floor,
            best.answer,
            best.programme,
            rest,
            entities,
            asks,
        )

    @staticmethod
    def _short(read: str, context: Context) -> str | None:
        bare = plain(read)
        kept = " ".join(word for word in bare.split() if word not in POLITE_WORDS) or bare
        act = SHORT_ACTS.get(bare) or SHORT_ACTS.get(kept)
        return act if act and (context.question is not None or len(bare.split()) > 0) else None

    @staticmethod
    def _detailed(read: str, mentions: list[Mention]) -> bool:
        """Whether more is asked than "what is this programme"."""
        left = read
        for mention in reversed(mentions):
            left = f"{left[: mention.start]} {left[mention.end :]}"
        return len([word for word in plain(left).split() if word not in GENERAL and word not in POLITE_WORDS]) >= 2

    @staticmethod
    def _masked(read: str, mentions: list[Mention]) -> str:
        for mention in reversed(mentions):
            read = f"{read[: mention.start]} {PLACEHOLDER} {read[mention.end :]}"
        return read

    def _scores(self, text: str) -> tuple[np.ndarray[Any, Any], float]:
        total = np.zeros(len(self._classes), dtype=np.float32)
        known = seen = 0.0
        for name, value in features(self._normalise(text)).items():
            at = self._index.get(name)
            if name[0] == "w":
                seen, known = seen + value, known + (value if at is not None else 0.0)
            if at is not None:
                total += value * self._matrix[at].astype(np.float32)
        return total, known / seen if seen else 0.0

    def _guess(self, read: str, mentions: list[Mention], context: Context) -> list[Guess]:
        scores, known = self._scores(read)
        if mentions:  # acts are read with the name hidden; answers with the name, those about that programme first
            hidden, _ = self._scores(self._masked(read, mentions))
            scores = np.where(self._answers, scores, hidden)
            about = [at for id_ in mentions[0].ids for at in self._related.get(id_, ())]
            raised = np.where(self._answers, scores, -9.0)
            raised[about] += RELATED
            best = int(raised.argmax())
            if best in about and scores[best] > DETAIL and self._detailed(read, mentions):
                scores[best] = max(float(scores.max()) + 0.05, float(raised[best]))
        order = np.argsort(-scores)[:5]
        chance = 1 / (1 + np.exp(-(signals(scores[None, :]).astype(float)[0] @ self._calibration)))
        chance *= min(1.0, known + 0.25) ** 2
        found = []
        for place, at in enumerate(order):
            share = float(np.exp(2.0 * (scores[at] - scores[order[0]])))
            confidence = float(chance) if place == 0 else float(min(chance, (1 - chance)) * share)
            label = self._classes[at]
            if label.startswith("answer:"):
                found.append(Guess("ask_policy", confidence, answer=label[7:]))
            elif label == "ask_programme":
                ids: list[str | None] = [id_ for mention in mentions for id_ in mention.ids] or [context.programme]
                found.append(Guess(label, confidence if ids[0] else confidence / 2, programme=ids[0]))
            else:
                found.append(Guess(label, confidence))
        return found

    def _exact(
        self, read: str, mentions: list[Mention], guesses: list[Guess], context: Context, asks: bool
    ) -> Guess | None:
        """What names decide: a glossary term asked about, a programme named with little else."""
        folded = fold(read)
        terms = self._glossary.find(read)
        if (
            terms
            and len(read.split()) <= 12
            and (any(cue in folded for cue in GLOSS) or plain(read) == plain(read[terms[0].start : terms[0].end]))
        ):
            return Guess("ask_policy", 0.95, answer=terms[0].ids[0])
        if not mentions:
            return None
        best = guesses[0]
        rest = len(plain(read).split()) - sum(len(plain(read[m.start : m.end]).split()) for m in mentions)
        ids = mentions[0].ids
        if best.act == "ask_programme":
            return Guess(best.act, max(best.confidence, 0.9) if len(ids) == 1 else 0.6, programme=ids[0])
        if rest <= 3 and not self._detailed(read, mentions) and (best.act != "ask_policy" or best.confidence < 0.8):
            return Guess("ask_programme", 0.9 if len(ids) == 1 else 0.6, programme=ids[0])
        if asks and best.confidence < 0.5:
            return Guess("ask_programme", 0.75 if len(ids) == 1 else 0.5, programme=ids[0])
        return None


def _read_weights(file: Path) -> Weights | None:
    try:
        with np.load(file, allow_pickle=False) as held:
            names = str(held["names"]).split("\n")
            classes = str(held["classes"]).split("\n")
            return Weights(tuple(names), tuple(classes), held["matrix"], tuple(held["calibration"].tolist()))
    except (OSError, ValueError, KeyError, EOFError):
        return None


def _write_weights(file: Path, weights: Weights) -> None:
    held = io.BytesIO()
    np.savez(
        held,
        names=np.array("\n".join(weights.names)),
        classes=np.array("\n".join(weights.classes)),
        matrix=weights.matrix.astype(np.float16),
        calibration=np.array(weights.calibration),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    with os.fdopen(handle, "wb") as out:
        out.write(held.getvalue())
    Path(name).replace(file)


def prepare(taught: Lesson, places: Places, terms: Terms, folder: Path) -> tuple[Model, bool]:
    """The model of this lesson, from the cache in `folder` when it fits; tells whether it had to be trained."""
    file = folder / f"{taught.digest}.npz"
    weights = _read_weights(file)
    trained = weights is None
    if weights is None:
        normalise = Normaliser(taught.teencode)
        weights = train([(normalise(text), label) for text, label in taught.rows])
        _write_weights(file, weights)
        weights = _read_weights(file) or weights
    return Model(weights, taught, places, terms), trained
