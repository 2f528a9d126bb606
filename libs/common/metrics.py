"""The figures each service shows under `/metrics` (Prometheus text format)."""

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

outbox_rows = Gauge("alliance_outbox_rows", "Events committed but not yet sent")
outbox_age = Gauge("alliance_outbox_age_seconds", "Age of the oldest event not yet sent")
published = Counter("alliance_published", "Events sent and acknowledged by the broker")
consumer_lag = Gauge("alliance_consumer_lag", "Records of a topic not yet processed", ["topic"])
batch_size = Histogram(
    "alliance_consumer_batch_size", "Events in one consumed batch", buckets=(1, 2, 5, 10, 50, 100, 500, 1000)
)
dead_letters = Counter("alliance_dead_letters", "Records given up and sent to the dead letters")
stale_events = Counter("alliance_stale_events", "Events older than what was already applied for their aggregate")
sse_listeners = Gauge("alliance_sse_listeners", "Open event streams")
sse_dropped = Counter("alliance_sse_dropped", "Listeners dropped because they read too slowly")
match_seconds = Histogram(
    "alliance_match_seconds",
    "Time to match one need or profile",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2),
)
requests = Counter("alliance_requests", "HTTP requests", ["method", "status"])
request_seconds = Histogram(
    "alliance_request_seconds",
    "Time to answer an HTTP request",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30),
)


def exposition() -> bytes:
    """All figures of this process as text."""
    return generate_latest(REGISTRY)
