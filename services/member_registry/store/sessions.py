"""Sessions and the buckets of failed sign-ins."""

from datetime import datetime, timedelta
from uuid import UUID

from common.database import Database, Transaction


def insert_session(tx: Transaction, session_id: UUID, account_id: UUID, *, expires_at: datetime) -> None:
    """With the transaction's end."""
    tx.insert(
        "session (session_id, account_id, opened_at, refreshed_at, expires_at)",
        "$1, $2, $3, $3, $4",
        session_id,
        account_id,
        tx.now,
        expires_at,
    )


async def next_generation(tx: Transaction, session_id: UUID, generation: int, *, idle: timedelta) -> UUID | None:
    """The account, if this generation is the present one of a session that is good; the next one counts from now on."""
    found: UUID | None = await tx.fetch_value(
        """UPDATE session s SET generation = generation + 1, refreshed_at = $3
           FROM account a WHERE s.session_id = $1 AND s.generation = $2 AND s.ended_at IS NULL
               AND s.expires_at > $3 AND s.refreshed_at > $4
               AND a.account_id = s.account_id AND a.open AND a.tokens_valid_from <= s.opened_at
           RETURNING s.account_id""",
        session_id,
        generation,
        tx.now,
        tx.now - idle,
    )
    return found


async def end_replayed(tx: Transaction, session_id: UUID, generation: int) -> bool:
    """Whether a session was open whose generation has gone beyond this one; it is ended now."""
    return bool(
        await tx.fetch(
            """UPDATE session SET ended_at = $3
               WHERE session_id = $1 AND generation > $2 AND ended_at IS NULL RETURNING session_id""",
            session_id,
            generation,
            tx.now,
        )
    )


async def end_session(tx: Transaction, session_id: UUID) -> bool:
    """Whether it was open."""
    return bool(
        await tx.fetch(
            "UPDATE session SET ended_at = $2 WHERE session_id = $1 AND ended_at IS NULL RETURNING session_id",
            session_id,
            tx.now,
        )
    )


async def pour(database: Database, subject: bytes, *, drop: timedelta, full: timedelta) -> timedelta | None:
    """Put one attempt into a subject's bucket; when it is full nothing is added and the time to wait comes back.

    One statement, so that a hundred attempts at once do not all find the bucket empty. The bucket is the moment at
    which it will have drained: each attempt moves it by `drop`, and it may lie `full` ahead of now at most. Now is the
    database's: a process whose clock is an hour off would else lock everybody out for an hour.
    """
    wait: timedelta | None = await database.fetch_value(
        """WITH poured AS (
               INSERT INTO sign_in_attempt AS t (subject, drained_at) VALUES ($1, now() + $2::interval)
               ON CONFLICT (subject) DO UPDATE SET drained_at = greatest(t.drained_at, now()) + $2::interval
                   WHERE t.drained_at + $2::interval <= now() + $3::interval
               RETURNING drained_at)
           SELECT drained_at + $2::interval - now() - $3::interval FROM sign_in_attempt
           WHERE subject = $1 AND NOT EXISTS (SELECT FROM poured)""",
        subject,
        drop,
        full,
    )
    return wait


async def drain(database: Database, subject: bytes, by: timedelta) -> None:
    """Take back what a successful sign-in has put in."""
    await database.execute(
        "UPDATE sign_in_attempt SET drained_at = drained_at - $2::interval WHERE subject = $1", subject, by
    )


async def is_home(database: Database, subject: bytes) -> bool:
    """Whether an account has signed in from this network before."""
    return bool(await database.fetch_value("SELECT EXISTS (SELECT FROM sign_in_home WHERE subject = $1)", subject))


async def remember_home(database: Database, subject: bytes) -> None:
    """It has, just now."""
    await database.execute(
        "INSERT INTO sign_in_home VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET seen_at = excluded.seen_at",
        subject,
        database.clock(),
    )


async def forget_old(database: Database) -> None:
    """Sessions, buckets and homes that mean nothing any more, and invitations nobody accepted."""
    now = database.clock()
    await database.execute("DELETE FROM session WHERE expires_at < $1", now)
    await database.execute("DELETE FROM sign_in_attempt WHERE drained_at < now()")
    await database.execute("DELETE FROM sign_in_home WHERE seen_at < $1", now - timedelta(days=90))
    await database.execute("DELETE FROM invitation WHERE expires_at < $1", now)
