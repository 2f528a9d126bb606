"""A container's health: the service in it says that it is ready (`python -m deploy.healthcheck`)."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """0 when ready, 1 when not, or when nothing answers."""
    url = f"http://127.0.0.1:{os.environ['ALLIANCE_PORT']}/health/ready"
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
