"""I1: every committed event is in the topic, and in the inbox of every service that reacts to it."""

from tests.faults.invariants.evidence import PUBLISHERS, Evidence, dispatch_of, some
from tests.faults.invariants.finding import Finding


def delivered(evidence: Evidence) -> Finding:
    found = Finding("I1", "every committed event is in the topic and in every subscriber's inbox")
    sent = {topic: {r.id for r in evidence.records if r.topic == topic} for topic in PUBLISHERS}
    for producer in PUBLISHERS:
        committed = {fact.id for fact in evidence.committed[producer]}
        found.counts[f"of {producer}"] = len(committed)
        missing = committed - sent[producer]
        found.expect(not missing, f"{producer}: {len(missing)} committed but not in the topic: {some(missing)}")
    for service in PUBLISHERS:
        dispatch = dispatch_of(service)
        wanted = {
            fact.id
            for producer in PUBLISHERS
            if producer in dispatch.topics
            for fact in evidence.committed[producer]
            if dispatch.wants(fact.type)
        }
        found.counts[f"for {service}"] = len(wanted)
        missing = wanted - evidence.inbox[service]
        found.expect(not missing, f"{service}: {len(missing)} committed but not in its inbox: {some(missing)}")
    return found
