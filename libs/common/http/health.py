"""Whether the process lives, whether it is ready and why not, and its figures."""

import asyncio
from typing import Any, Protocol, runtime_checkable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from common import metrics
from common.database import DATABASE_FAULTS
from common.kafka_faults import FAULTS

router = APIRouter(include_in_schema=False)

OUTBOX = "SELECT count(*) AS rows, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS age FROM outbox"


@runtime_checkable
class TakesTime(Protocol):
    """A part of a service that cannot do its work the moment it has started: a picture still being loaded."""

    @property
    def ready(self) -> bool:
        """Whether it can do its work by now."""


@router.get("/health/live")
async def live() -> dict[str, bool]:
    """The event loop turns."""
    return {"live": True}


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """Ready when database and broker answer, partitions are assigned, and every part that takes time is."""
    running = request.app.state.running
    parts: dict[str, Any] = {"database": await _database_answers(running.database)}
    if running.relay:
        parts["relay"] = "leading" if running.relay.leading else "standby"
        parts["broker"] = running.relay.broker_answers
    if running.consumer:
        parts["consumer"] = running.consumer.stopped_because or running.consumer.ready
    parts |= {name: part.ready for name, part in running.service.parts if isinstance(part, TakesTime)}
    good = all(value is True or value in ("leading", "standby") for value in parts.values())
    return JSONResponse({"ready": good, "parts": parts}, status_code=200 if good else 503)


async def _database_answers(database: Any) -> bool:
    try:
        return bool(await asyncio.wait_for(database.fetch_value("SELECT true"), 2))
    except DATABASE_FAULTS:
        return False


@router.get("/metrics")
async def figures(request: Request) -> Response:
    """Prometheus text; the outbox and the lag are measured now."""
    running = request.app.state.running
    try:
        row = await running.database.fetch_row(OUTBOX)
        metrics.outbox_rows.set(row["rows"])
        metrics.outbox_age.set(row["age"])
        if running.consumer:
            for topic, lag in (await asyncio.wait_for(running.consumer.lag(), 1)).items():
                metrics.consumer_lag.labels(topic).set(lag)
    except (*DATABASE_FAULTS, *FAULTS):
        metrics.outbox_age.set(float("nan"))
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
