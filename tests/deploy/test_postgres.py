"""The local PostgreSQL: restarts after every kind of end, and says what is wrong when it cannot."""

import os
import re
import socket
import subprocess
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local import processes
from deploy.local.failure import Failure
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres


async def _execute(server: Postgres, statement: str) -> object:
    connection = await asyncpg.connect(server.url(database="postgres"))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_what_was_committed_is_there_after_kill_9(state: Path) -> None:
    server = Postgres(state, free_port())
    server.start()
    await _execute(server, "CREATE TABLE kept AS SELECT 42 AS number")
    server.kill()
    server.start()
    assert await _execute(server, "SELECT number FROM kept") == 42
    server.stop()


async def test_it_listens_on_this_machine_only_and_wants_a_password(postgres: Postgres) -> None:
    postgres.start()
    assert await _execute(postgres, "SHOW listen_addresses") == "127.0.0.1"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url(password="guessed"))
    postgres.stop()


def test_a_lock_file_that_names_a_stranger_does_not_hold_it_up(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lock = postgres.files.data / "postmaster.pid"
        lock.write_text(f"{stranger.pid}\n{postgres.files.data}\n")
        postgres.start()
        assert postgres.answers()
        assert stranger.poll() is None, "a process that was not ours was ended"
    finally:
        stranger.kill()
        stranger.wait()
    postgres.stop()


def test_a_server_that_a_killed_run_left_is_ended_before_a_new_one_starts(postgres: Postgres) -> None:
    postgres.start()
    left = psutil.Process(postgres.pid)
    again = Postgres(postgres.state, postgres.port, fsync=False)
    again.start()
    postgres.wait()
    assert not processes.alive(left)
    assert again.answers()
    again.stop()


def test_half_a_data_folder_is_made_anew(postgres: Postgres) -> None:
    half = postgres.state / "postgres/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    postgres.start()
    assert postgres.answers()
    postgres.stop()


def test_a_taken_port_is_named_with_its_holder_and_the_setting_that_moves_it(postgres: Postgres) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", postgres.port))
        taken.listen()
        with pytest.raises(Failure) as failure:
            postgres.start()
    assert f"port {postgres.port} is taken by process {os.getpid()}" in str(failure.value)
    assert "ALLIANCE_PORT_POSTGRES=" in failure.value.remedy.en


def test_lost_passwords_are_noticed_before_anything_is_changed(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.state / "secrets.json").unlink()
    with pytest.raises(Failure, match=re.escape("secrets.json")):
        postgres.start()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(postgres: Postgres) -> None:
    broken = Postgres(postgres.state, postgres.port, settings={"shared_buffers": "many"})
    with pytest.raises(Failure) as failure:
        broken.start()
    assert 'invalid value for parameter "shared_buffers"' in str(failure.value)
