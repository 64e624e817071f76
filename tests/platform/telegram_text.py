"""Text as Telegram takes it: parse modes, entities with UTF-16 offsets, limits, with the real refusals."""

import json
import re
from html.parser import HTMLParser
from typing import Any

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
Entity = dict[str, Any]
TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
}  # fmt: skip
KINDS = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "date_time",
}  # fmt: skip
FOUND = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/<>])")),
    ("url", re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("mention", re.compile(r"(?<![\w@.+-])@[A-Za-z]\w{3,31}")),
)
MARKS = {"*": "bold", "_": "italic", "~": "strikethrough", "`": "code", "__": "underline", "||": "spoiler"}
RESERVED = set("]()>#+-=|{}.!")


class Refusal(Exception):
    """An error the platform answers with; `parameters` as in the Bot API."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(text: str) -> Refusal:
    """A 400."""
    return Refusal(400, f"Bad Request: {text}")


def width(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def bytes_before(text: str, index: int) -> int:
    """The byte offset of a character, as the refusals count."""
    return len(text[:index].encode("utf-8", "replace"))


class _Html(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source, self.text = source, ""
        self.open: list[tuple[str, Entity, int]] = []
        self.done: list[Entity] = []

    def _at(self) -> int:
        line, column = self.getpos()
        before = self.source.split("\n")[: line - 1]
        return bytes_before(self.source, sum(len(row) + 1 for row in before) + column)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = self._at()
        if tag not in TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}')
        entity: Entity = {"type": TAGS[tag], "offset": width(self.text)}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self.open.append((tag, entity, at))

    def handle_endtag(self, tag: str) -> None:
        if not self.open:
            raise bad(f"can't parse entities: Unexpected end tag at byte offset {self._at()}")
        name, entity, _ = self.open.pop()
        if name != tag:
            raise bad(
                f"can't parse entities: Unmatched end tag at byte offset {self._at()}, "
                f'expected "</{name}>", found "</{tag}>"'
            )
        entity["length"] = width(self.text) - entity["offset"]
        if entity["length"]:
            self.done.append(entity)

    def handle_data(self, data: str) -> None:
        self.text += data


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The text with its entities; refuses what Telegram refuses."""
    reader = _Html(source)
    reader.feed(source)
    reader.close()
    if reader.open:
        tag, _, at = reader.open[-1]
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\" at byte offset {at}")
    return reader.text, reader.done


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """MarkdownV2 without links: the text with its entities."""
    text, done = "", []
    held: list[tuple[str, Entity, int]] = []
    index = 0
    while index < len(source):
        sign = source[index]
        mark = source[index : index + 2] if source[index : index + 2] in MARKS else sign
        if sign == "\\" and index + 1 < len(source) and ord(source[index + 1]) < 127:
            text += source[index + 1]
            index += 2
        elif mark in MARKS:
            if held and held[-1][0] == mark:
                entity = held.pop()[1]
                entity["length"] = width(text) - entity["offset"]
                done += [entity] if entity["length"] else []
            else:
                held.append((mark, {"type": MARKS[mark], "offset": width(text)}, bytes_before(source, index)))
            index += len(mark)
        elif sign in RESERVED:
            raise bad(
                f"can't parse entities: Character '{sign}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            text += sign
            index += 1
    if held:
        _, entity, at = held[-1]
        raise bad(f"can't parse entities: Can't find end of {entity['type'].capitalize()} entity at byte offset {at}")
    return text, done


def _given(text: str, raw: Any) -> list[Entity]:
    """Entities given by the caller, checked."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError as error:
            raise bad("can't parse entities JSON object") from error
    if not isinstance(raw, list):
        raise bad("can't parse entities: expected an Array of entities")
    units = text.encode("utf-16-le", "surrogatepass")
    size, kept = len(units) // 2, []
    for entity in raw:
        kind, offset, length = entity.get("type"), entity.get("offset"), entity.get("length")
        if kind not in KINDS:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        if not isinstance(offset, int) or offset < 0:
            raise bad(f"Receive an entity with incorrect offset {offset}")
        if not isinstance(length, int) or length < 0:
            raise bad(f"Receive an entity with incorrect length {length}")
        if offset > size:
            raise bad(f"Entity begins after the end of the text at UTF-16 offset {offset}")
        if offset + length > size:
            raise bad(
                f"Entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {offset + length}"
            )
        for edge in (offset, offset + length):
            unit = units[edge * 2 : edge * 2 + 2]
            if len(unit) == 2 and 0xDC <= unit[1] <= 0xDF:
                raise bad("Entity boundary is in the middle of a UTF-16 symbol")
        if length:
            kept.append({key: value for key, value in entity.items() if value is not None})
    return kept


def found_entities(text: str) -> list[Entity]:
    """What the platform marks by itself: commands, addresses."""
    found: list[Entity] = []
    taken: set[int] = set()
    for kind, pattern in FOUND:
        for hit in pattern.finditer(text):
            if taken.isdisjoint(range(*hit.span())):
                taken.update(range(*hit.span()))
                found.append({"type": kind, "offset": width(text[: hit.start()]), "length": width(hit.group())})
    return found


def formatted(args: dict[str, Any], name: str, required: bool) -> tuple[str, list[Entity]]:
    """The text called `name` of a call, with all its entities, within the limits."""
    source = str(args.get(name) or "").replace("\r\n", "\n").replace("\x00", "")
    mode = str(args.get("parse_mode") or "").lower()
    own = args.get("caption_entities" if name == "caption" else "entities")
    if own:
        text, entities = source, _given(source, own)
    elif mode == "html":
        text, entities = parse_html(source)
    elif mode in ("markdownv2", "markdown"):
        text, entities = parse_markdown(source)
    elif mode:
        raise bad("unsupported parse_mode")
    else:
        text, entities = source, []
    clean = text.strip()
    if not clean:
        if required:
            raise bad("message text is empty")
        return "", []
    lead = width(text[: len(text) - len(text.lstrip())])
    if width(clean) > (CAPTION_LIMIT if name == "caption" else TEXT_LIMIT):
        raise bad("message caption is too long" if name == "caption" else "message is too long")
    shifted = []
    for entity in entities:
        start, end = max(entity["offset"] - lead, 0), entity["offset"] + entity["length"] - lead
        length = min(end, width(clean)) - start
        if length > 0:
            shifted.append({**entity, "offset": start, "length": length})
    marked = [(entity["offset"], entity["offset"] + entity["length"]) for entity in shifted]
    for entity in found_entities(clean):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if all(end <= low or start >= high for low, high in marked):
            shifted.append(entity)
    return clean, sorted(shifted, key=lambda entity: (entity["offset"], -entity["length"]))
