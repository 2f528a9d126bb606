"""Subscriptions and their hits."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from common.database import Reader, Transaction
from common.events.project_matching import SubscriptionFacts
from common.ids import new_id
from common.text import Bilingual
from project_matching.model.need import OPEN
from project_matching.model.subscription import Subscription

_LISTS = ("specialties", "achievement_types", "wanted", "regions", "words_all", "words_any", "words_none")
_COLUMNS = ("id", "version", "organisation_id", "active", "name_zh", "name_en", *_LISTS, "created_at", "changed_at")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM subscription"
_PLACES = ", ".join(f"${n}" for n in range(1, len(_COLUMNS) + 1))
_INTO = f"subscription ({', '.join(_COLUMNS)})"
_UPDATE = f"""
UPDATE subscription SET ({", ".join(_COLUMNS)}) = ROW({_PLACES}) WHERE id = $1 AND version = $2 - 1 RETURNING id
"""
_INSERT_HITS = """
WITH open AS (SELECT id FROM need WHERE id = ANY($3) AND state = ANY($4) ORDER BY id FOR SHARE),
     standing AS (SELECT id FROM subscription WHERE id = ANY($2) AND active ORDER BY id FOR SHARE)
INSERT INTO hit (id, subscription_id, need_id, found_at)
SELECT h.id, h.subscription_id, h.need_id, $5
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS h (id, subscription_id, need_id)
JOIN open ON open.id = h.need_id JOIN standing ON standing.id = h.subscription_id
ORDER BY h.subscription_id, h.need_id
ON CONFLICT (subscription_id, need_id) DO NOTHING RETURNING id, subscription_id, need_id
"""


def insert_subscription(tx: Transaction, subscription: Subscription) -> None:
    tx.insert(_INTO, _PLACES, *_values(subscription))


def update_subscription(tx: Transaction, subscription: Subscription) -> None:
    """The next version over the one before it; StaleVersion if that is no longer the last."""
    tx.save(_UPDATE, *_values(subscription))


def _values(subscription: Subscription) -> list[object]:
    facts = subscription.facts
    row: dict[str, object] = {
        **{column: getattr(subscription, column) for column in _COLUMNS if hasattr(subscription, column)},
        **{column: list(getattr(facts, column)) for column in _LISTS},
        "name_zh": facts.name.zh,
        "name_en": facts.name.en,
    }
    return [row[column] for column in _COLUMNS]


def _subscription_of(row: Record) -> Subscription:
    name = Bilingual(zh=row["name_zh"], en=row["name_en"])
    facts = SubscriptionFacts.model_validate({"name": name, **{column: row[column] for column in _LISTS}})
    kept = ("id", "version", "organisation_id", "active", "created_at", "changed_at")
    return Subscription(facts=facts, **{column: row[column] for column in kept})


async def subscription_with_id(reader: Reader, subscription_id: UUID) -> Subscription | None:
    """One that is active."""
    row = await reader.fetch_row(f"{_SELECT} WHERE id = $1 AND active", subscription_id)
    return _subscription_of(row) if row else None


async def subscription_for_change(tx: Transaction, subscription_id: UUID) -> Subscription | None:
    """One that is active, its row locked."""
    row = await tx.fetch_row(f"{_SELECT} WHERE id = $1 AND active FOR NO KEY UPDATE", subscription_id)
    return _subscription_of(row) if row else None


async def subscriptions_of(
    reader: Reader, organisation_ids: Sequence[UUID], *, after: UUID | None, limit: int
) -> list[Subscription]:
    """Newest first."""
    rows = await reader.fetch(
        f"{_SELECT} WHERE organisation_id = ANY($1) AND active AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        list(organisation_ids),
        after,
        limit,
    )
    return [_subscription_of(row) for row in rows]


async def count_of(reader: Reader, organisation_id: UUID) -> int:
    sql = "SELECT count(*) FROM subscription WHERE organisation_id = $1 AND active"
    return int(await reader.fetch_value(sql, organisation_id))


async def active_subscriptions(reader: Reader) -> list[Subscription]:
    """Every one that hears of needs, for the engine's index."""
    return [_subscription_of(row) for row in await reader.fetch(f"{_SELECT} WHERE active")]


async def insert_hits(tx: Transaction, pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], UUID]:
    """The ids of those (subscription, need) that were not there and whose both sides are still open."""
    if not pairs:
        return {}
    subscriptions, needs = zip(*pairs, strict=True)
    ids = [new_id() for _ in pairs]
    rows = await tx.fetch(_INSERT_HITS, ids, list(subscriptions), list(needs), list(OPEN), tx.now)
    return {(row["subscription_id"], row["need_id"]): row["id"] for row in rows}
