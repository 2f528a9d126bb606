"""Who is calling and what they may do: signed tokens, each service's own copy of rights, and the caller they make."""

from common.auth.access import Access, access_reactions
from common.auth.caller import ANONYMOUS, Acting, Caller
from common.auth.tokens import AUDIENCE, Claims, TokenVerifier

__all__ = ["ANONYMOUS", "AUDIENCE", "Access", "Acting", "Caller", "Claims", "TokenVerifier", "access_reactions"]
