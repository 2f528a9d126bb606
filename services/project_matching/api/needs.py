"""Needs: draft one, revise it, read it, find it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from common.auth import Caller
from common.database import Reader
from common.errors import NotAllowed, NotFound
from common.http import Api, Call, Cursor, Page, Reach, allow, page_of, signed_in
from common.text import Bilingual
from common.vocabulary import AchievementType, NeedState, RecordKind, Role, Specialty, WantedSide
from project_matching.api.bodies import NeedBody, NewNeedBody
from project_matching.api.views import NeedView, need_view
from project_matching.commands.needs import draft_need, revise_need
from project_matching.commands.rights import POSTERS, viewer_of
from project_matching.model.disclosure import Sight, sight
from project_matching.model.need import Need, Organisation
from project_matching.model.words import search_expression
from project_matching.store.need_lists import NeedFilter, seen_needs
from project_matching.store.needs import SeenNeed, seen_need
from project_matching.store.posters import Posters

router = Api("project_matching")
Writer = Annotated[Call, allow(Role.secretariat, *POSTERS, reach=Reach.own)]


@router.post("/needs", status_code=201, response_model=NeedView)
async def post_need(call: Writer, body: NewNeedBody) -> Response:
    """A new draft. The secretariat posts for a marked record by naming it in `organisation_id`."""
    organisation, by_secretariat = await _poster(call, body)
    async with call.transaction() as tx:
        content = body.content(organisation.record)
        need = await draft_need(tx, content, organisation=organisation, by_secretariat=by_secretariat)
        location = f"{router.prefix}/needs/{need.id}"
        return call.respond(fresh_view(need, call.caller), tx=tx, status=201, version=need.version, location=location)


@router.put("/needs/{need_id}", response_model=NeedView)
async def put_need(call: Writer, need_id: UUID, body: NeedBody) -> Response:
    """The draft with new content; what the body leaves out is emptied."""
    async with call.transaction() as tx:
        record = await _record_of(tx, call, need_id)
        need = await revise_need(tx, need_id, body.content(record), caller=call.caller, version=call.expected_version())
        return call.respond(fresh_view(need, call.caller), tx=tx, version=need.version)


@router.get("/needs/{need_id}", response_model=NeedView)
async def get_need(call: Annotated[Call, signed_in(reach=Reach.own)], need_id: UUID) -> Response:
    """A need as far as the caller may read it, once it is published; before that one's own, 404 for all others."""
    seen = await readable_need(call.database, call.caller, need_id)
    return call.respond(need_view(seen, viewer_of(call.caller)), version=seen.need.version)


@router.get("/needs", response_model=Page[NeedView])
async def list_needs(
    call: Annotated[Call, signed_in()],
    cursor: Annotated[Cursor, Depends()],
    q: Annotated[str | None, Query(max_length=200, description="words in Chinese or English, all wanted")] = None,
    state: NeedState | None = None,
    specialty: Specialty | None = None,
    achievement_type: AchievementType | None = None,
    wanted: WantedSide | None = None,
    record: RecordKind | None = None,
    mine: Annotated[bool, Query(description="only needs of the caller's organisations")] = False,
) -> Response:
    """Needs the caller may see, newest first; with `state=submitted` a queue, oldest first."""
    words = search_expression(q) if q and q.strip() else None
    if q and q.strip() and words is None:
        return call.respond(Page[NeedView](items=[]))
    narrowed = NeedFilter(
        words=words,
        state=state,
        specialty=specialty,
        achievement_type=achievement_type,
        wanted=wanted,
        record=record,
        mine=mine,
    )
    viewer, after = viewer_of(call.caller), cursor.position(moment, UUID)
    found = await seen_needs(call.database, viewer, narrowed, after=after, limit=cursor.limit + 1)
    return call.respond(page_of(found, cursor, lambda seen: need_view(seen, viewer), _position))


def _position(seen: SeenNeed) -> list[object]:
    return [seen.need.in_state_since, seen.need.id]


def moment(text: str) -> datetime:
    """A point in time of a cursor, with its zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def fresh_view(need: Need, caller: Caller) -> NeedView:
    """The view of a need just written, by somebody who may read all of it."""
    return need_view(SeenNeed(need, mutual=False, suggested=0, interested=0), viewer_of(caller))


async def readable_need(reader: Reader, caller: Caller, need_id: UUID) -> SeenNeed:
    """NotFound for a need that is not there for this caller."""
    viewer = viewer_of(caller)
    seen = await seen_need(reader, need_id, viewer)
    if seen is None or sight(seen.need, viewer, mutual=seen.mutual) is Sight.nothing:
        raise NotFound
    return seen


async def _record_of(reader: Reader, call: Call, need_id: UUID) -> RecordKind:
    return (await readable_need(reader, call.caller, need_id)).need.content.record


async def _poster(call: Call, body: NewNeedBody) -> tuple[Organisation, bool]:
    """For whom is posted, and whether in the secretariat's name. NotFound for anybody else's organisation."""
    caller = call.caller
    chosen = body.organisation_id or caller.acting_for(*POSTERS)
    own = caller.may_act_for(chosen, *POSTERS)
    posters: Posters = call.state.posters
    found = await posters.organisation(chosen) if own or caller.secretariat else None
    if found is None:
        raise NotFound(Bilingual(zh="没有这个单位，或尚未收到其资料。", en="No such organisation is known here."))
    if own and not found.kind.is_institution:
        raise NotAllowed(Bilingual(zh="只有机构类成员发布需求。", en="Only institutions post needs."))
    return found, not own
