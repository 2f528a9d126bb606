"""A small service of its own, to test what every service does with HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from common.clock import utc_now
from common.errors import NotFound
from common.events.feeds import FeedItemAdded
from common.http import Api, Call, Cursor, Page, Reach, allow, page_of, public, signed_in
from common.ids import new_id
from common.text import Bilingual, RequiredBilingual
from common.vocabulary import Role, Specialty


class Note(BaseModel):
    """What the small service keeps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: RequiredBilingual
    specialty: Specialty = Specialty.other
    tags: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = []
    count: Annotated[int, Field(ge=0, le=1000)] = 0


class NoteView(BaseModel):
    id: UUID
    title: Bilingual
    version: int


router = Api("feeds")
notes: dict[UUID, NoteView] = {}


@router.post("/notes", status_code=201)
async def post_note(note: Note, call: Annotated[Call, allow(Role.institution_editor, Role.secretariat)]) -> Response:
    async with call.transaction() as tx:
        view = NoteView(id=new_id(), title=note.title, version=1)
        notes[view.id] = view
        tx.save("INSERT INTO applied_version VALUES ($1, 1) RETURNING 1", view.id)
        tx.publish(FeedItemAdded(version=1, at=utc_now(), item_id=view.id, subscriber_id=view.id, number=1))
        return call.respond(view, tx=tx, status=201, version=1, location=f"/notes/{view.id}")


@router.get("/notes/{note_id}")
async def get_note(note_id: UUID, call: Annotated[Call, signed_in(reach=Reach.everybody)]) -> Response:
    if note_id not in notes:
        raise NotFound
    return call.respond(notes[note_id], version=notes[note_id].version)


@router.put("/notes/{note_id}")
async def put_note(note_id: UUID, note: Note, call: Annotated[Call, signed_in(reach=Reach.everybody)]) -> Response:
    version = call.expected_version()
    async with call.transaction() as tx:
        tx.save(
            "UPDATE applied_version SET version = version + 1 WHERE aggregate_id = $1 AND version = $2 RETURNING 1",
            note_id,
            version,
        )
        view = NoteView(id=note_id, title=note.title, version=version + 1)
    return call.respond(view, version=view.version)


@router.get("/notes")
async def list_notes(cursor: Annotated[Cursor, Depends()], call: Annotated[Call, public()]) -> Page[NoteView]:
    found = sorted(notes.values(), key=lambda note: note.id)
    if cursor.after:
        found = [note for note in found if str(note.id) > cursor.after[0]]
    return page_of(found[: cursor.limit + 1], cursor, lambda note: note, lambda note: [note.id])


@router.get("/broken")
async def broken(call: Annotated[Call, public()]) -> Response:
    raise ZeroDivisionError("a secret detail")


GOOD = {"title": {"zh": "笔记", "en": "A note"}}


def key(value: str | None = None) -> dict[str, str]:
    return {"idempotency-key": value or str(new_id())}
