"""Each how-to page does what it says, on a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import HOME

PAGES = sorted((HOME / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+)| (check))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COSTS = {  # page: new files, edited files, at most; a page that is not named here adds nothing
    "add-a-channel": (2, 2),
    "add-a-flow": (3, 1),
    "add-a-programme": (1, 0),
    "add-an-answer": (2, 0),
}
ROOMS = (
    "bot",
    "console",
    "handlers",
    "nlu",
    "matching",
    "storage",
    "conversation",
    "domain",
    "knowledge",
    "config",
    "tests",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project without its environment and data."""
    for room in ROOMS:
        shutil.copytree(HOME / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "var").mkdir()
    shutil.copytree(HOME / "var" / "model", tmp_path / "var" / "model", dirs_exist_ok=True)
    shutil.copy(HOME / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_page(page: Path, copy: Path) -> None:
    checks, new, edited = 0, set(), set()
    for kind, file, check, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "replace":
            old, _, instead = body.partition("---\n")
            target = copy / file
            text = target.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{page.name}: not once in {file}: {old}"
            target.write_text(text.replace(old, instead), encoding="utf-8")
            edited.add(file)
        elif file:
            target = copy / file
            assert not target.exists(), f"{page.name}: {file} is there already"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body, encoding="utf-8")
            new.add(file)
        elif check:
            checks += 1
            _run(body, copy, page.name)
    assert checks or page.stem == "operate", f"{page.name} checks nothing"
    most_new, most_edited = COSTS.get(page.stem, (0, 0))
    assert len(new) <= most_new and len(edited) <= most_edited, f"{page.name}: {sorted(new)}, {sorted(edited)}"


def _run(body: str, copy: Path, name: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(copy), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-euc", body], cwd=copy, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name}:\n{done.stdout}\n{done.stderr}"
