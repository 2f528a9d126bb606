"""What is said at the end of the start: addresses as they are, accounts that can sign in, in two languages."""

import json
from pathlib import Path

import pytest

from deploy.local import welcome
from deploy.local.secrets import Secrets


def test_the_address_follows_the_port_of_the_entrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLIANCE_PUBLIC_URL", raising=False)
    monkeypatch.setenv("ALLIANCE_PORT_PORTAL", "18080")
    assert "http://127.0.0.1:18080" in welcome.welcome(tmp_path)


def test_the_secretariat_signs_in_with_its_generated_password(tmp_path: Path) -> None:
    email, _, password = Secrets(tmp_path).first_secretariat().partition(":")
    lines = [line for line in welcome.welcome(tmp_path).splitlines() if email in line]
    assert len(lines) == 1
    assert lines[0].endswith(password)


def test_every_demo_account_is_named(tmp_path: Path) -> None:
    text = welcome.welcome(tmp_path)
    for account in json.loads(welcome.ACCOUNTS.read_text(encoding="utf-8")):
        assert account["email"] in text


def test_it_can_do_without_a_list_of_demo_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(welcome, "ACCOUNTS", tmp_path / "none.json")
    assert "make demo" in welcome.welcome(tmp_path)
