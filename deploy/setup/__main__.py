"""`python -m deploy.setup [database|topics]`: makes the servers named by the environment ready; safe to repeat.

ALLIANCE_ADMIN_URL            a superuser's PostgreSQL URL
ALLIANCE_PASSWORD_<ROLE>      the password each role gets (migrator and every service)
ALLIANCE_KAFKA                host:port of the broker
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable

from deploy.setup.database import prepare_database, roles
from deploy.setup.topics import prepare_topics
from deploy.words import Told, Words

PATIENCE = 60.0


async def database() -> None:
    """Roles, schemas, grants and migrations."""
    passwords = {role: _setting(f"ALLIANCE_PASSWORD_{role.upper()}") for role in roles()}
    await prepare_database(_setting("ALLIANCE_ADMIN_URL"), passwords)


async def topics() -> None:
    """Topics and their settings."""
    await prepare_topics(_setting("ALLIANCE_KAFKA"))


STEPS: dict[str, Callable[[], Awaitable[None]]] = {"database": database, "topics": topics}


def _setting(name: str) -> str:
    if not (value := os.environ.get(name)):
        raise Told(Words(f"没有设置 {name}", f"{name} is not set; {__doc__}"))
    return value


async def run(name: str) -> None:
    """One step, tried again while its server is still coming up."""
    began = time.monotonic()
    while True:
        try:
            await STEPS[name]()
        except Told:
            raise
        except Exception as error:
            if time.monotonic() - began > PATIENCE:
                raise
            print(f"{name}: {error!r}; {Words('再试', 'trying again')}", flush=True)
            await asyncio.sleep(1)
        else:
            took = f"{time.monotonic() - began:.1f}"
            print(f"{name}: {Words(f'{took} 秒后就绪', f'ready after {took} s')}", flush=True)
            return


async def main() -> None:
    """Runs the steps named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m deploy.setup", description=__doc__)
    parser.add_argument(
        "step", nargs="*", choices=[*STEPS, []], help=str(Words("哪一部分（默认全部）", "which part (default: all)"))
    )
    chosen = parser.parse_args().step or list(STEPS)
    await asyncio.gather(*(run(name) for name in chosen))


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except Told as error:
        sys.exit(str(error))
