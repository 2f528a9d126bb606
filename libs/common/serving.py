"""The process of a service: `python -m common.serving <service>`."""

import importlib
import os
import sys

import uvicorn
from starlette.types import ASGIApp

from common import telemetry
from common.http.connection import Connection
from common.service import Service
from common.settings import Settings, settings


def load(name: str) -> Service:
    """The declaration in `services/<name>/app.py`."""
    service = importlib.import_module(f"{name}.app").service
    assert isinstance(service, Service)
    return service


def main() -> None:
    """The service that the command line names, with the settings of the environment."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m common.serving <service>")
    os.environ.setdefault("ALLIANCE_SERVICE", sys.argv[1])
    config = settings()
    serve(load(config.service).app(config), config)


def serve(app: ASGIApp, config: Settings) -> None:
    """Serve until SIGTERM or SIGINT; open event streams are given two seconds."""
    # Threads that compute (matching, accounts of matches) give way to the event loop ten times sooner than by default.
    sys.setswitchinterval(0.0005)
    telemetry.configure_logs(config.service, level=config.log_level, shape=config.log_format)
    telemetry.configure_traces(config.service, config.otlp_endpoint)
    uvicorn.run(
        app,
        host=config.host,
        port=config.port,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,
        backlog=2048,
    )


if __name__ == "__main__":
    main()
