"""Other ways to rank offers for a need: BM25 on words as written or folded, SQLite FTS5, PostgreSQL full text."""

import re
import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import log
from typing import Any

import numpy as np

from domain.offer import Offer
from domain.text import fold, nfc

K1, B = 1.2, 0.75
WORD = re.compile(r"[^\W_]+")
Search = Callable[[str, int], list[str]]


def document(offer: Offer) -> tuple[str, str]:
    """(title with terms, summary): what all rivals read."""
    return f"{offer.title} {' '.join(offer.products)} {' '.join(offer.processes)}", offer.summary


def as_written(text: str) -> list[str]:
    """Lower-case words."""
    return WORD.findall(nfc(text).lower())


def folded(text: str) -> list[str]:
    """Lower-case words without diacritics."""
    return WORD.findall(fold(text))


class Bm25:
    """BM25 over an inverted index in numpy."""

    def __init__(self, offers: Sequence[Offer], words: Callable[[str], list[str]]) -> None:
        self._words = words
        self._ids = np.array([offer.id for offer in offers])
        places: dict[str, tuple[array[int], array[int]]] = {}
        lengths = np.zeros(len(offers), dtype=np.float32)
        for row, offer in enumerate(offers):
            counted = Counter(words(" ".join(document(offer))))
            lengths[row] = counted.total()
            for word, count in counted.items():
                rows, counts = places.setdefault(word, (array("i"), array("i")))
                rows.append(row)
                counts.append(count)
        self._places = places
        self._norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1e-9))

    def __call__(self, text: str, limit: int) -> list[str]:
        """The ids of the best offers for a text."""
        scores = np.zeros(len(self._ids), dtype=np.float32)
        for word in set(self._words(text)):
            found = self._places.get(word)
            if found is None:
                continue
            rows, counts = np.frombuffer(found[0], dtype=np.int32), np.frombuffer(found[1], dtype=np.int32)
            weight = log(1 + (len(self._ids) - len(rows) + 0.5) / (len(rows) + 0.5))
            scores[rows] += weight * counts * (K1 + 1) / (counts + self._norm[rows])
        best = np.argsort(-scores, kind="stable")[:limit]
        return [str(self._ids[at]) for at in best if scores[at] > 0]


class Fts5:
    """SQLite FTS5 with unicode61 remove_diacritics 2, all words of the need joined by OR, its own bm25()."""

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """`rows` are (id, head, body)."""
        self._db = sqlite3.connect(":memory:")
        self._db.execute(
            "CREATE VIRTUAL TABLE f USING fts5(id UNINDEXED, head, body, tokenize='unicode61 remove_diacritics 2')"
        )
        self._db.executemany("INSERT INTO f VALUES (?, ?, ?)", rows)

    def __call__(self, text: str, limit: int) -> list[str]:
        """The ids of the best rows for a text."""
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(as_written(text)))
        if not words:
            return []
        query = "SELECT id FROM f WHERE f MATCH ? ORDER BY bm25(f, 0, 2.0, 1.0) LIMIT ?"
        return [row[0] for row in self._db.execute(query, (words, limit))]


MARKED = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"


class PostgresText:
    """PostgreSQL full text ("simple") over unaccented words, all joined by OR, ts_rank; unaccent or what does the same."""

    def __init__(self, uri: str, offers: Iterable[Offer]) -> None:
        import psycopg

        self._db: Any = psycopg.connect(uri, autocommit=True)
        self._db.execute("DROP TABLE IF EXISTS rival")
        try:
            self._db.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
            self._fold = "unaccent(lower({}))"
        except psycopg.Error:
            self._fold = f"translate(lower({{}}), '{MARKED}', '{fold(MARKED)}')"
        self._db.execute("CREATE TABLE rival (id text, words tsvector)")
        line = f"to_tsvector('simple', {self._fold.format('%s')})"
        with self._db.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO rival VALUES (%s, setweight({line}, 'A') || setweight({line}, 'C'))",
                [(o.id, *document(o)) for o in offers],
            )
        self._db.execute("CREATE INDEX ON rival USING gin (words)")
        self._db.execute("ANALYZE rival")

    def __call__(self, text: str, limit: int) -> list[str]:
        """The ids of the best offers for a text."""
        words = " | ".join(dict.fromkeys(folded(text)))
        if not words:
            return []
        query = "SELECT id FROM rival, to_tsquery('simple', %s) AS q WHERE words @@ q ORDER BY ts_rank(words, q) DESC, id LIMIT %s"
        return [row[0] for row in self._db.execute(query, (words, limit)).fetchall()]

    def close(self) -> None:
        """Drops what was made."""
        self._db.execute("DROP TABLE IF EXISTS rival")
        self._db.close()
