"""Files that people sent, each kept once under the hash of its content."""

import contextlib
import hashlib
import os
import secrets
import time
from pathlib import Path

STALE = 2 * 86400.0  # seconds


class FileStore:
    """A folder with one file per content: `<aa>/<sha256>`; `incoming/` holds what is on its way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"

    def path(self, sha256: str) -> Path:
        """Where the content with this hash stands."""
        return self.folder / sha256[:2] / sha256

    def receive(self, content: bytes) -> str:
        """Puts content down durably until it is kept or dropped; a name for it."""
        name = secrets.token_hex(16)
        self._write(self.incoming / name, content)
        return name

    def received(self, name: str) -> bytes | None:
        """What was put down under this name; None when it is gone."""
        if not name.isalnum():
            return None
        with contextlib.suppress(FileNotFoundError):
            return (self.incoming / name).read_bytes()
        return None

    def keep(self, name: str, content: bytes) -> None:
        """Moves what was received into its place; a file with the same content is replaced by its like."""
        place = self.path(hash_of(content))
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.incoming / name, place)

    def drop(self, name: str) -> None:
        """Forgets what was received."""
        if name.isalnum():
            (self.incoming / name).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Drops what has been on its way for more than two days."""
        old = time.time() - STALE
        for file in self.incoming.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < old:
                    file.unlink()

    def remove(self, sha256: str) -> None:
        """Destroys a kept file."""
        self.path(sha256).unlink(missing_ok=True)

    def _write(self, place: Path, content: bytes) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "wb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def hash_of(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal figures."""
    return hashlib.sha256(content).hexdigest()
