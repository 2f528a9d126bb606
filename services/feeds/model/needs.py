"""What a need's course becomes: for those who subscribed to its like, and for whoever posted it."""

from common.events.project_matching import NeedChanged, NeedPublished, SubscriptionHit
from common.text import Bilingual
from feeds.model.item import Item, ItemKind, Word, item_of
from feeds.model.wording import both, en, sentences, shortened, titled, zh


def for_subscriber(hit: SubscriptionHit) -> Item:
    """A published need passed a standing subscription: told to whoever subscribed."""
    return item_of(
        hit,
        hit.organisation_id,
        ItemKind.subscription_hit,
        title=titled("新需求：{}", "New need: {}", hit.need_title),
        summary=both(
            sentences(
                f"{zh(hit.need_organisation_name)}发布，符合订阅「{zh(hit.subscription_name)}」。",
                f"{hit.specialty.zh}，{hit.achievement_type.zh}。",
                shortened(zh(hit.need_summary), 400),
            ),
            sentences(
                f"Posted by {en(hit.need_organisation_name)}; fits “{en(hit.subscription_name)}”. ",
                f"{hit.specialty.en}, {hit.achievement_type.en}. ",
                shortened(en(hit.need_summary), 800),
            ),
        ),
        subject=("need", hit.need_id),
        record=hit.need_record,
        words=tuple(Word(word) for word in hit.words),
        subscription=(hit.subscription_id, hit.subscription_name),
    )


def for_owner_of_published(event: NeedPublished) -> Item:
    """Whoever posted a need learns that it is public and how much of it others see."""
    need = event.need
    return item_of(
        event,
        need.organisation_id,
        ItemKind.need_published,
        title=titled("需求已发布：{}", "Your need is public: {}", need.title),
        summary=both(
            f"匹配已经开始。公开程度：{need.disclosure.zh}。",
            f"Matching has begun. Others see: {need.disclosure.en.lower()}.",
        ),
        subject=("need", event.need_id),
        record=need.record,
    )


def for_owner_of_returned(event: NeedChanged) -> Item | None:
    """Whoever posted a need learns that it came back; other changes of their own are no news to them."""
    if not event.returned:
        return None
    return item_of(
        event,
        event.organisation_id,
        ItemKind.need_returned,
        title=titled("需求被退回：{}", "Your need was returned: {}", event.title or Bilingual()),
        summary=both(
            "秘书处写明了原因，请打开需求查看，修改后可再次提交。",
            "The secretariat says why: open the need, change it and submit it again.",
        ),
        subject=("need", event.need_id),
    )
