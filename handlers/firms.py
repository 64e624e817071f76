"""What an owner says of the enterprise, read from a need: its name, legal form, size, line of business."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.line import read_line
from handlers.turn import Office
from nlu.firms import firms_in, size_in
from nlu.values import FORM_NAMES

SPOKEN = ("contact", "current", "problem")  # fields in whose words the enterprise may stand


def stated_in(office: Office, text: str, fields: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The raw profile that a need's own words and fields state; nothing is guessed."""
    entities: dict[str, Any] = {}
    product, wish = fields.get("product") or {}, fields.get("wish") or {}
    if product.get("value"):
        entities["product"] = product["value"]
    if wish.get("value"):
        entities["process"] = wish["value"]
    place = (fields.get("place") or {}).get("value")
    if isinstance(place, dict):
        entities["location"] = place
    words = [str(row.get("words") or "") for key, row in fields.items() if key in SPOKEN]
    return office.profiles.from_text("\n".join([text, *words])[:2000], entities, today)


def firm_of(office: Office, text: str, fields: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The enterprise of whoever states this need, as a row keeps it; a name only from the owner's own contact."""
    raw = stated_in(office, text, fields, today)
    heads = (size_in(line, bytearray(line.size + 2)).get("employees") for line in map(read_line, text.splitlines()))
    raw = {"employees": next((count for count in heads if count is not None), None), **raw}
    place = (fields.get("place") or {}).get("value") or {}
    named = firms_in(read_line(str((fields.get("contact") or {}).get("words") or "")))
    return {**row_of(office, raw, today), "name": named[0].said if named else None} | {
        key: place.get(key) for key in ("unit", "province")
    }


def row_of(office: Office, raw: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What a raw profile says of the enterprise, by the columns of its row; None where it says nothing."""
    facts = office.profiles.facts(raw, today)
    form = next((name for name, held in FORM_NAMES.items() if held is facts.form), None)
    sectors = {"agriculture" if tag == "agri_maybe" else tag for tag in facts.sectors}
    heads = facts.number("employees")
    return {
        "org_form": form,
        "employees": None if heads is None else int(heads),
        "profile": {"sectors": sorted(sectors)} if sectors else None,
    }
