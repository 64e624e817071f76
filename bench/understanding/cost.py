"""What reading one message costs a process that does nothing else: processor time with entities, memory."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import yaml

from nlu import weights as files
from nlu.current import pointed_to
from nlu.evaluate import read_cases
from nlu.model import Model
from nlu.places import Places
from nlu.terms import Terms
from nlu.understanding import Context

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
HOME = Path(__file__).resolve().parents[2]
KNOWLEDGE = HOME / "knowledge"
ROUNDS = 5
SETTINGS = (
    "from config.settings import read_settings; print(read_settings().data_dir)"  # asked elsewhere: no part of reading
)
BARE = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS')))"


def resident() -> float:
    """Memory of this process in MB."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def _yaml(name: str) -> dict[str, object]:
    held: dict[str, object] = yaml.load((KNOWLEDGE / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return held


def opened() -> Model:
    """The trained model with the word lists of the entities, nothing else; needs `nhipcau train` before."""
    asked = subprocess.run([sys.executable, "-c", SETTINGS], capture_output=True, text=True, check=True, cwd=HOME)
    folder = Path(asked.stdout.strip()) / "model"
    digest = pointed_to(folder)
    held = files.read(folder / f"{digest}.npz")
    if held is None:
        raise SystemExit("no trained model: run 'nhipcau train' first")
    places = Places(_yaml("places/lang_son.yaml"), _yaml("places/provinces.yaml"))
    return Model(held, places, Terms(_yaml("lexicon/terms.yaml"), _yaml("lexicon/teencode.yaml")))


def main() -> None:
    """python -m bench.understanding.cost: memory first, then the time of every held-out message, read once to warm up."""
    model = opened()
    texts = [case.text for case in read_cases(Path(HOME / "tests" / "golden")).rows]
    for text in texts:
        model.understand(text, Context(), AT)
    used = resident()
    bare = int(subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True).stdout) / 1024
    rounds = []
    for _ in range(ROUNDS):
        took = []
        for text in texts:
            began = time.process_time_ns()
            model.understand(text, Context(), AT)
            took.append((time.process_time_ns() - began) / 1e6)
        rounds.append(took)
    least = [min(times) for times in zip(*rounds, strict=True)]  # other work on the machine only ever adds
    print(f"memory: {used:.0f} MB, {used - bare:.0f} MB beyond the bare interpreter")
    for name, times in (("as it came", rounds[0]), (f"least of {ROUNDS} rounds", least)):
        ordered = sorted(times)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(f"one of {len(texts)} messages, processor time, {name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


if __name__ == "__main__":
    main()
