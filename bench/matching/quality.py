"""Quality beside rivals: order, decisions, what is shown; on the judged needs and among crowds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from bench.matching.crowd import Crowd
from bench.matching.judged import FILES, VARIANTS, Judged, JudgedSet, among, read_set
from bench.matching.measures import Decisions, Ranking
from bench.matching.rivals import Bm25, Fts5, PostgresText, as_written, folded
from domain.offer import Offer
from knowledge.library import Library, load
from matching.concepts import KINDS, Concepts, Relation
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
    serving: float  # nDCG over the offers that serve alone


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
            lines.append(
                Line(label, name, variant, len(judged.offers), ranking.ndcg, ranking.first, ranking.of_serving)
            )
    if text is not None:
        text.close()
    return lines


def pairs_served(judged: JudgedSet, library: Library) -> set[tuple[str, str]]:
    """What the crowd must not offer: a pair of product and step that a need names or that an offer judged to serve it has.

    Such an offer would serve the need although nobody has judged it. So would its kin, by the graph alone and never by how
    anything is ranked: wider and narrower terms, what a product is made from or becomes, and, for a step that suits any
    product, that step for all products.
    """
    concepts = Concepts(library.terms, library.technology)
    close = (Relation.SAME, Relation.NARROWER, Relation.BROADER, Relation.MADE_FROM)
    names = {kind: [row["term"] for row in library.terms[group]] for kind, group in KINDS}

    @cache
    def kin(kind: str, term: str) -> frozenset[str]:
        left = concepts.concept(kind, term)
        return frozenset(
            name for name in names[kind] if concepts.relation(kind, left, concepts.concept(kind, name)) in close
        )

    def any_product(step: str) -> bool:
        held = concepts.concept("process", step)
        return not concepts.any_product.isdisjoint((held, *concepts.above("process", held)))

    by_id = {offer.id: offer for offer in judged.offers}
    found = set[tuple[str, str]]()
    for need in judged.needs:
        good = [by_id[key] for key, grade in need.grades.items() if grade >= 2]
        for products, steps in (
            (need.wanted.products, need.wanted.processes),
            *((offer.products, offer.processes) for offer in good),
        ):
            for step in steps:
                goods = (
                    names["product"]
                    if any_product(step)
                    else [name for term in products for name in kin("product", term)]
                )
                found |= {(product, name) for name in kin("process", step) for product in goods}
    return found


def crowded(judged: JudgedSet, count: int, library: Library) -> JudgedSet:
    """The set among so many invented offers."""
    return among(judged, tuple(Crowd(library, pairs_served(judged, library)).offers(count))) if count else judged


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
