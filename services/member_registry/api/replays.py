"""Answers with a secret: remembered with the secret sealed, opened again for whoever repeats the same request."""

from uuid import UUID

from starlette.responses import Response

from common.auth.seal import CannotOpen, Seal
from common.errors import Conflict
from common.http import Call, View
from common.http.call import answered
from common.repeats import Remembered, Replay
from common.text import Bilingual


def sealed(call: Call, secret: str) -> str:
    """The secret as it may be kept."""
    return seal_of(call).close(secret, purpose=_purpose(call.caller.id))


def opened(call: Call, secret: str) -> str:
    """The secret of a kept answer; only ever for the caller it was first shown to."""
    try:
        return seal_of(call).open(secret, purpose=_purpose(call.caller.id))
    except CannotOpen:
        raise Conflict(
            Bilingual(zh="该密钥已无法再次显示。", en="The secret of that answer cannot be shown again."),
            code="secret_no_longer_shown",
        ) from None


def again(replay: Replay, body: View) -> Response:
    """The first answer with its secret back in place."""
    kept = replay.answer
    return answered(Remembered(kept.status, kept.headers, body.model_dump_json().encode()))


def seal_of(call: Call) -> Seal:
    seal: Seal = call.state.signer.seal
    return seal


def _purpose(caller_id: UUID) -> str:
    return f"answer to {caller_id}"
