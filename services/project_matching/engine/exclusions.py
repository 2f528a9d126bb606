"""Pairs that are never suggested, whatever they score: pure predicates over the two records."""

from collections.abc import Callable

from project_matching.engine.model import Need, Profile, Text
from project_matching.engine.traits import WANTED_KINDS


def is_own_organisation(need: Need, profile: Profile) -> bool:
    return need.organisation_id == profile.organisation_id


def is_inactive(_: Need, profile: Profile) -> bool:
    return not profile.active


def is_of_an_unwanted_kind(need: Need, profile: Profile) -> bool:
    """A need that names no wanted side is open to every kind."""
    return bool(need.wanted) and not any(profile.kind in WANTED_KINDS.get(side, ()) for side in need.wanted)


def is_blocked(need: Need, profile: Profile) -> bool:
    return profile.organisation_id in need.blocked or need.organisation_id in profile.blocked


def is_competitor(need: Need, profile: Profile) -> bool:
    return profile.organisation_id in need.competitors or need.organisation_id in profile.competitors


RULES: dict[str, tuple[Callable[[Need, Profile], bool], Text]] = {
    "own_organisation": (is_own_organisation, Text("本组织自己的需求", "The organisation's own need")),
    "inactive": (
        is_inactive,
        Text("该组织目前不在有效会员期内", "The organisation is not active at present"),
    ),
    "kind_not_wanted": (
        is_of_an_unwanted_kind,
        Text("需求方未寻求此类组织", "The need does not look for this kind of organisation"),
    ),
    "blocked": (is_blocked, Text("一方已屏蔽另一方", "One side has blocked the other")),
    "competitor": (is_competitor, Text("一方将另一方列为竞争者", "One side lists the other as a competitor")),
}


def exclusion(need: Need, profile: Profile) -> str | None:
    """The code of the first rule that forbids the pair, or None."""
    return next((code for code, (forbids, _) in RULES.items() if forbids(need, profile)), None)
