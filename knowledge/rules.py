"""The conditions of a programme as text an officer edits, read back with the same checks as the shipped files."""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.files import BadKnowledge
from knowledge.library import BranchRow, ConditionRow


class RuleText(BaseModel):
    """What the text of a rule holds."""

    model_config = ConfigDict(extra="forbid")
    conditions: tuple[ConditionRow, ...]
    branches: tuple[BranchRow, ...] = ()


def write_rule(data: Mapping[str, Any]) -> str:
    """The conditions in a programme's data as YAML."""
    held = {"conditions": data.get("conditions") or []}
    if data.get("branches"):
        held["branches"] = data["branches"]
    return yaml.safe_dump(held, allow_unicode=True, sort_keys=False, width=120)


def read_rule_text(text: str) -> dict[str, Any]:
    """The conditions out of YAML, as they are kept in a programme's data. Raises BadKnowledge that says what is wrong."""
    try:
        held = RuleText.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise BadKnowledge(f"không đọc được YAML: {str(error).splitlines()[0]}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadKnowledge(f"{place or 'văn bản'}: {first['msg']}") from error
    except RecursionError as error:
        raise BadKnowledge("lồng nhau quá sâu") from error
    return held.model_dump(mode="json")
