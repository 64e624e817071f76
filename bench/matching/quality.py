"""Quality beside rivals: order, decisions, what is shown; on the judged needs and among crowds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.matching.crowd import Crowd
from bench.matching.judged import FILES, VARIANTS, Judged, JudgedSet, among, read_set
from bench.matching.measures import Decisions, Ranking
from bench.matching.rivals import Bm25, Fts5, PostgresText, as_written, folded
from domain.offer import Offer
from knowledge.library import Library, load
from matching.concepts import Concepts, Relation
from matching.engine import Matcher
from matching.limits import State, limits, price_state, size_state
from matching.wanted import Found

RANKED = 10


@dataclass(frozen=True)
class Line:
    """One row of the table: who ranked, on what, how well."""

    system: str
    on: str
    variant: str
    offers: int
    ndcg: float
    first: float


def ours(offers: Iterable[Offer]) -> Matcher[int]:
    """The project's matcher holding these offers."""
    matcher: Matcher[int] = Matcher(load())
    matcher.load(offers)
    return matcher


def order_lines(name: str, judged: JudgedSet, needs: dict[str, Sequence[Judged]], postgres: str | None) -> list[Line]:
    """Every system on one catalogue, for every variant of the needs."""
    matcher = ours(judged.offers)
    systems: dict[str, Callable[[Judged], list[str]]] = {
        "Nhịp Cầu": lambda need: [match.offer for match in matcher.search(need.wanted, RANKED).matches]
    }
    made = {
        "BM25, as written": Bm25(judged.offers, as_written),
        "BM25, folded": Bm25(judged.offers, folded),
        "SQLite FTS5": Fts5(judged.offers),
    }
    text = PostgresText(postgres, judged.offers) if postgres else None
    if text is not None:
        made["PostgreSQL full text"] = text
    for label, search in made.items():
        systems[label] = lambda need, search=search: search(need.wanted.text, RANKED)
    lines = []
    for variant, asked in needs.items():
        for label, rank in systems.items():
            ranking = Ranking()
            for need in asked:
                ranking.add(need, rank(need))
            lines.append(Line(label, name, variant, len(judged.offers), ranking.ndcg, ranking.first))
    if text is not None:
        text.close()
    return lines


def pairs_asked(needs: Iterable[Judged], library: Library) -> set[tuple[str, str]]:
    """What the crowd must not offer: the pairs of product and process that the needs name, with their wider and narrower
    terms, since such an offer would serve the need although nobody has judged it."""
    concepts = Concepts(library.terms, library.technology)
    near = (Relation.SAME, Relation.NARROWER, Relation.BROADER)

    def kin(kind: str, group: str, term: str) -> set[str]:
        left = concepts.concept(kind, term)
        names = (row["term"] for row in library.terms[group])
        return {name for name in names if concepts.relation(kind, left, concepts.concept(kind, name)) in near}

    found = set[tuple[str, str]]()
    for need in needs:
        products = {name for term in need.wanted.products for name in kin("product", "products", term)}
        steps = {name for term in need.wanted.processes for name in kin("process", "processes", term)}
        found |= {(product, step) for product in products for step in steps}
    return found


def crowded(judged: JudgedSet, count: int, library: Library) -> JudgedSet:
    """The set among so many invented offers."""
    return among(judged, tuple(Crowd(library, pairs_asked(judged.needs, library)).offers(count))) if count else judged


def decide(judged: JudgedSet, needs: Sequence[Judged]) -> tuple[Decisions, int]:
    """(what was decided, pairs shown although a stated limit is strained or broken with no doubt told)."""
    matcher = ours(judged.offers)
    by_id = {offer.id: offer for offer in judged.offers}
    counted, silent = Decisions(), 0
    for need in needs:
        found = matcher.search(need.wanted, 50)
        counted.add(need, found)
        silent += unwarned(matcher, need, found, by_id)
    return counted, silent


def unwarned(matcher: Matcher[int], need: Judged, found: Found, by_id: dict[str, Offer]) -> int:
    """How many shown offers miss a stated limit without a doubt that says so."""
    count = 0
    for match in found.matches:
        if not match.shown:
            continue
        asked, given = matcher.numbers(need.wanted, by_id[match.offer])
        off = {"công suất": int(size_state(asked, given)[0]), "giá": int(price_state(asked, given)[0])}
        limited = limits(asked, given)
        missing = [word for word, state in off.items() if state in (State.STRAINED, State.BROKEN)
                   and not any(word in doubt for doubt in match.doubts)]  # fmt: skip
        if limited["unserved"] and not any("tỉnh" in doubt for doubt in match.doubts):
            missing.append("tỉnh")
        count += bool(missing)
    return count


def all_sets() -> dict[str, dict[str, JudgedSet]]:
    """Every judged set in every variant."""
    return {name: {variant: read_set(name, variant) for variant in VARIANTS} for name in FILES}
