"""I8: outbox, inbox, dead letters and replication slots are back at what they should hold."""

from tests.faults.invariants.evidence import PUBLISHERS, Evidence, dispatch_of, some
from tests.faults.invariants.finding import Finding


def back_to_base(evidence: Evidence) -> Finding:
    found = Finding("I8", "outbox, inbox, dead letters and slots are back at their base line")
    for service in PUBLISHERS:
        waiting, inbox = evidence.waiting[service], len(evidence.inbox[service])
        found.counts |= {f"in {service}'s inbox": inbox}
        found.expect(waiting == 0, f"{service}: {waiting} events still in the outbox")
        wanted = len(evidence.wanted_by(service))
        found.expect(inbox <= wanted, f"{service}: {inbox} in the inbox, but only {wanted} events for it")
        _dead_letters(evidence, service, found)
    found.expect(not evidence.tables["slot"], f"{len(evidence.tables['slot'])} replication slots")
    return found


def _dead_letters(evidence: Evidence, service: str, found: Finding) -> None:
    """Every record that cannot be read, and nothing else, lies in the dead letters of whoever reads its topic."""
    topics, letters = dispatch_of(service).topics, evidence.dead_letters[service]
    unreadable = {record.origin for record in evidence.records if record.event is None and record.topic in topics}
    found.counts |= {f"dead letters of {service}": len(letters)}
    found.expect(not unreadable - letters, f"{service}: unreadable and not buried: {some(unreadable - letters)}")
    found.expect(not letters - unreadable, f"{service}: buried without need: {some(letters - unreadable)}")
