"""What events cause here: those they concern are told."""

from common import telemetry
from common.database import Transaction
from common.events.base import Event
from feeds import commands


async def tell_whom_it_concerns(tx: Transaction, event: Event) -> None:
    """Keeps the event with its own trace; all of a batch is told at the end, in one statement."""
    tx.gather(commands.tell, (event, telemetry.outgoing_context().get("traceparent")))
