"""Both languages are complete, and words that people wrote can never become markup."""

import re
from pathlib import Path

import pytest

from portal import messages, texts
from portal.highlight import marked
from portal.pages import entrance
from portal.templating import TEMPLATES, icon


def test_every_message_of_the_console_has_chinese() -> None:
    chinese = messages.kept()
    for message in messages.extracted():
        if message.id:
            found = chinese.get(message.id)
            assert found is not None, message.id
            assert found.string, message.id


def test_the_catalogue_holds_no_message_that_nobody_uses() -> None:
    used = {str(message.id) for message in messages.extracted()}
    assert {str(message.id) for message in messages.kept()} <= used


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_a_template_has_no_inline_script_style_or_handler(template: Path) -> None:
    source = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"""\s(style|on[a-z]+)=["']""", source)
    assert "javascript:" not in source
    assert "|safe" not in source


def test_words_are_marked_in_both_languages_and_the_rest_is_escaped() -> None:
    html = marked("弹簧圈 <b>coils</b> & re-coiling", ["弹簧圈", "coil"])
    assert html == "<mark>弹簧圈</mark> &lt;b&gt;<mark>coils</mark>&lt;/b&gt; &amp; re-<mark>coiling</mark>"


def test_a_word_inside_another_latin_word_is_not_marked() -> None:
    assert marked("scarcoil unstented", ["coil", "stent"]) == "scarcoil unstented"


def test_the_longest_of_overlapping_words_is_marked_whole() -> None:
    assert marked("颅内宽颈动脉瘤", ["动脉瘤", "宽颈动脉瘤"]) == "颅内<mark>宽颈动脉瘤</mark>"


def test_a_text_in_the_other_language_says_which_one_it_is() -> None:
    assert texts.shown({"zh": None, "en": "Coil"}, "zh") == '<span lang="en">Coil</span>'
    assert texts.shown({"zh": "弹簧圈", "en": "Coil"}, "zh") == "弹簧圈"
    assert texts.shown({"zh": "<i>", "en": None}, "en") == '<span lang="zh-CN">&lt;i&gt;</span>'


def test_icons_are_decoration_unless_they_are_named() -> None:
    assert 'aria-hidden="true"' in icon("home")
    assert 'aria-label="Home"' in icon("home", "Home")


def test_every_change_asks_for_a_form_that_carries_its_token() -> None:
    """Deny by default: a POST route without the form check would accept what another site sends."""
    from fastapi.routing import APIRoute

    from portal.console import PAGES
    from portal.forms import open_form

    for module in PAGES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            if (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
                assert open_form in _calls(route.dependant), f"{route.path} does not check its form"
    assert entrance.router.routes


def _calls(dependant: object) -> set[object]:
    inner = getattr(dependant, "dependencies", [])
    return {getattr(dependant, "call", None)}.union(*(_calls(one) for one in inner))
