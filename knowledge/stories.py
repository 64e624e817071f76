"""Tellings of troubles and wishes, each under the step that they call for without naming it."""

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from knowledge.files import ROOT, BadKnowledge, read_one

NOTHING = "khác"  # the step of what is told around a need and calls for no technology
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class StoryFile(BaseModel):
    """One step as the vocabulary of technology calls it (or NOTHING), with sentences written with marks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Said
    step: Said
    tellings: tuple[Said, ...]


@cache
def load_stories() -> dict[str, tuple[str, ...]]:
    """Step to its tellings; raises BadKnowledge with file and line."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted((ROOT / "stories").glob("*.yaml")):
        record = read_one(StoryFile, file)
        if record.id != file.stem:
            raise BadKnowledge(f"{file.name}:1: the file must be named after its id {record.id}")
        if record.step in found:
            raise BadKnowledge(f"{file.name}:2: {record.step} stands in two files")
        found[record.step] = record.tellings
    return found
