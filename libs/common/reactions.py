"""The wiring table's rows: which reaction follows which event, one by one or for a list."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from common import telemetry
from common.database import Transaction
from common.events import Event
from common.inbox import Received

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Copy:
    """A table whose rows are a function of events alone: `deploy.operate` makes it anew from the topics and compares.

    `decided_here` names columns whose values this service chose (a number, an id): they are not compared, and such a
    table is never exchanged, only added to. `compared` is an SQL condition on the rows the rule holds for.
    """

    table: str
    decided_here: tuple[str, ...] = ()
    compared: str = "true"


@dataclass(frozen=True, slots=True)
class On:
    """One row: an event class, what follows from it, and the copy that the reaction writes, if it writes one."""

    event: type[Event]
    reaction: Callable[[Transaction, Any], Awaitable[None]]
    many: bool
    copy: Copy | None = None


def on(event: type[E], reaction: Callable[[Transaction, E], Awaitable[None]], copy: Copy | None = None) -> On:
    """For decisions: the reaction gets one event at a time."""
    return On(event, reaction, many=False, copy=copy)


def on_many(
    event: type[E], reaction: Callable[[Transaction, Sequence[E]], Awaitable[None]], copy: Copy | None = None
) -> On:
    """For copies, read models and whatever gains from batches: the reaction gets a list, in order."""
    return On(event, reaction, many=True, copy=copy)


class Dispatch:
    """Runs the reactions of a batch; lists are as long as the order of each aggregate's events allows."""

    def __init__(self, table: Sequence[On]) -> None:
        self._by_type: dict[str, list[On]] = {}
        for row in table:
            self._by_type.setdefault(row.event.type, []).append(row)

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(sorted({rows[0].event.producer for rows in self._by_type.values()}))

    def wants(self, event_type: str) -> bool:
        return event_type in self._by_type

    async def run(self, tx: Transaction, batch: Sequence[Received]) -> None:
        """All reactions of these events, in an order that keeps each aggregate's own order across event types.

        An event may have several rows for lists (a copy of rights, a copy of profiles): they are gathered side by side
        and run in the table's order. What was gathered goes first when an aggregate's next event is of another type.
        """
        gathered: dict[On, list[Received]] = {}
        holder: dict[Any, str] = {}
        for received in batch:
            key, kind = received.event.aggregate_id, received.event.type
            if holder.get(key, kind) != kind:
                await self._flush(tx, gathered)
                holder.clear()
            for row in self._by_type[kind]:
                if row.many:
                    gathered.setdefault(row, []).append(received)
                    holder[key] = kind
                else:
                    await self._flush(tx, gathered)
                    holder.clear()
                    await self._one(tx, row, received)
        await self._flush(tx, gathered)

    async def _flush(self, tx: Transaction, gathered: dict[On, list[Received]]) -> None:
        for row, received in gathered.items():
            name = getattr(row.reaction, "__name__", "reaction")
            with telemetry.continued(received[0].trace, name, kind="consumer", events=len(received)):
                await row.reaction(tx, [r.event for r in received])
        gathered.clear()

    async def _one(self, tx: Transaction, row: On, received: Received) -> None:
        name = getattr(row.reaction, "__name__", "reaction")
        with telemetry.continued(received.trace, name, kind="consumer", event=str(received.id)):
            await row.reaction(tx, received.event)
