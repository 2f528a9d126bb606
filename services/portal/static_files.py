"""Style sheets, scripts and icons: read once, compressed once, kept by browsers for as long as they do not change."""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

STATIC = Path(__file__).parent / "static"
SERVED = frozenset({".css", ".js", ".svg", ".png", ".ico", ".webmanifest"})
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter()


class File:
    """One file in memory, plain and compressed, under the hash of its content."""

    def __init__(self, path: Path) -> None:
        self.plain = path.read_bytes()
        self.packed = gzip.compress(self.plain, 9)
        self.version = hashlib.sha256(self.plain).hexdigest()[:16]
        self.type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"


@cache
def file(name: str) -> File | None:
    """The file of this name; only what is meant to be served, never a path out of the folder."""
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in SERVED or not path.is_file():
        return None
    return File(path)


@cache
def address(name: str) -> str:
    """Where a page finds a file: the version in the address makes it safe to keep the copy for ever."""
    found = file(name)
    assert found is not None, f"static file {name} is missing"
    return f"/static/{found.version}/{name}"


@router.get("/static/{version}/{name:path}", include_in_schema=False)
async def serve(request: Request, version: str, name: str) -> Response:
    """A file under its versioned address; an address of another version is not kept."""
    found = file(name) if len(name) < 200 else None
    if found is None:
        raise HTTPException(404)
    kept = FOR_EVER if version == found.version else "no-cache"
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.type)
    return Response(found.plain, headers=headers, media_type=found.type)
