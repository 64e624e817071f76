"""Rasa's forms of what we teach and what we understand: training files both ways, the reply of /model/parse both ways."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from nlu.lesson import Lesson
from nlu.understanding import Guess, Understanding

VERSION = "3.1"
ANSWER = "ask_policy."  # an answer's intent: ask_policy.faq-031
ACTS = frozenset(
    "greet help declare_need continue_need correct cancel ask_need_status find_programme ask_policy ask_programme see_offers "
    "offer_technology list_events register_event cancel_registration stop_news resume_news talk_to_officer see_my_data "
    "erase_my_data check_message give_feedback affirm deny dont_know thank abuse out_of_scope".split()
)
MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")  # [words](entity) or [words]{"entity": …}
SPECIAL = re.compile(r"[\[\]{}()]")
CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "nhip-cau",
    "language": "vi",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True, "random_seed": 42},
        {"name": "FallbackClassifier", "threshold": 0.4, "ambiguity_threshold": 0.05},
    ],
    "policies": [{"name": "RulePolicy"}],
}


class BadRasa(Exception):
    """Files or a reply that are not Rasa's; the message says what is wrong."""


def intent_of(label: str) -> str:
    """A class of ours as the name of an intent."""
    return ANSWER + label[7:] if label.startswith("answer:") else label


def label_of(intent: str) -> str | None:
    """The class that an intent names; None when it is none of ours. "/" also parts the answer's id."""
    name = intent.replace("/", ".", 1)
    if name.startswith(ANSWER) and len(name) > len(ANSWER):
        return f"answer:{name[len(ANSWER) :]}"
    return name if name in ACTS else None


def export(taught: Lesson, folder: Path) -> dict[str, int]:
    """Writes nlu.yml, domain.yml and config.yml; how many intents and examples."""
    said: dict[str, list[str]] = {}
    for text, label in taught.rows:
        said.setdefault(intent_of(label), []).append(SPECIAL.sub(" ", " ".join(text.split())))
    nlu = [{"intent": intent, "examples": _Block(_listed(texts))} for intent, texts in sorted(said.items())]
    domain = {
        "version": VERSION,
        "intents": sorted(said),
        "responses": {"utter_default": [{"text": "Em chưa hiểu ý này, anh/chị nói rõ hơn giúp em nhé?"}]},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, held in (("nlu.yml", {"version": VERSION, "nlu": nlu}), ("domain.yml", domain), ("config.yml", CONFIG)):
        text = yaml.dump(held, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
        (folder / name).write_text(text, encoding="utf-8")
    return {"intents": len(said), "examples": sum(map(len, said.values()))}


class _Block(str):
    """Text that is written as a block of lines."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)


def _listed(texts: Iterable[str]) -> str:
    return "".join(f"- {text}\n" for text in texts if text.strip())


def read_folder(folder: Path) -> dict[str, list[str]]:
    """Examples by intent of every YAML file below a folder that holds `nlu:`; raises BadRasa."""
    found: dict[str, list[str]] = {}
    files = sorted((*folder.rglob("*.yml"), *folder.rglob("*.yaml"))) if folder.is_dir() else []
    for file in files:
        try:
            held = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BadRasa(f"{file.name}: not readable: {error}") from error
        blocks = held.get("nlu") if isinstance(held, Mapping) else None
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, Mapping) and isinstance(block.get("intent"), str):
                found.setdefault(block["intent"], []).extend(_examples(block.get("examples"), file.name))
    if not found:
        raise BadRasa(f"{folder}: no training examples (nlu: - intent: …) in any .yml file")
    return found


def _examples(held: Any, where: str) -> list[str]:
    if isinstance(held, str):
        lines = [line.strip()[1:].strip() for line in held.splitlines() if line.strip().startswith("-")]
    elif isinstance(held, list):
        lines = [str(row.get("text", "")) if isinstance(row, Mapping) else str(row) for row in held]
    else:
        raise BadRasa(f"{where}: examples must be a block of lines that begin with -")
    return [text for line in lines if (text := MARKED.sub(r"\1", line).strip())]


def as_parse(said: Understanding) -> dict[str, Any]:
    """An understanding in the shape of Rasa's /model/parse, with our own record beside it."""
    named = [_named(guess) for guess in said.readings]
    entities = [
        {"entity": name, "value": value, "start": 0, "end": len(said.text), "extractor": "nhipcau"}
        for name, value in said.entities.items()
    ]
    if said.programme:
        whole = {
            "entity": "programme",
            "value": said.programme,
            "start": 0,
            "end": len(said.text),
            "extractor": "nhipcau",
        }
        entities.append(whole)
    return {
        "text": said.text,
        "intent": named[0],
        "entities": entities,
        "intent_ranking": named,
        "response_selector": {},
        "understanding": said.as_json(),
    }


def _named(guess: Guess) -> dict[str, Any]:
    return {
        "name": intent_of(f"answer:{guess.answer}" if guess.answer else guess.act),
        "confidence": round(guess.confidence, 6),
    }


def from_parse(held: Any) -> list[Guess]:
    """The readings in a reply of /model/parse, best first; raises BadRasa when it is no such reply."""
    if not isinstance(held, Mapping) or not isinstance(held.get("intent"), Mapping):
        raise BadRasa("the reply has no intent")
    programme = next(
        (str(e["value"]) for e in _rows(held.get("entities")) if e.get("entity") == "programme" and e.get("value")),
        None,
    )
    ranked = [
        held["intent"],
        *(row for row in _rows(held.get("intent_ranking")) if row.get("name") != held["intent"].get("name")),
    ]
    found = []
    for row in ranked:
        try:
            confidence = min(1.0, max(0.0, float(row.get("confidence") or 0.0)))
        except (TypeError, ValueError) as error:
            raise BadRasa("a confidence is no number") from error
        guess = _guess(str(row.get("name") or ""), confidence, programme)
        if guess is not None:
            found.append(guess)
        elif row is held["intent"]:
            found.append(Guess("out_of_scope", 0.0))  # nlu_fallback and intents that are none of ours
    return found


def _rows(held: Any) -> list[Mapping[str, Any]]:
    return [row for row in held if isinstance(row, Mapping)] if isinstance(held, list) else []


def _guess(intent: str, confidence: float, programme: str | None) -> Guess | None:
    label = label_of(intent)
    if label is None:
        return None
    if label.startswith("answer:"):
        return Guess("ask_policy", confidence, answer=label[7:], programme=programme)
    return Guess(label, confidence, programme=programme if label == "ask_programme" else None)
