"""Tells why a message is read as it is."""

from typing import Any

from nlu.features import features
from nlu.lesson import Lesson
from nlu.model import Model
from nlu.reading import Seen

SHOWN = {
    "w": "word",
    "W": "word with its marks",
    "c": "part of a word",
    "b": "neighbours",
    "n": "number",
    "p": "programme",
    "g": "term",
    "k": "idea",
    "K": "pair of ideas",
    "q": "word beside an idea",
    "m": "manner",
    "^": "beginning",
    "$": "end",
    "l": "length",
}


def explain(model: Model, taught: Lesson, text: str, most: int = 8) -> dict[str, Any]:
    """The words as read, the features that speak for the best class and against the next, the nearest phrasings."""
    seen = model.read(text)
    scores, known = model.scores(seen)
    order = scores.argsort(kind="stable")[::-1][:3]
    best, next_ = (int(order[0]), int(order[1])) if len(order) > 1 else (int(order[0]), int(order[0]))
    weighed = [
        {"feature": name[1:], "kind": SHOWN.get(name[0], name[0]), "for": round(value * gain, 4)}
        for name, value in features(seen).items()
        if (gain := model.weight(name, best) - model.weight(name, next_))
    ]
    weighed.sort(key=lambda row: (-float(str(row["for"])), str(row["feature"])))
    return {
        "words": list(seen.words),
        "known": round(known, 3),
        "scores": [{"class": model.classes[at], "score": round(float(scores[at]), 4)} for at in order],
        "for": weighed[:most],
        "against": [row for row in weighed[::-1] if float(str(row["for"])) < 0][:most],
        "near": nearest(model, taught, seen),
    }


def nearest(model: Model, taught: Lesson, seen: Seen, most: int = 5) -> list[dict[str, Any]]:
    """The taught phrasings most like a message, with how alike they are (1 is the same)."""
    own = features(seen)
    found = []
    for text, label in taught.rows:
        other = features(model.read(text))
        alike = sum(value * other.get(name, 0.0) for name, value in own.items())
        found.append((alike, text, label))
    found.sort(key=lambda row: (-row[0], row[1]))
    return [{"text": text, "class": label, "alike": round(alike, 3)} for alike, text, label in found[:most]]
