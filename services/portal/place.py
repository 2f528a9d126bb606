"""Whose profile, people and keys a page is about: one's own organisation, or any, for the secretariat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from common.vocabulary import EDITORS, REPRESENTATIVES
from portal.clients import Answer
from portal.visit import NotForYou, SignInNeeded, Visit, Visitor

SERVICE = "member_registry"


class NoOrganisation(Exception):
    """Signed in, but acting for no organisation that may act at present."""


@dataclass(frozen=True)
class Place:
    """An organisation, the address of its pages, and what this person may do there; the registry checks it again."""

    visit: Visit
    organisation_id: str
    base: str
    role: str | None = None

    @property
    def may_manage(self) -> bool:
        """People and keys."""
        return self.role is None or self.role in REPRESENTATIVES

    @property
    def may_edit(self) -> bool:
        """The profile, and reading who holds which office."""
        return self.may_manage or self.role in EDITORS

    def address(self, page: str) -> str:
        """A page's address for keeping its unfinished form: never shown again for another organisation."""
        return f"{self.base}{page}?of={self.organisation_id}"

    def kept(self, page: str) -> Mapping[str, Any] | None:
        """The form of this page that was not finished."""
        return self.visit.session.kept.get(self.address(page)) if self.visit.session else None

    async def call(self, method: str, path: str = "", **more: Any) -> Answer:
        """A call about this organisation on the person's behalf."""
        return await self.visit.call(SERVICE, method, f"/organisations/{self.organisation_id}{path}", **more)


async def place_of(request: Request, visit: Visitor) -> Place:
    """`/organisation…` is one's own, `/members/<id>…` the secretariat's way to any."""
    if not visit.signed_in:
        raise SignInNeeded(expired=visit.cookie is not None)
    place = place_at(visit, request.path_params.get("organisation_id"))
    if place is None:
        raise NotForYou
    return place


def place_at(visit: Visit, named: object = None) -> Place | None:
    """None for somebody else's organisation."""
    own = visit.organisation
    if named is None:
        if own is None or own["state"] not in ("active", "grace"):
            raise NoOrganisation
        return Place(visit, str(own["id"]), "/organisation", own["role"])
    if visit.side == "secretariat":
        return Place(visit, str(named), f"/members/{named}")
    return None


Here = Annotated[Place, Depends(place_of)]


async def editing_place(place: Here) -> Place:
    """The forms of a profile are for those who may save them."""
    if not place.may_edit:
        raise NotForYou
    return place


Editing = Annotated[Place, Depends(editing_place)]
