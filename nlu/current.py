"""The model in use, exchanged for a newer one without a restart."""

from datetime import datetime
from pathlib import Path

from nlu import weights as files
from nlu.lesson import VERSION
from nlu.model import Model
from nlu.places import Places
from nlu.terms import Terms
from nlu.understanding import Context, Understanding

POINTER = "current"  # the file that names the model in use


class Current:
    """A mind that reads with the newest model of a folder; a reading in progress keeps the model it began with."""

    def __init__(self, model: Model, folder: Path, places: Places, terms: Terms) -> None:
        self.model = model
        self._folder, self._places, self._terms = folder, places, terms

    def understand(self, text: str, context: Context, at: datetime) -> Understanding:
        """Reads one message at the instant `at`."""
        return self.model.understand(text, context, at)

    def refresh(self) -> bool:
        """Takes up the model that the folder points to; True when it is another one. A damaged file, or one of another way
        of learning (from before an upgrade), changes nothing."""
        digest = pointed_to(self._folder)
        if digest is None or digest == self.model.digest:
            return False
        weights = files.read(self._folder / f"{digest}.npz")
        if weights is None or weights.about.get("digest") != digest or weights.about.get("version") != VERSION:
            return False
        self.model = Model(weights, self._places, self._terms, self.model.roles)
        return True


def pointed_to(folder: Path) -> str | None:
    """The digest that the pointer names; None without one."""
    try:
        said = (folder / POINTER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return said if said.isalnum() and len(said) == 24 else None


def point_to(folder: Path, digest: str) -> None:
    """Makes a model the one in use."""
    files.put_in_place(folder / POINTER, digest.encode() + b"\n")
