"""Whose list a caller reads, and from which number on."""

from uuid import UUID

from common.auth import Caller
from common.errors import FieldError, InvalidInput, NotAllowed
from common.text import Bilingual

LARGEST = 2**63 - 1
"""A number is a bigint."""


def subscriber_of(caller: Caller) -> UUID:
    """The organisation whose list this is; raises NotAllowed for a caller who acts for none, or for several unnamed."""
    if caller.secretariat and not caller.organisations:
        raise NotAllowed(
            Bilingual(
                zh="动态属于成员单位；秘书处账号不代表任何单位，没有自己的动态。",
                en="Feeds belong to organisations: a secretariat account acts for none and has no feed of its own.",
            ),
            code="no_feed",
        )
    return caller.acting_for()


def number_in(name: str, text: str | None) -> int | None:
    """The item number given in this header or parameter; None without one, InvalidInput if it is none."""
    if text is None or text == "":
        return None
    if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST:
        return int(text)
    raise InvalidInput(
        errors=(
            FieldError(
                name,
                "number_invalid",
                Bilingual(zh="不是有效的条目编号", en="is not the number of an item"),
                Bilingual(
                    zh="请使用收到的最后一个 id，或不带此项从现在开始",
                    en="use the last id you received, or leave it out to begin now",
                ),
            ),
        )
    )
