"""Profiles as the registry shows and takes them: replaced as a whole, so that one part is changed among the others."""

import hashlib
from typing import Any

import orjson

from portal.clients import Json

PARTS = ("summary", "website", "region", "specialties", "capabilities", "items")


def profile_of(found: Json) -> dict[str, Any]:
    """What the registry takes back of an organisation it has shown."""
    return {name: found[name] for name in PARTS}


def key_of(item: Json) -> str:
    """Items have no id: one is named by all it says, so that a form can tell whether it still says that."""
    return hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]


def with_keys(found: Json) -> Json:
    """An organisation whose items say by what name they are opened."""
    return found | {"items": [item | {"key": key_of(item)} for item in found["items"]]}


def says_the_same(one: Json, other: Json) -> bool:
    """Whether two parts of a profile mean the same: what is missing and what is empty do, and codes have no order."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        plain = [_plain(one) for one in value]
        return plain if any(isinstance(one, dict) for one in plain) else sorted(plain)
    return value or ""
