"""What is wrong with a field and what would be right, from pydantic's findings, in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import FieldError
from common.text import Bilingual

_TEXTS: dict[str, tuple[str, str, str, str]] = {
    # pydantic's type: (zh what, en what, zh remedy, en remedy); {…} are filled from the finding's context
    "missing": ("必填", "is missing", "请填写此项", "fill it in"),
    "extra_forbidden": ("未知字段", "is not a known field", "请删除此字段", "leave it out"),
    "string_type": ("应为文本", "must be text", "请填写文本", "give a text"),
    "string_too_long": (
        "文本过长",
        "is too long",
        "最多 {max_length} 个字符",
        "at most {max_length} characters",
    ),
    "string_too_short": ("文本过短", "is too short", "至少 {min_length} 个字符", "at least {min_length} characters"),
    "string_pattern_mismatch": ("格式不正确", "has the wrong form", "应符合 {pattern}", "must match {pattern}"),
    "string_unicode": (
        "含有无效的 Unicode",
        "is not valid Unicode",
        "请删除无法显示的字符",
        "remove broken characters",
    ),
    "control_character": (
        "含有不可保存的控制字符",
        "contains a control character that cannot be kept",
        "请删除不可见字符",
        "remove invisible characters",
    ),
    "text_required": (
        "中文或英文至少填写一项",
        "is needed in Chinese or in English",
        "请至少填写一种语言",
        "fill in one language",
    ),
    "enum": ("不在可选范围内", "is not one of the codes", "可选：{expected}", "one of {expected}"),
    "literal_error": ("不在可选范围内", "is not one of the values", "可选：{expected}", "one of {expected}"),
    "uuid_parsing": ("不是有效的标识", "is not an id", "应为 UUID", "give a UUID"),
    "uuid_type": ("不是有效的标识", "is not an id", "应为 UUID", "give a UUID"),
    "int_type": ("应为整数", "must be a whole number", "请填写整数", "give a whole number"),
    "int_parsing": ("应为整数", "must be a whole number", "请填写整数", "give a whole number"),
    "int_from_float": ("应为整数", "must be a whole number", "请填写整数", "give a whole number"),
    "int_parsing_size": ("数字过大", "is too large a number", "请填写较小的整数", "give a smaller number"),
    "greater_than_equal": ("数值过小", "is too small", "应不小于 {ge}", "at least {ge}"),
    "less_than_equal": ("数值过大", "is too large", "应不大于 {le}", "at most {le}"),
    "bool_type": ("应为是或否", "must be true or false", "请填写 true 或 false", "give true or false"),
    "bool_parsing": ("应为是或否", "must be true or false", "请填写 true 或 false", "give true or false"),
    "list_type": ("应为列表", "must be a list", "请填写列表", "give a list"),
    "too_long": ("条目过多", "has too many entries", "最多 {max_length} 条", "at most {max_length} entries"),
    "too_short": ("条目过少", "has too few entries", "至少 {min_length} 条", "at least {min_length} entries"),
    "dict_type": ("应为对象", "must be an object", "请填写 JSON 对象", "give a JSON object"),
    "model_type": ("应为对象", "must be an object", "请填写 JSON 对象", "give a JSON object"),
    "model_attributes_type": ("应为对象", "must be an object", "请填写 JSON 对象", "give a JSON object"),
    "url_parsing": (
        "不是有效的网址",
        "is not a web address",
        "例如 https://example.org",
        "https://example.org for example",
    ),
    "url_scheme": ("网址类型不受支持", "has a scheme that is not allowed", "请使用 https", "use https"),
}


def field_error(found: Mapping[str, Any]) -> FieldError:
    """One finding of pydantic as the person who filled in the form should read it."""
    context = {name: _plain(value) for name, value in (found.get("ctx") or {}).items()}
    texts = _TEXTS.get(found["type"])
    if texts is None:
        message = context.get("zh"), context.get("en", str(found["msg"]))
        return FieldError(
            field_path(found["loc"]),
            str(found["type"]),
            Bilingual(zh=_short(message[0] or "填写不正确"), en=_short(message[1])),
            Bilingual(zh=context.get("remedy_zh"), en=context.get("remedy_en")),
        )
    zh, en, remedy_zh, remedy_en = (_fill(text, context) for text in texts)
    return FieldError(
        field_path(found["loc"]), str(found["type"]), Bilingual(zh=zh, en=en), Bilingual(zh=remedy_zh, en=remedy_en)
    )


def field_path(location: Sequence[str | int]) -> str:
    """`body.title.zh`, `items[3].year`: where the field stands, without the word `body` in front."""
    path = ""
    for part in location[1:] if location and location[0] in ("body", "query", "path", "header") else location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or (str(location[0]) if location else "body")


def _plain(value: Any) -> str:
    return str(value)[:280]


def _short(text: str) -> str:
    return text[:280]


def _fill(text: str, context: Mapping[str, str]) -> str:
    try:
        return _short(text.format(**context))
    except (KeyError, IndexError, ValueError):
        return text.partition("{")[0].rstrip("：: ")
