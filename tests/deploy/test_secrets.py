"""Generated secrets: each once, for their owner's eyes only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.secrets import Secrets


def test_a_secret_is_generated_once_and_differs_from_folder_to_folder(tmp_path: Path) -> None:
    first, second = Secrets(tmp_path / "a"), Secrets(tmp_path / "b")
    assert first.password("feeds") == Secrets(tmp_path / "a").password("feeds")
    assert first.password("feeds") != first.password("portal")
    assert first.password("feeds") != second.password("feeds")


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    secrets.key_secret()
    assert stat.S_IMODE(secrets.file.stat().st_mode) == 0o600


def test_secrets_asked_for_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    roles = [f"role_{number}" for number in range(24)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        given = list(pool.map(lambda role: Secrets(tmp_path).password(role), roles))
    assert given == [Secrets(tmp_path).password(role) for role in roles]


def test_a_cluster_id_is_never_taken_for_an_option(tmp_path: Path) -> None:
    identifiers = [Secrets(tmp_path / str(number)).cluster_id() for number in range(50)]
    assert all(len(identifier) == 22 and identifier[0] != "-" for identifier in identifiers)
