"""I3: versions of an aggregate rise by one in the topic and are all applied; feeds are numbered and read in order."""

from collections import defaultdict
from uuid import UUID

from tests.faults.invariants.evidence import PUBLISHERS, Evidence, some
from tests.faults.invariants.finding import Finding


def in_order(evidence: Evidence) -> Finding:
    found = Finding("I3", "versions rise by one and are applied, feeds have no gaps")
    _topics(evidence, found)
    _applied(evidence, found)
    _numbers(evidence, found)
    _readers(evidence, found)
    return found


def _topics(evidence: Evidence, found: Finding) -> None:
    versions: dict[UUID, list[int]] = defaultdict(list)
    for record in evidence.first_records:
        if record.event and record.actor != "fault":
            versions[record.event.aggregate_id].append(record.event.version)
    wrong = [aggregate for aggregate, seen in versions.items() if seen != list(range(1, len(seen) + 1))]
    found.counts["aggregates"] = len(versions)
    found.expect(not wrong, f"{len(wrong)} aggregates out of order or with gaps in the topic: {some(wrong)}")


def _applied(evidence: Evidence, found: Finding) -> None:
    for service in PUBLISHERS:
        last: dict[UUID, int] = {}
        for record in evidence.wanted_by(service):
            assert record.event is not None
            key = record.event.aggregate_id
            last[key] = max(last.get(key, 0), record.event.version)
        wrong = [key for key, version in last.items() if evidence.applied[service].get(key) != version]
        found.expect(not wrong, f"{service}: {len(wrong)} aggregates not applied to their last version: {some(wrong)}")


def _numbers(evidence: Evidence, found: Finding) -> None:
    numbers: dict[UUID, list[int]] = defaultdict(list)
    for row in evidence.tables["item"]:
        numbers[row["subscriber_id"]].append(row["number"])
    last = {row["organisation_id"]: row["last_number"] for row in evidence.tables["subscriber"]}
    found.counts["items"] = len(evidence.tables["item"])
    for subscriber, given in numbers.items():
        whole = sorted(given) == list(range(1, len(given) + 1))
        found.expect(
            whole and last[subscriber] == len(given),
            f"feed of {subscriber}: {len(given)} items, last number {last[subscriber]}",
        )


def _readers(evidence: Evidence, found: Finding) -> None:
    listed = {(str(row["subscriber_id"]), row["number"]): str(row["item_id"]) for row in evidence.tables["item"]}
    given: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for one in evidence.read:
        given[one.reader].append((one.number, listed.get((one.subscriber, one.number)) == one.item))
    found.counts["items read"] = len(evidence.read)
    for reader, seen in given.items():
        numbers = [number for number, _ in seen]
        found.expect(numbers == list(range(1, len(numbers) + 1)), f"{reader}: gaps or repetitions in what it read")
        found.expect(all(same for _, same in seen), f"{reader}: was given items that are not in the list")
