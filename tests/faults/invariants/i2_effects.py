"""I2: each event has exactly one effect in each consumer; sums of effects equal sums of their sources."""

import re
from collections import Counter
from typing import Any
from uuid import UUID

from common.events import Event
from common.events.feeds import FeedItemAdded
from common.events.member_registry import MemberAdmitted
from common.events.project_matching import (
    MatchAnswered,
    MatchSuggested,
    NeedChanged,
    NeedPublished,
    SubscriptionHit,
)
from feeds.model import items_for
from tests.faults.invariants.evidence import Evidence, some
from tests.faults.invariants.finding import Finding

_TOLD: tuple[type[Event], ...] = (
    SubscriptionHit,
    MatchSuggested,
    MatchAnswered,
    NeedPublished,
    NeedChanged,
    MemberAdmitted,
)


def effects_once(evidence: Evidence) -> Finding:
    found = Finding("I2", "each event has one effect, sums of effects equal sums of sources")
    _versions(evidence, found)
    _facts_of_rows(evidence, found)
    _items(evidence, found)
    return found


def _versions(evidence: Evidence, found: Finding) -> None:
    """Every change is one event: an aggregate in version n has n of them."""
    known: Counter[UUID] = Counter()
    for facts in evidence.committed.values():
        known.update(fact.aggregate for fact in facts)
    for table in ("need", "subscription", "organisation"):
        rows = evidence.tables[table]
        found.counts[f"versions of {table}s"] = sum(row["version"] for row in rows)
        wrong = [row["id"] for row in rows if row["version"] != known[row["id"]]]
        found.expect(not wrong, f"{len(wrong)} {table}s whose version is not the number of their events: {some(wrong)}")


def _facts_of_rows(evidence: Evidence, found: Finding) -> None:
    """A told suggestion, a hit and an item are each told of once."""
    suggestions = [row["id"] for row in evidence.tables["suggestion"] if row["told"]]
    for what, rows, told in (
        ("suggestions", suggestions, [e.suggestion_id for e in evidence.events_of(MatchSuggested)]),
        (
            "hits",
            [row["id"] for row in evidence.tables["hit"]],
            [e.hit_id for e in evidence.events_of(SubscriptionHit)],
        ),
        ("items", [row["item_id"] for row in evidence.tables["item"]], _item_ids(evidence)),
    ):
        found.counts[what] = len(rows)
        different = (Counter(rows) - Counter(told)) + (Counter(told) - Counter(rows))
        found.expect(not different, f"{what}: {len(different)} rows and events do not match: {some(different)}")


def _item_ids(evidence: Evidence) -> list[UUID]:
    return [event.item_id for event in evidence.events_of(FeedItemAdded)]


def _items(evidence: Evidence, found: Finding) -> None:
    """What feeds should have told, from the events alone, against what it has told."""
    events = [event for event_class in _TOLD for event in evidence.events_of(event_class)]
    due = Counter(
        (item.subscriber_id, item.source_id, item.source_version)
        for event in events
        for item in items_for([event])
        if item.subject_type != "need" or not isinstance(event, MatchSuggested)
    )
    told = Counter(
        (row["subscriber_id"], row["source_id"], row["source_version"])
        for row in evidence.tables["item"]
        if not _is_for_poster(row)
    )
    found.expect(due == told, f"items: {(due - told).total()} missing, {(told - due).total()} too many")
    suggested = Counter(event.need_id for event in evidence.events_of(MatchSuggested))
    counted: Counter[UUID] = Counter()
    for row in evidence.tables["item"]:
        if _is_for_poster(row):
            counted[row["subject_id"]] += int(re.findall(r"\d+", row["title_zh"])[0])
    wrong = {need for need in suggested | counted if suggested[need] != counted[need]}
    found.counts["suggestions told to posters"] = counted.total()
    found.expect(
        not wrong, f"{len(wrong)} posters were told of more or fewer suggestions than there are: {some(wrong)}"
    )


def _is_for_poster(row: dict[str, Any]) -> bool:
    """One item about all that was suggested together: which ones those are depends on what arrived together."""
    return bool(row["kind"] == "match_suggested" and row["subject_type"] == "need")
