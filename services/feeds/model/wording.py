"""How the words of an item are put together: both languages, titles that people wrote cut to what a line holds."""

from common.text import Bilingual, BilingualText


def zh(text: Bilingual | BilingualText) -> str:
    return text.in_language("zh")


def en(text: Bilingual | BilingualText) -> str:
    return text.in_language("en")


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def titled(in_zh: str, in_en: str, title: Bilingual) -> Bilingual:
    """The words of the system around a title that people wrote, which may be as long as a line may be."""
    return Bilingual(
        zh=in_zh.replace("{}", shortened(zh(title), 180)).rstrip("："),
        en=in_en.replace("{}", shortened(en(title), 180)).rstrip(": "),
    )


def both(in_zh: str, in_en: str) -> BilingualText:
    return BilingualText(zh=shortened(in_zh, 4000), en=shortened(in_en, 4000))


def sentences(*parts: str) -> str:
    return "".join(part for part in parts if part).strip()
