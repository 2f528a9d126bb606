"""I8: outbox, inbox, dead letters and replication slots are back at what they should hold."""

from tests.faults.invariants.evidence import PUBLISHERS, Evidence
from tests.faults.invariants.finding import Finding


def back_to_base(evidence: Evidence, dead_letters: int) -> Finding:
    found = Finding("I8", "outbox, inbox, dead letters and slots are back at their base line")
    for service in PUBLISHERS:
        waiting, inbox = evidence.waiting[service], len(evidence.inbox[service])
        found.counts |= {f"in {service}'s inbox": inbox}
        found.expect(waiting == 0, f"{service}: {waiting} events still in the outbox")
        wanted = len(evidence.wanted_by(service))
        found.expect(inbox <= wanted, f"{service}: {inbox} in the inbox, but only {wanted} events for it")
    letters = sum(evidence.dead_letters.values())
    found.counts["dead letters"] = letters
    found.expect(letters == dead_letters, f"{letters} dead letters, {dead_letters} were put in on purpose")
    found.expect(not evidence.tables["slot"], f"{len(evidence.tables['slot'])} replication slots")
    return found
