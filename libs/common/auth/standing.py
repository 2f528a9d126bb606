"""Whether many callers may still act, in one statement: the rule of `Access.caller` for streams, which stay open."""

from collections.abc import Sequence
from uuid import UUID

from common.auth.tokens import Claims
from common.database import Database
from common.vocabulary import MemberState

_ACTING = [state.value for state in MemberState if state.may_act]
_LOST = """
SELECT place FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bool[], $5::uuid[]) WITH ORDINALITY
    AS asked (subject, session, issued_at, machine, organisation, place)
WHERE NOT EXISTS (
    SELECT FROM access_organisation WHERE organisation_id = asked.organisation AND state = ANY($6::text[])
) OR NOT CASE WHEN asked.machine THEN EXISTS (
    SELECT FROM access_api_key
    WHERE api_key_id = asked.subject AND organisation_id = asked.organisation AND NOT revoked
) ELSE EXISTS (
    SELECT FROM access_account a JOIN access_affiliation f USING (account_id)
    WHERE a.account_id = asked.subject AND a.open AND a.tokens_valid_from <= asked.issued_at
      AND f.organisation_id = asked.organisation
      AND f.valid_from <= now() AND (f.valid_until IS NULL OR f.valid_until > now())
) AND NOT EXISTS (SELECT FROM access_ended_session WHERE session_id = asked.session) END
"""


async def may_act(database: Database, asked: Sequence[tuple[Claims, UUID]]) -> list[bool]:
    """For each caller and organisation, whether the one may act for the other now, in whatever office."""
    if not asked:
        return []
    lost = await database.fetch(
        _LOST,
        [claims.subject for claims, _ in asked],
        [claims.session_id for claims, _ in asked],
        [claims.issued_at for claims, _ in asked],
        [claims.machine for claims, _ in asked],
        [organisation_id for _, organisation_id in asked],
        _ACTING,
    )
    gone = {row["place"] for row in lost}
    return [place not in gone for place in range(1, len(asked) + 1)]
