"""I7: whatever a client was told is done is in the data, and every Idempotency-Key has one result."""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from tests.faults.invariants.evidence import Evidence, some
from tests.faults.invariants.finding import Finding


def answers_kept(evidence: Evidence) -> Finding:
    found = Finding("I7", "every answered command is in the data, every key has one result")
    known = {(str(f.aggregate), f.version) for facts in evidence.committed.values() for f in facts}
    lost = [a for a in evidence.answered if (a.aggregate, a.version) not in known]
    found.counts["answers"] = len(evidence.answered)
    found.expect(not lost, f"{len(lost)} answers have no event of that version: {some(lost)}")
    results: dict[str, set[str]] = defaultdict(set)
    for answer in evidence.answered:
        if answer.key:
            results[answer.key].add(answer.aggregate)
    found.counts["keys"] = len(results)
    found.expect(all(len(ids) == 1 for ids in results.values()), "a key was answered with two results")
    _markers(evidence, found)
    return found


def _markers(evidence: Evidence, found: Finding) -> None:
    """Each request that makes something bears words of its own: they stand in one row, answered or not."""
    made: dict[str, list[str]] = defaultdict(list)
    for marker, identity in _marked(evidence):
        made[marker].append(str(identity))
    twice = [marker for marker, ids in made.items() if len(ids) > 1]
    found.counts["things made"] = len(made)
    found.expect(not twice, f"{len(twice)} requests had two results: {some(twice)}")
    wrong = [a.marker for a in evidence.answered if a.marker and made.get(a.marker) != [a.aggregate]]
    found.expect(not wrong or twice, f"{len(wrong)} answers name another row than the one that was made: {some(wrong)}")
    found.counts["answered that made something"] = Counter(bool(a.marker) for a in evidence.answered)[True]


def _marked(evidence: Evidence) -> list[tuple[str, UUID]]:
    tables: dict[str, Any] = evidence.tables
    needs = [(row["title_en"].rpartition(" ")[2], row["id"]) for row in tables["need"]]
    return needs + [(row["name_en"], row["id"]) for name in ("subscription", "organisation") for row in tables[name]]
