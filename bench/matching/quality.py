"""Quality beside rivals: order, decisions, what is shown; on the judged needs and among crowds."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from bench.matching.crowd import Crowd
from bench.matching.judged import FILES, FORM, FORMS, VARIANTS, Judged, JudgedSet, among, read_set
from bench.matching.measures import Decisions, Ranking
from bench.matching.rivals import Bm25, Fts5, PostgresText, as_written, document, folded
from domain.offer import Offer
from knowledge.library import Library, load
from matching.concepts import KINDS, Concepts, Relation
from matching.engine import Matcher
from matching.limits import State, limits, price_state, size_state
from matching.wanted import Found
from matching.words import printed, words_of

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


def order_lines(
    name: str, judged: JudgedSet, needs: dict[str, Sequence[Judged]], postgres: str | None, rivals: bool = True
) -> list[Line]:
    """Every system on one catalogue, for every variant of the needs; ours alone without `rivals`."""
    matcher = ours(judged.offers)
    systems: dict[str, Callable[[Judged], list[str]]] = {
        "Nhịp Cầu": lambda need: [match.offer for match in matcher.search(need.wanted, RANKED).matches]
    }
    made: dict[str, Callable[[str, int], list[str]]] = {}
    if rivals:
        made["BM25, as written"] = Bm25(judged.offers, as_written)
        made["BM25, folded"] = Bm25(judged.offers, folded)
        made["SQLite FTS5"] = Fts5((offer.id, *document(offer)) for offer in judged.offers)
    text = PostgresText(postgres, judged.offers) if postgres and rivals else None
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


CLOSE = (Relation.SAME, Relation.NARROWER, Relation.BROADER, Relation.MADE_FROM)
BESIDE = (Relation.SIBLING, Relation.NEAR)


class Kin:
    """What stands how to a term in the shipped vocabulary, by the graph alone."""

    def __init__(self, library: Library) -> None:
        self._concepts = Concepts(library.terms, library.technology)
        self.names = {kind: [row["term"] for row in library.terms[group]] for kind, group in KINDS}
        self._names_goods = {
            step: {spot.concept for spot in self._concepts.read(words_of(step)) if spot.kind == "product"}
            for step in self.names["process"]
        }
        self._held: dict[tuple[str, str], dict[str, Relation]] = {}
        self._said: dict[str, dict[str, set[str]]] = {}

    def of(self, kind: str, terms: Iterable[str], relations: Collection[Relation]) -> set[str]:
        """The names that stand so to one of these terms."""
        found = set[str]()
        for term in terms:
            if (kind, term) not in self._held:
                left = self._concepts.concept(kind, term)
                self._held[kind, term] = {
                    name: self._concepts.relation(kind, left, self._concepts.concept(kind, name))
                    for name in self.names[kind]
                }
            found |= {name for name, relation in self._held[kind, term].items() if relation in relations}
        return found

    def any_product(self, step: str) -> bool:
        """Whether a step suits any product."""
        held = self._concepts.concept("process", step)
        return not self._concepts.any_product.isdisjoint((held, *self._concepts.above("process", held)))

    def naming(self, products: Iterable[str]) -> set[str]:
        """The steps that name one of these products themselves ("hái chè", "ép gạch")."""
        held = {self._concepts.concept("product", name) for name in self.of("product", products, CLOSE)}
        return {step for step, goods in self._names_goods.items() if held & goods}

    def saying(self, product: str, steps: Collection[str]) -> set[str]:
        """The steps that together with a product are called one of these or a kind of it ("nén" with "mùn cưa" is pelleting)."""
        if product not in self._said:
            read = {step: self._concepts.read(printed(f"{step} {product}")) for step in self.names["process"]}
            self._said[product] = {
                step: {spot.concept for spot in spots if spot.kind == "process"} for step, spots in read.items()
            }
        held = {self._concepts.concept("process", step) for step in steps}
        return {
            step for step, named in self._said[product].items()
            if any(self._concepts.relation("process", right, name) in CLOSE for name in named for right in held)
        }  # fmt: skip


def pairs_served(judged: JudgedSet, library: Library, complements: bool = True) -> set[tuple[str, str]]:
    """What the crowd must not offer: pairs of product and step that may serve a need although nobody has judged them.

    By the graph alone and never by how anything is ranked: a product that a need names or that an offer judged to serve it
    has, with a step of either, and the kin of both: wider and narrower terms, what a product is made from or becomes. For a
    step that suits any product, and for one that names the product itself ("hái chè" in an offer for grapes is still a
    picker of tea), that step with all products; and a step that with such a product makes a name of the right one ("nén" with
    "mùn cưa" is the pelleting asked for). With `complements` also such a product with a step beside the right one (a
    kind of the same, or of its neighbourhood): of the judged offers that stand so to a need, three in five were judged
    complements, so a hundred of them are no wrong offers. The right step for another product and the right product in an
    unrelated step stay in.
    """
    kin = Kin(library)
    by_id = {offer.id: offer for offer in judged.offers}
    found = set[tuple[str, str]]()
    for need in judged.needs:
        serving = [by_id[key] for key, grade in need.grades.items() if grade >= 2]
        products = {*need.wanted.products, *(term for offer in serving for term in offer.products)}
        steps = {*need.wanted.processes, *(term for offer in serving for term in offer.processes)}
        right = kin.of("process", steps, CLOSE)
        beside = kin.of("process", steps, BESIDE) if complements else set()
        named = kin.naming(products)
        whole = {step for step in right if kin.any_product(step)}
        whole |= named & (right | kin.of("process", steps, BESIDE) if need.wanted.processes else named)
        goods = kin.of("product", products, CLOSE)
        found |= {(product, step) for product in goods for step in right | beside | kin.saying(product, steps)}
        found |= {(product, step) for step in whole for product in kin.names["product"]}
    return found


def crowded(judged: JudgedSet, count: int, library: Library, complements: bool = True) -> JudgedSet:
    """The set among so many invented offers; see `pairs_served`."""
    if not count:
        return judged
    return among(judged, tuple(Crowd(library, pairs_served(judged, library, complements)).offers(count)))


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
    return {
        name: {variant: read_set(name, variant) for variant in (*VARIANTS, *((FORM,) if name in FORMS else ()))}
        for name in FILES
    }
