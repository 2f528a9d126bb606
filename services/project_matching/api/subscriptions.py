"""Standing subscriptions of an organisation: made, read, changed as a whole, ended."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from common.errors import NotFound
from common.events.project_matching import SubscriptionFacts
from common.http import Api, Body, Call, Cursor, Page, Reach, View, allow, page_of, signed_in
from common.text import Bilingual, RequiredBilingual, clean
from common.vocabulary import AchievementType, Specialty, WantedSide
from project_matching.api.bodies import Region
from project_matching.commands.subscriptions import SUBSCRIBERS, change_subscription, end_subscription, subscribe
from project_matching.model.subscription import Subscription
from project_matching.store.subscriptions import subscription_with_id, subscriptions_of

router = Api("project_matching")
Subscriber = Annotated[Call, allow(*SUBSCRIBERS, reach=Reach.own)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(clean)]


class SubscriptionBody(Body):
    """A filter: every condition that is given must hold; a need that passes is told to the organisation's feed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": {"zh": "动脉瘤器械", "en": "Aneurysm devices"},
                    "specialties": ["aneurysm"],
                    "words_any": ["动脉瘤", "flow diverter"],
                }
            ]
        }
    )

    name: RequiredBilingual
    specialties: list[Specialty] = Field(default=[], max_length=50)
    achievement_types: list[AchievementType] = Field(default=[], max_length=20)
    wanted: list[WantedSide] = Field(default=[], max_length=20, description="sides a need looks for")
    regions: list[Region] = Field(default=[], max_length=50)
    words_all: list[Word] = Field(default=[], max_length=20, description="the need says all of these")
    words_any: list[Word] = Field(default=[], max_length=50, description="the need says at least one of these")
    words_none: list[Word] = Field(default=[], max_length=20, description="the need says none of these")

    def facts(self) -> SubscriptionFacts:
        return SubscriptionFacts(
            name=Bilingual(zh=self.name.zh, en=self.name.en),
            specialties=tuple(dict.fromkeys(self.specialties)),
            achievement_types=tuple(dict.fromkeys(self.achievement_types)),
            wanted=tuple(dict.fromkeys(self.wanted)),
            regions=tuple(dict.fromkeys(self.regions)),
            words_all=tuple(dict.fromkeys(self.words_all)),
            words_any=tuple(dict.fromkeys(self.words_any)),
            words_none=tuple(dict.fromkeys(self.words_none)),
        )


class SubscriptionView(View):
    """A subscription as its organisation sees it; nobody else does."""

    id: UUID
    organisation_id: UUID
    name: Bilingual
    specialties: tuple[Specialty, ...]
    achievement_types: tuple[AchievementType, ...]
    wanted: tuple[WantedSide, ...]
    regions: tuple[str, ...]
    words_all: tuple[str, ...]
    words_any: tuple[str, ...]
    words_none: tuple[str, ...]
    version: int
    created_at: datetime
    changed_at: datetime


@router.post("/subscriptions", status_code=201, response_model=SubscriptionView)
async def post_subscription(call: Subscriber, body: SubscriptionBody) -> Response:
    """A new subscription; it also hears of the needs that are open already."""
    organisation_id = call.caller.acting_for(*SUBSCRIBERS)
    async with call.transaction() as tx:
        made = await subscribe(tx, organisation_id, body.facts())
        location = f"{router.prefix}/subscriptions/{made.id}"
        return call.respond(_view(made), tx=tx, status=201, version=made.version, location=location)


@router.get("/subscriptions", response_model=Page[SubscriptionView])
async def list_subscriptions(call: Annotated[Call, signed_in()], cursor: Annotated[Cursor, Depends()]) -> Response:
    """Those of the caller's organisations, newest first."""
    after = cursor.position(UUID)
    found = await subscriptions_of(
        call.database, call.caller.organisation_ids(), after=after[0] if after else None, limit=cursor.limit + 1
    )
    return call.respond(page_of(found, cursor, _view, lambda one: [one.id]))


@router.get("/subscriptions/{subscription_id}", response_model=SubscriptionView)
async def get_subscription(call: Annotated[Call, signed_in(reach=Reach.own)], subscription_id: UUID) -> Response:
    """One of the caller's organisations."""
    found = await subscription_with_id(call.database, subscription_id)
    if found is None or not call.caller.may_act_for(found.organisation_id):
        raise NotFound
    return call.respond(_view(found), version=found.version)


@router.put("/subscriptions/{subscription_id}", response_model=SubscriptionView)
async def put_subscription(call: Subscriber, subscription_id: UUID, body: SubscriptionBody) -> Response:
    """The whole filter anew; what the body leaves out asks for nothing any more."""
    version = call.expected_version()
    async with call.transaction() as tx:
        changed = await change_subscription(tx, subscription_id, body.facts(), caller=call.caller, version=version)
        return call.respond(_view(changed), tx=tx, version=changed.version)


@router.delete("/subscriptions/{subscription_id}", status_code=204, conditional=True)
async def delete_subscription(call: Subscriber, subscription_id: UUID) -> Response:
    """Ends it; what it has brought stays in the feed."""
    version = call.expected_version()
    async with call.transaction() as tx:
        await end_subscription(tx, subscription_id, caller=call.caller, version=version)
        return call.respond(None, tx=tx, status=204)


def _view(subscription: Subscription) -> SubscriptionView:
    kept = {name: getattr(subscription, name) for name in SubscriptionView.model_fields if hasattr(subscription, name)}
    return SubscriptionView(**kept, **dict(subscription.facts))
