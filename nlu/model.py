"""The embedded understanding: acts, answers, programmes, entities of one message."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from domain.text import clean, fold, plain
from domain.worktime import local
from nlu import weights as files
from nlu.aliases import Aliases, Mention
from nlu.calibrate import chance, signals
from nlu.entities import read_entities
from nlu.features import features
from nlu.lesson import PLACEHOLDER, Lesson
from nlu.lesson import lesson as lesson
from nlu.normalise import Normaliser, question_like
from nlu.places import Places
from nlu.shortwords import POLITE_WORDS, short_act
from nlu.terms import Terms
from nlu.train import train
from nlu.understanding import Context, Guess, Understanding
from nlu.weights import Weights

RELATED = 0.3  # what naming a programme adds to the answers about it
DETAIL = -0.8  # a question with more than the name goes to an answer about it that scores above this
ALTERNATIVES = 5
SPREAD = 3.0  # how fast the share of an alternative falls with its score
WRONG = 10.0  # clarifications that one wrong reading costs
WEIGHTY = {"erase_my_data": 12.0, "abuse": 12.0}  # acts whose wrong reading costs more
LIGHT = 0.62
GLOSS = ("la gi", "nghia la", "la sao", "la cai gi", "co nghia", "giai thich", "hieu the nao")
GENERAL = set(
    "cho hoi ve la gi gioi thieu giup tim hieu noi ro hon quy dinh ho tro nhung cai nay kia do the nao duoc co khong ko "
    "dc muon toi minh biet xin nghe thong tin chuong trinh nghi thong tu quyet so theo cua va".split()
)


def sure_from(act: str) -> float:
    """The least probability of being right at which acting costs less than asking back."""
    return 1.0 - 1.0 / WEIGHTY.get(act, WRONG)


class Model:
    """A trained model; safe to share between threads (it never changes)."""

    def __init__(self, weights: Weights, places: Places, terms: Terms) -> None:
        about = weights.about
        self.digest: str = about["digest"]
        self.weights = weights
        self.classes = weights.classes
        self._row = {name: at for at, name in enumerate(weights.names)}
        self._normalise = Normaliser(about["teencode"], about["vocabulary"])
        self._programmes = Aliases((id_, names, number) for id_, names, number in about["programmes"])
        self._glossary = Aliases((id_, names, None) for id_, names in about["glossary"])
        self._places, self._terms = places, terms
        self._answers = np.array([label.startswith("answer:") for label in weights.classes])
        place = {label: at for at, label in enumerate(weights.classes)}
        self._related = {
            programme: [place[f"answer:{id_}"] for id_ in ids if f"answer:{id_}" in place]
            for programme, ids in about["related"].items()
        }

    def understand(self, text: str, context: Context, at: datetime) -> Understanding:
        """Reads one message at the instant `at`; never raises on any text."""
        read = clean(text)
        entities = read_entities(read, local(at).date(), self._places, self._terms)
        asks = question_like(read)
        if not any(char.isalnum() for char in read):
            return Understanding(text, "out_of_scope", 0.2, False, entities=entities, asks=asks)
        short = short_act(read)
        if short:
            return Understanding(text, short, 0.97, True, entities=entities, asks=asks)
        mentions = self._programmes.find(read)
        guesses = self._guess(read, mentions, context)
        best = self._exact(read, mentions, guesses, asks) or guesses[0]
        if mentions and best.programme is None and best.act in ("ask_policy", "find_programme"):
            best = replace(best, programme=mentions[0].ids[0])
        rest = tuple(g for g in guesses if (g.act, g.answer) != (best.act, best.answer))[: ALTERNATIVES - 1]
        confidence = round(best.confidence, 4)
        sure = confidence >= sure_from(best.act)
        return Understanding(text, best.act, confidence, sure, best.answer, best.programme, rest, entities, asks)

    def scores(self, words: list[str]) -> tuple[np.ndarray[Any, Any], float]:
        """Per class its decision value, with the share of the words that were taught."""
        rows, values, known, seen = [], [], 0, 0
        for name, value in features(words).items():
            at = self._row.get(name)
            if name[0] == "w":
                seen, known = seen + 1, known + (at is not None)
            if at is not None:
                rows.append(at)
                values.append(value)
        strength = np.array(values, dtype=np.float32) * self.weights.scales[rows]
        return strength @ self.weights.codes[rows].astype(np.float32), known / seen if seen else 0.0

    def words(self, text: str) -> list[str]:
        """The words that the model sees of a text."""
        return self._normalise(text)

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

    def _guess(self, read: str, mentions: list[Mention], context: Context) -> list[Guess]:
        scores, known = self.scores(self.words(read))
        if mentions:  # acts are read with the name hidden; answers with the name, those about that programme first
            hidden, _ = self.scores(self.words(self._masked(read, mentions)))
            scores = np.where(self._answers, scores, hidden)
            about = [at for id_ in mentions[0].ids for at in self._related.get(id_, ())]
            raised = np.where(self._answers, scores, -9.0)
            raised[about] += RELATED
            best = int(raised.argmax())
            if best in about and scores[best] > DETAIL and self._detailed(read, mentions):
                scores[best] = max(float(scores.max()) + 0.05, float(raised[best]))
        order = np.argsort(-scores, kind="stable")[:ALTERNATIVES]
        right = float(chance(signals(scores[None, :], [known]), self.weights.calibration)[0])
        share = np.exp(SPREAD * (scores[order] - scores[order[0]]))
        share[1:] *= (1 - right) / max(float(np.exp(SPREAD * (scores - scores[order[0]])).sum()) - 1.0, 1e-9)
        named = [id_ for mention in mentions for id_ in mention.ids]
        return [
            self._guessed(self.classes[at], right if place == 0 else min(float(share[place]), right), named, context)
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

    def _exact(self, read: str, mentions: list[Mention], guesses: list[Guess], asks: bool) -> Guess | None:
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


def taught_rows(taught: Lesson) -> Iterable[tuple[list[str], str]]:
    """The lesson's rows as the model sees them."""
    about = taught.about()
    normalise = Normaliser(about["teencode"], about["vocabulary"])
    return [(normalise(text), label) for text, label in taught.rows]


def learn(taught: Lesson) -> Weights:
    """Trains on a lesson."""
    return train(list(taught_rows(taught)), taught.about())


def prepare(taught: Lesson, places: Places, terms: Terms, folder: Path) -> tuple[Model, bool]:
    """The model of this lesson, from the cache in `folder` when it fits; tells whether it had to be trained."""
    file = folder / f"{taught.digest}.npz"
    held = files.read(file)
    if held is not None and held.about.get("digest") == taught.digest:
        return Model(held, places, terms), False
    files.write(file, learn(taught))
    made = files.read(file)
    assert made is not None, f"{file} was written a moment ago"
    return Model(made, places, terms), True
