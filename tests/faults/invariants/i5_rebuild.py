"""I5: copies rebuilt from the topics into a second schema, the match index too, equal the ones in use."""

from deploy.operate.place import Place
from deploy.operate.rebuild import rebuilt
from tests.faults.invariants.evidence import PUBLISHERS, Evidence
from tests.faults.invariants.finding import Finding
from tests.faults.invariants.pairs import index_alike


async def rebuilt_alike(evidence: Evidence) -> Finding:
    """As an operator would do it, then both indexes asked about every open need."""
    found = Finding("I5", "rebuilt from the topics, copies and index equal those in use")
    place = Place(evidence.places.database, evidence.places.bootstrap)
    for service in PUBLISHERS:
        result = await rebuilt(place, service)
        found.expect(not result.behind, f"{service} has not dealt with {result.behind} records")
        for table in result.tables:
            found.counts[f"{service}.{table.table}"] = table.live
            differ = f"{table.only_live} rows only in use, {table.only_rebuilt} only rebuilt"
            example = (table.examples_live + table.examples_rebuilt)[:1]
            found.expect(table.equal, f"{service}.{table.table}: {differ}, such as {str(example)[:300]}")
    await index_alike(evidence, found)
    return found
