"""Style, types, import rules, lock files and shipped knowledge in one go."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
STEPS = (
    ("style", ("ruff", "check", "-q", ".")),
    ("layout", ("ruff", "format", "-q", "--check", ".")),
    ("types", ("mypy", "--no-error-summary")),
    ("imports", ("lint-imports", "--no-logo")),
)


def main() -> int:
    """Runs every check; 1 when one fails."""
    failed = []
    for name, command in STEPS:
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr)
    if any("://" in (ROOT / lock).read_text(encoding="utf-8") for lock in ("lock.txt", "lock-test.txt")):
        failed.append("an address stands in a lock file")
        print("FAIL lock files: an address stands in them")
    from knowledge.files import BadKnowledge
    from knowledge.library import load
    from knowledge.stories import load_stories

    try:
        library = load()
        told = sum(map(len, load_stories().values()))
        print(f"ok   knowledge: {len(library.answers)} answers, {len(library.programmes)} programmes, {told} tellings")
    except BadKnowledge as error:
        failed.append("knowledge")
        print(f"FAIL knowledge: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
