"""The OpenAPI document of a service and a page that shows it without internet."""

from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{base}/docs/swagger-ui.css"><div id="ui"></div>
<script src="{base}/docs/swagger-ui-bundle.js"></script><script src="{base}/docs/start.js"></script></html>"""
_START = 'SwaggerUIBundle({{ url: "{base}/openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null }});'
_CSP = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
_ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


def document(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of all routes, with bearer tokens and the roles each operation asks for (`x-roles`)."""
    if not app.openapi_schema:
        found = get_openapi(title=app.title, version=app.version, routes=app.routes, openapi_version="3.1.0")
        found.setdefault("components", {})["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        app.openapi_schema = found
    return app.openapi_schema


def install(app: FastAPI, service: str) -> None:
    """`/api/<service>/openapi.json` and `/api/<service>/docs`."""
    base = f"/api/{service}"

    @app.get(f"{base}/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(document(app))

    @app.get(f"{base}/docs", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(_PAGE.format(title=app.title, base=base), headers={"content-security-policy": _CSP})

    @app.get(f"{base}/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START.format(base=base), media_type="text/javascript")

    @app.get(f"{base}/docs/{{name}}", include_in_schema=False)
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            return Response(status_code=404)
        content = (files("common.http") / "static" / name).read_bytes()
        return Response(content, media_type=_ASSETS[name], headers={"cache-control": "public, max-age=86400"})
