"""Tokens that are not good: expired, too long, for somebody else, signed by somebody else or in another way."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from common.auth.tokens import AUDIENCE, LIFETIME, TokenVerifier, UnknownKey, sign
from common.errors import NotSignedIn
from common.ids import new_id

KEY = OKPKey.generate_key("Ed25519", {"alg": "Ed25519", "use": "sig"}, auto_kid=True)
ISSUER = "https://alliance.example"
STRANGER = OKPKey.generate_key("Ed25519", {"alg": "Ed25519", "use": "sig"}, auto_kid=True)


@pytest.fixture
def verifier() -> TokenVerifier:
    found = TokenVerifier(ISSUER)
    now = datetime.now(UTC)
    found.use_keys([(public(KEY), now - timedelta(days=1), now + timedelta(days=1))])
    return found


def public(key: OKPKey) -> dict[str, str]:
    return {name: str(value) for name, value in key.as_dict(private=False).items()}


def forged(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token like ours but for these claims or this header."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(new_id()),
        "sid": str(new_id()),
        "iat": now,
        "exp": now + LIFETIME,
    } | changes
    header = {"alg": "Ed25519", "kid": KEY.kid, "typ": "at+jwt"} | (header or {})
    return jwt.encode(header, claims, key, algorithms=["Ed25519", "HS256"])


def unsigned(token: str) -> str:
    """The same claims with `alg: none` and no signature, naming a key that is known."""
    header = json.dumps({"alg": "none", "kid": KEY.kid, "typ": "at+jwt"}).encode()
    return f"{base64.urlsafe_b64encode(header).decode().rstrip('=')}.{token.split('.')[1]}."


def test_a_good_token_says_who(verifier: TokenVerifier) -> None:
    who = new_id()
    token = sign(KEY, subject=who, session_id=new_id(), machine=False, now=datetime.now(UTC), issuer=ISSUER)
    assert verifier.verify(token).subject == who
    assert not verifier.verify(forged()).machine


@pytest.mark.parametrize(
    "token",
    [
        forged(aud="somebody-else"),
        forged(iss="https://staging.alliance.example"),
        forged(header={"typ": "JWT"}),
        forged(iat=int(time.time()) + 86_400, exp=int(time.time()) + 86_400 + LIFETIME),
        forged(exp=int(time.time()) + 10 * LIFETIME),
        forged(iat=int(time.time()) - 3 * 86_400, exp=int(time.time()) - 3 * 86_400 + LIFETIME),
        forged(sub="not an id"),
        forged(exp="never"),
        forged(STRANGER, {"kid": KEY.kid}),
        forged(OctKey.import_key(public(KEY)["x"]), {"alg": "HS256"}),
        unsigned(forged()),
        "eyJhbGciOiJub25lIiwia2lkIjoieCJ9.e30.",
        "a.b.c",
        "长",
        "",
    ],
    ids=str.split(
        "audience issuer type not_yet lifetime key subject expiry signature algorithm unsigned none form text empty"
    ),
)
def test_a_token_that_is_not_ours_is_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(NotSignedIn) as refusal:
        verifier.verify(token)
    assert refusal.value.code == "token_invalid"


def test_an_expired_token_says_so(verifier: TokenVerifier) -> None:
    now = int(time.time())
    with pytest.raises(NotSignedIn) as refusal:
        verifier.verify(forged(iat=now - LIFETIME - 5, exp=now - 5))
    assert refusal.value.code == "token_expired"


def test_a_token_of_a_key_not_seen_yet_is_told_apart(verifier: TokenVerifier) -> None:
    with pytest.raises(UnknownKey):
        verifier.verify(forged(STRANGER, {"kid": STRANGER.kid}))


def test_a_withdrawn_key_ends_what_it_verified(verifier: TokenVerifier) -> None:
    token = forged()
    assert not verifier.verify(token).machine
    verifier.use_keys([])
    with pytest.raises(UnknownKey):
        verifier.verify(token)
