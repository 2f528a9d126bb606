"""HTTP: one module a noun, all under `/api/member_registry/v1`."""

from member_registry.api import (
    accounts,
    api_keys,
    applications,
    invitations,
    organisations,
    people,
    sessions,
    signing_keys,
    tokens,
)

routers = [
    sessions.router,
    tokens.router,
    applications.router,
    organisations.router,
    people.router,
    api_keys.router,
    accounts.router,
    invitations.router,
    signing_keys.router,
]
