"""The embedded understanding: acts, answers, programmes, entities of one message."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from conversation.insults import SHORT, insulting
from domain.line import read_line
from domain.text import clean, fold, says_right
from domain.worktime import local
from nlu import weights as files
from nlu.aliases import Mention
from nlu.calibrate import sureness
from nlu.entities import read_entities
from nlu.lesson import GENERAL, Lesson
from nlu.normalise import question_like
from nlu.places import Places
from nlu.reading import Reader, Seen
from nlu.roles import Roles
from nlu.scorer import Scorer
from nlu.shortwords import POLITE_WORDS, short_act
from nlu.terms import Terms
from nlu.train import train
from nlu.understanding import Context, Guess, Understanding
from nlu.weights import Weights

ALTERNATIVES = 5
SPREAD = 3.0  # how fast the share of an alternative falls with its score
WRONG = 10.0  # clarifications that one wrong reading costs
WEIGHTY = {"erase_my_data": 12.0, "abuse": 12.0}  # acts whose wrong reading costs more
DOUBTED = 0.5
ERASES = re.compile(
    r"\b(?:xoa|du lieu|thong tin|data|info|tin nhan|quen|huy|go|bo|luu|so|ten|he thong|erase|remove|del)\b"
)
LONGEST_PLACE = 4  # words of a place's name
RELIED = 0.9  # a reading this sure needs no help from what was spoken of before


def sure_from(act: str) -> float:
    """The least probability of being right at which acting costs less than asking back."""
    return 1.0 - 1.0 / WEIGHTY.get(act, WRONG)


class Model:
    """A trained model; safe to share between threads (it never changes)."""

    def __init__(self, weights: Weights, places: Places, terms: Terms, roles: Roles | None = None) -> None:
        """`roles` reads what a message says to an open question; without it none is told."""
        about = weights.about
        self.digest: str = about["digest"]
        self.weights = weights
        self.classes = weights.classes
        self._score = Scorer(weights)
        self.read = Reader(about)
        self._places, self._terms, self.roles = places, terms, roles

    def understand(self, text: str, context: Context, at: datetime) -> Understanding:
        """Reads one message at the instant `at`; never raises on any text."""
        read = clean(text)
        entities = read_entities(read, local(at).date(), self._places, self._terms)
        if context.question == "place" and "location" not in entities:
            named = self._places.locate([spot for spot in self._places.spots(read_line(read)) if not spot.away])
            entities = {**entities, **({"location": named} if named else self._bare_place(read, at))}
        asks = question_like(read)
        roles = self.roles.scores(read, entities) if self.roles and context.question else {}
        if not any(char.isalnum() for char in read):
            return Understanding(text, "out_of_scope", 0.2, False, entities=entities, asks=asks, roles=roles)
        short = short_act(read)
        if short:
            return Understanding(text, short, 0.97, True, entities=entities, asks=asks, roles=roles)
        seen = self.read(text)
        guesses = self._guess(seen, context, asks)
        if says_right(read):
            guesses = [guess for guess in guesses if guess.act != "stop_news"] or guesses
        best = self._exact(seen, guesses[0]) or guesses[0]
        if seen.programmes and best.programme is None and best.act in ("ask_policy", "find_programme"):
            best = replace(best, programme=seen.programmes[0].ids[0])
        rest = tuple(g for g in guesses if (g.act, g.answer) != (best.act, best.answer))[: ALTERNATIVES - 1]
        if best.act == "abuse" and not insulting(read) and (entities or len(read.split()) <= SHORT):
            best = replace(best, confidence=min(best.confidence, DOUBTED))  # "vải", "khung thép", "thang sau"
        if best.act == "erase_my_data" and "product" in entities and not ERASES.search(fold(read)):
            best = replace(best, confidence=min(best.confidence, DOUBTED))  # "xưởng anh làm đũa gỗ bồ đề"
        confidence = round(best.confidence, 4)
        sure = confidence >= sure_from(best.act)
        return Understanding(text, best.act, confidence, sure, best.answer, best.programme, rest, entities, asks, roles)

    def _bare_place(self, read: str, at: datetime) -> dict[str, Any]:
        """The location when nothing but an everyday name is said where a place is asked: "Kháng Chiến", "Quốc Khánh"."""
        if len(read.split()) > LONGEST_PLACE or any(char.isdigit() for char in read):
            return {}
        for kind in ("xã", "phường"):
            found = read_entities(f"{kind} {read}", local(at).date(), self._places, self._terms)
            if (found.get("location") or {}).get("unit"):
                return {"location": found["location"]}
        return {}

    def scores(self, seen: Seen) -> tuple[np.ndarray[Any, Any], float]:
        """Per class its decision value, with the share of the words that were taught."""
        return self._score(seen)

    def weight(self, feature: str, at: int) -> float:
        """What one unit of a feature adds to the score of a class."""
        return self._score.weight(feature, at)

    def _guess(self, seen: Seen, context: Context, asks: bool) -> list[Guess]:
        guesses = self._ranked(seen, context)
        if context.programme and asks and not seen.programmes and guesses[0].confidence < RELIED:
            spoken_of = replace(seen, programmes=(Mention((context.programme,), 0, 0),))
            again = self._ranked(spoken_of, context)
            if again[0].confidence > guesses[0].confidence:
                return again
        return guesses

    def _ranked(self, seen: Seen, context: Context) -> list[Guess]:
        scores, known = self.scores(seen)
        order = np.argsort(-scores, kind="stable")[:ALTERNATIVES].tolist()
        share = np.exp(SPREAD * (scores - scores[order[0]]))
        rest = max(float(share.sum()) - 1.0, 1e-9)
        best = float(scores[order[0]])
        lead = best - float(scores[order[1]]) if len(order) > 1 else 1.0
        right = sureness(best, lead, known, self.weights.calibration)
        named = [id_ for mention in seen.programmes for id_ in mention.ids]
        return [
            self._guessed(
                self.classes[at],
                right if place == 0 else min((1 - right) * float(share[at]) / rest, right),
                named,
                context,
            )
            for place, at in enumerate(order)
        ]

    @staticmethod
    def _guessed(label: str, confidence: float, named: list[str], context: Context) -> Guess:
        if label.startswith("answer:"):
            return Guess("ask_policy", confidence, answer=label[7:])
        if label == "ask_programme":
            programme = named[0] if named else context.programme
            return Guess(label, confidence if programme else confidence / 2, programme=programme)
        return Guess(label, confidence)

    def _exact(self, seen: Seen, best: Guess) -> Guess | None:
        """What names decide: nothing but a term, nothing but a programme."""
        whole = len(seen.words)
        for mention in seen.terms:
            if mention.end - mention.start == whole:
                return Guess("ask_policy", 0.95, answer=mention.ids[0])
        for mention in seen.programmes:
            if mention.end - mention.start == whole:
                return Guess("ask_programme", 0.95 if len(mention.ids) == 1 else 0.6, programme=mention.ids[0])
        if best.act == "ask_policy" and best.confidence < RELIED and len(seen.programmes) == 1 and general(seen):
            mention = seen.programmes[0]
            return Guess("ask_programme", 0.6 if len(mention.ids) > 1 else RELIED, programme=mention.ids[0])
        if best.act == "ask_programme" and seen.programmes and len(seen.programmes[0].ids) > 1:
            return replace(best, confidence=min(best.confidence, 0.6))
        return None


def general(seen: Seen) -> bool:
    """Whether nothing is asked of the one programme that is named but what it is: "nd 80 hỗ trợ gì"."""
    mention = seen.programmes[0]
    others = (*seen.words[: mention.start], *seen.words[mention.end :])
    return all(word in GENERAL or word in POLITE_WORDS for word in others)


def learn(taught: Lesson) -> Weights:
    """Trains on a lesson."""
    about = taught.about()
    read = Reader(about)
    said, texts = (sorted(part, key=lambda row: (row[1], row[0])) for part in (taught.rows, taught.texts))
    rows = [(read(text), label) for text, label in (*said, *texts)]  # a class together: its columns are read in one go
    return train(rows, about, said=len(taught.rows))


def prepare(
    taught: Lesson, places: Places, terms: Terms, folder: Path, roles: Roles | None = None
) -> tuple[Model, bool]:
    """The model of this lesson, from the cache in `folder` when it fits; tells whether it had to be trained."""
    file = folder / f"{taught.digest}.npz"
    held = files.read(file)
    if held is not None and held.about.get("digest") == taught.digest:
        return Model(held, places, terms, roles), False
    files.write(file, learn(taught))
    made = files.read(file)
    assert made is not None, f"{file} was written a moment ago"
    return Model(made, places, terms, roles), True
