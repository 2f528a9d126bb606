"""`python -m tests.faults.invariants URL KAFKA JOURNAL`: judges what lies there now; needs nothing that ran before.

URL of a superuser at the alliance's database, KAFKA as host:port, JOURNAL as a run's clients have written it.
"""

import asyncio
import sys
from pathlib import Path

from tests.faults.invariants import Places, judge


def main() -> int:
    """0 when every invariant holds."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    findings = asyncio.run(judge(Places(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
    print(*findings, sep="\n")
    return int(any(finding.wrong for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
