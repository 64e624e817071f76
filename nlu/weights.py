"""What training gives, kept in one file that is safe to load: numbers and JSON, never code."""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.recall import Phrasings

FORMAT = 7  # of the file; another format is not read


@dataclass(frozen=True)
class Weights:
    """A linear model: `codes[feature, class] * scales[feature]` is a weight, `offsets[class]` is added; the taught phrasings
    beside it; `about` is the rest."""

    names: tuple[str, ...]
    classes: tuple[str, ...]
    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    offsets: tuple[float, ...]
    calibration: tuple[float, ...]
    phrasings: Phrasings
    about: Mapping[str, Any]


def rounded(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix as whole numbers of one byte with a scale for each row."""
    scales = np.maximum(np.abs(matrix).max(axis=1, initial=0.0), 1e-9).astype(np.float32) / np.float32(127)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales


def pack(weights: Weights) -> bytes:
    """The file's content, the same for the same weights."""
    head = {
        "format": FORMAT,
        "names": weights.names,
        "classes": weights.classes,
        "offsets": weights.offsets,
        "calibration": weights.calibration,
        "about": weights.about,
    }
    held = io.BytesIO()
    text = json.dumps(head, ensure_ascii=False, sort_keys=True).encode()
    head_bytes = np.frombuffer(text, dtype=np.uint8)
    np.savez_compressed(held, head=head_bytes, codes=weights.codes, scales=weights.scales, **vars(weights.phrasings))
    return held.getvalue()


def fingerprint(weights: Weights) -> str:
    """The SHA-256 of everything that decides how the model reads."""
    total = hashlib.sha256()
    for part in (weights.names, weights.classes, weights.offsets, weights.calibration, weights.about):
        total.update(json.dumps(part, ensure_ascii=False, sort_keys=True).encode())
    total.update(weights.codes.tobytes())
    total.update(weights.scales.tobytes())
    for held in vars(weights.phrasings).values():
        total.update(held.tobytes())
    return total.hexdigest()


def write(file: Path, weights: Weights) -> None:
    """Keeps the weights in a file."""
    put_in_place(file, pack(weights))


def put_in_place(file: Path, content: bytes) -> None:
    """Writes a file in one step: a reader sees the old or the new one, never a part."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(file: Path) -> Weights | None:
    """The weights of a file; None when it is missing, damaged or of another format."""
    try:
        with np.load(file, allow_pickle=False) as held:
            head = json.loads(held["head"].tobytes())
            codes, scales = held["codes"], held["scales"]
            phrasings = Phrasings(*(held[name] for name in Phrasings.__dataclass_fields__))
    except (OSError, ValueError, KeyError, EOFError, TypeError):
        return None
    except Exception as error:  # zipfile's own kinds of damage
        if type(error).__module__ != "zipfile" and type(error).__module__ != "zlib":
            raise
        return None
    shape = (len(head.get("names", ())), len(head.get("classes", ())))
    if head.get("format") != FORMAT or codes.dtype != np.int8 or codes.shape != shape or scales.shape != shape[:1]:
        return None
    if not phrasings.fits(*shape):
        return None
    return Weights(
        tuple(head["names"]),
        tuple(head["classes"]),
        codes,
        scales.astype(np.float32),
        tuple(float(value) for value in head["offsets"]),
        tuple(float(value) for value in head["calibration"]),
        phrasings,
        head["about"],
    )
