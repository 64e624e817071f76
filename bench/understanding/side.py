"""One contender in a process of its own: reads a job, trains, answers, writes figures; needs only what it measures."""

import json
import os
import pickle
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

Reader = Callable[[str], str]


def ours(job: dict[str, Any]) -> tuple[Reader, int]:
    """Our model; `plain` leaves out every list of words that the product ships."""
    import numpy as np

    from nlu.calibrate import sureness
    from nlu.features import features
    from nlu.normalise import vocabulary
    from nlu.reading import Reader as Sight
    from nlu.recall import add_likest
    from nlu.train import train
    from nlu.weights import pack

    texts = [text for text, _ in job["train"]]
    lexicon = {"teencode": {}, "concepts": {}} if job["variant"] == "plain" else job["lexicon"]
    about = {
        "programmes": [],
        "glossary": [],
        **lexicon,
        "vocabulary": list(vocabulary([*texts, *lexicon["concepts"].values()])),
    }
    sight = Sight(about)
    weights = train([(sight(text), label) for text, label in job["train"]], about)
    row = {name: at for at, name in enumerate(weights.names)}

    offsets = np.array(weights.offsets, dtype=np.float32)

    def read(text: str) -> str:
        found = [(row[name], value) for name, value in features(sight(text)).items() if name in row]
        at = np.array([place for place, _ in found], dtype=np.intp)
        values = np.array([value for _, value in found], dtype=np.float32)
        scores = (values * weights.scales[at]) @ weights.codes[at].astype(np.float32) + offsets
        scores = add_likest(scores, at, values, len(weights.names), weights.phrasings)
        best, next_ = np.sort(scores)[:-3:-1].tolist()
        sureness(best, best - next_, 1.0, weights.calibration)  # the product computes it too
        return weights.classes[int(scores.argmax())]

    return read, len(pack(weights))


def linear(job: dict[str, Any]) -> tuple[Reader, int]:
    """Words with parts of words, then a linear classifier of scikit-learn."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    def strip(text: str) -> str:
        import unicodedata

        parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
        return "".join(char for char in parts if unicodedata.category(char) != "Mn")

    texts, labels = [text for text, _ in job["train"]], [label for _, label in job["train"]]
    kind, _, folded = job["variant"].partition("+")
    both = make_union(
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True),
    )
    last = LinearSVC(class_weight="balanced") if kind == "svc" else LogisticRegression(C=30, max_iter=400)
    model = make_pipeline(both, last)
    prepare = strip if folded else str.lower
    model.fit([prepare(text) for text in texts], labels)
    return lambda text: str(model.predict([prepare(text)])[0]), len(pickle.dumps(model))


def rasa(job: dict[str, Any]) -> tuple[Reader, int]:
    """Rasa's DIET in its usual pipeline, trained through Rasa's own interface."""
    import asyncio

    import yaml
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    folder = tempfile.mkdtemp(prefix="bench-rasa-")
    os.chdir(folder)  # its cache too
    names = {label: f"i{at}" for at, label in enumerate(sorted({label for _, label in job["train"]}))}
    back = {name: label for label, name in names.items()}
    said: dict[str, list[str]] = {}
    for text, label in job["train"]:
        said.setdefault(names[label], []).append(text.replace("[", " ").replace("]", " ").replace("\n", " "))
    nlu = [{"intent": name, "examples": "".join(f"- {text}\n" for text in texts)} for name, texts in said.items()]
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": job["epochs"], "constrain_similarities": True, "random_seed": 42,
         "entity_recognition": False},
    ]  # fmt: skip
    config = {"recipe": "default.v1", "language": "vi", "assistant_id": "bench", "pipeline": pipeline}
    for name, held in (("nlu.yml", {"version": "3.1", "nlu": nlu}), ("config.yml", config)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            yaml.safe_dump(held, out, allow_unicode=True, sort_keys=False)
    made = train_nlu(os.path.join(folder, "config.yml"), os.path.join(folder, "nlu.yml"), folder)
    agent = Agent.load(made)
    loop = asyncio.new_event_loop()

    def read(text: str) -> str:
        return back.get(loop.run_until_complete(agent.parse_message(text))["intent"]["name"] or "", "")

    return read, os.path.getsize(str(made))


def main() -> None:
    """side.py KIND JOB RESULT"""
    kind, source, target = sys.argv[1:4]
    with open(source, encoding="utf-8") as file:
        job = json.load(file)
    began, used = time.perf_counter(), time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    read, size = {"ours": ours, "linear": linear, "rasa": rasa}[kind](job)
    spent = time.process_time() - used + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - children
    figures: dict[str, Any] = {"train_cpu_s": spent, "train_wall_s": time.perf_counter() - began, "model_bytes": size}
    figures["train_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took: list[float] = []
    said: dict[str, list[str]] = {}
    for style, texts in job["test"].items():
        for text in texts:
            start = time.perf_counter()
            said.setdefault(style, []).append(read(text))
            took.append(1000 * (time.perf_counter() - start))
    took.sort()
    figures["p50_ms"], figures["p99_ms"] = took[len(took) // 2], took[int(len(took) * 0.99)]
    with open("/proc/self/status", encoding="ascii") as file:
        figures["rss_mb"] = next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))
    with open(target, "w", encoding="utf-8") as out:
        json.dump({**figures, "said": said}, out, ensure_ascii=False)


if __name__ == "__main__":
    main()
