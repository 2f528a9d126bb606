"""Which tables callers are kept apart in (decision 0011), as the migrations say it."""

import re
from collections.abc import Iterator

from deploy.services import ROOT, all_services
from deploy.words import Words

OPEN_TABLES = {
    "schema_migrations": "which migrations were applied",
    "outbox": "mechanism: written with a change, emptied by the relay, read by no handler",
    "published": "mechanism: what the relay has sent",
    "inbox": "mechanism: ids of events",
    "applied_version": "mechanism: versions of aggregates",
    "topic_position": "mechanism: how far the topic is acknowledged",
    "access_account": "read to find out who the caller is, before there is a caller",
    "access_organisation": "read to find out who the caller is",
    "access_affiliation": "read to find out who the caller is",
    "access_api_key": "read to find out who the caller is",
    "access_ended_session": "read to find out who the caller is",
    "signing_key": "public keys",
    "sign_in_attempt": "counts by hashes of addresses, before there is a caller",
    "sign_in_home": "hashes of addresses, before there is a caller",
}
"""The only tables without row-level security, of whatever service, and why."""
_CREATED = re.compile(r"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)
_KEPT_APART = re.compile(r"^CALL keep_apart\('(\w+)'", re.MULTILINE)


def open_tables() -> str:
    """Tables of services whose rows any caller could read, for no reason given here."""
    return "\n".join(fault for service in all_services() for fault in _open_tables(service.name))


def _open_tables(service: str) -> Iterator[str]:
    files = sorted((ROOT / "services" / service / "migrations").glob("*.sql"))
    applied = {file: file.read_text(encoding="utf-8").partition("-- migrate:down")[0] for file in files}
    known = {*OPEN_TABLES, *(name for text in applied.values() for name in _KEPT_APART.findall(text))}
    for file, text in applied.items():
        for table in _CREATED.findall(text):
            if table not in known:
                said = Words(
                    f"{table} 没有行级隔离：请写 CALL keep_apart('{table}', …)，或在 deploy/tables.py 说明理由",
                    f"{table} is open: CALL keep_apart('{table}', …), or give the reason in deploy/tables.py",
                )
                yield f"{file.relative_to(ROOT)}: {said}"
