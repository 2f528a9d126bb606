"""State folders and servers of their own for the tests of the local stack."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.supervisor import end_in_order
from deploy.services import ROOT


@pytest.fixture
def state() -> Iterator[Path]:
    """An empty state folder that the database's account can reach; whatever was started in it is ended."""
    folder = ROOT / ".local/test" / uuid.uuid4().hex[:12]
    folder.mkdir(parents=True)
    yield folder
    while left := processes.started(folder):
        end_in_order(left)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(state: Path) -> Iterator[Postgres]:
    """A server that is not started yet."""
    server = Postgres(state, free_port(), fsync=False)
    yield server
    server.kill()
