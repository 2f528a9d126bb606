"""What an organisation is told of its own membership."""

from common.events.member_registry import MemberAdmitted
from common.vocabulary import RecordKind
from feeds.model.item import Item, ItemKind, item_of
from feeds.model.wording import both, titled


def for_admitted(event: MemberAdmitted) -> Item | None:
    """A new member is welcomed; a public record is nobody's membership."""
    who = event.organisation
    if who.record is RecordKind.public_record or not who.state.may_act:
        return None
    next_zh, next_en = (
        ("可以发布临床需求", "post clinical needs")
        if who.kind.is_institution
        else ("可以订阅感兴趣的需求", "subscribe to the needs that interest you")
    )
    return item_of(
        event,
        event.organisation_id,
        ItemKind.member_admitted,
        title=titled("欢迎加入联盟：{}", "Welcome to the alliance: {}", who.name),
        summary=both(
            f"请完善单位资料，推荐由此产生；{next_zh}。",
            f"Complete your profile, because suggestions come from it; {next_en}.",
        ),
        subject=("organisation", event.organisation_id),
        record=who.record,
    )
