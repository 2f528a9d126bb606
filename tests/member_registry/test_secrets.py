"""What is kept secret stays closed: sealed texts, marks, refresh tokens, password hashes."""

import asyncio
import base64
import time

import pytest

from common.auth.seal import CannotOpen, Seal
from common.errors import TooManyRequests
from common.ids import new_id
from member_registry.commands.sessions import read_refresh_token, refresh_token
from member_registry.hashing import Hashing

SEAL = Seal("a secret of the tests", of="member_registry")


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    sealed = SEAL.close("plain text", purpose="a test")
    assert SEAL.open(sealed, purpose="a test") == "plain text"
    assert "plain" not in sealed
    assert base64.urlsafe_b64encode(b"plain").decode()[:5] not in sealed
    assert SEAL.close("plain text", purpose="a test") != sealed


@pytest.mark.parametrize(
    ("seal", "purpose"),
    [(Seal("another secret of the tests", of="member_registry"), "a test"), (SEAL, "another purpose")],
)
def test_nothing_opens_under_another_secret_or_for_another_purpose(seal: Seal, purpose: str) -> None:
    with pytest.raises(CannotOpen):
        seal.open(SEAL.close("plain text", purpose="a test"), purpose=purpose)


@pytest.mark.parametrize("damaged", ["", "x", "a.b.c.d.e", "\x00", "é"])
def test_damaged_texts_are_refused(damaged: str) -> None:
    with pytest.raises(CannotOpen):
        SEAL.open(damaged, purpose="a test")


def test_a_secret_too_short_to_protect_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        Seal("short", of="member_registry")


def test_a_refresh_token_tells_its_session_and_number_to_its_maker_only() -> None:
    session_id = new_id()
    token = refresh_token(SEAL, session_id, 7)
    assert read_refresh_token(SEAL, token) == (session_id, 7)
    assert read_refresh_token(Seal("another secret of the tests", of="member_registry"), token) is None


def test_a_changed_refresh_token_is_nobodys() -> None:
    token = refresh_token(SEAL, new_id(), 1)
    other = "B" if token[10] != "B" else "C"
    for forged in (
        token[:10] + other + token[11:],
        token[:-4],
        token.removeprefix("ar_"),
        "ar_",
        "ar_é",
        "",
        token + "AAAA",
    ):
        assert read_refresh_token(SEAL, forged) is None, forged


async def test_a_password_is_recognised_and_another_is_not() -> None:
    hashing = Hashing()
    await hashing.start(None)  # type: ignore[arg-type]  # needs nothing of the running service
    known = await hashing.hash("four unrelated words")
    assert known.startswith("$argon2id$")
    parameters = dict(one.split("=") for one in known.split("$")[3].split(","))
    assert int(parameters["m"]) >= 19 * 1024, "OWASP's least: 19 MiB"
    assert int(parameters["t"]) >= 2
    assert await hashing.check(known, "four unrelated words") == (True, None)
    assert await hashing.check(known, "four other words") == (False, None)


async def test_nobodys_password_is_refused_as_slowly_as_somebodys() -> None:
    hashing = Hashing()
    await hashing.start(None)  # type: ignore[arg-type]  # needs nothing of the running service
    known = await hashing.hash("four unrelated words")
    took = {"somebody": 9.0, "nobody": 9.0}
    for _ in range(3):
        for who, kept in (("somebody", known), ("nobody", None)):
            began = time.perf_counter()
            assert await hashing.check(kept, "wrong") == (False, None)
            took[who] = min(took[who], time.perf_counter() - began)
    assert 0.5 < took["nobody"] / took["somebody"] < 2


async def test_a_flood_of_passwords_is_turned_away_before_it_costs_memory() -> None:
    hashing = Hashing(at_once=1, waiting=1)
    results = await asyncio.gather(*(hashing.hash("four unrelated words") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 2
    assert sum(isinstance(result, TooManyRequests) for result in results) == 3
