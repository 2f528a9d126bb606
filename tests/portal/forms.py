"""A browser without scripts: opens pages, reads the forms they hold and sends them as a person filled them in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.portal.conftest import World


@dataclass
class PageForm:
    """A form of a page: where it goes and what it holds."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """A page's status, text and forms; elements with aria-invalid are the fields said to be wrong."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status, self.html, self.path = answer.status_code, answer.text, answer.url.raw_path.decode()
        self.forms: list[PageForm] = []
        self.wrong: list[str] = []
        self._words: list[str] = []
        self._open: tuple[str, list[str]] | None = None  # a textarea and its text
        self._select = ""
        self.feed(answer.text)
        self.text = " ".join(" ".join(self._words).split())

    def form(self, action: str) -> PageForm:
        return next(form for form in self.forms if form.action == action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if has.get("aria-invalid") == "true":
            self.wrong.append(name)
        if tag == "form":
            self.forms.append(PageForm(has.get("action") or ""))
        elif tag == "input" and (has.get("type") != "checkbox" or "checked" in has):
            self._put(name, has.get("value") or "")
        elif tag == "textarea":
            self._open = (name, [])
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in has:
            self._put(self._select, has.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open:
            self._put(self._open[0], "".join(self._open[1]))
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[1].append(data)
        self._words.append(data)

    def _put(self, name: str, value: str) -> None:
        if self.forms and name:
            self.forms[-1].fields.setdefault(name, []).append(value)


class Browser:
    """Follows redirects and keeps cookies."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def open(self, path: str) -> Page:
        return Page(await self.client.get(path))

    async def send(self, form: PageForm, to: str | None = None, **filled: Any) -> Page:
        """The form with some fields filled in otherwise; `__` stands for the dot in a name."""
        given = {name.replace("__", "."): value for name, value in filled.items()}
        return Page(await self.client.post(to or form.action, data=form.fields | given))

    async def sign_in(self, email: str, password: str) -> Page:
        form = (await self.open("/sign-in")).form("/sign-in")
        return await self.send(form, email=email, password=password)


@asynccontextmanager
async def browsing(world: World, email: str = "", password: str = "") -> AsyncIterator[Browser]:
    """In English, signed in if an address is given."""
    headers, cookies = {"sec-fetch-site": "same-origin"}, {"alliance_language": "en"}
    async with httpx.AsyncClient(
        base_url=world.alliance.url, headers=headers, cookies=cookies, follow_redirects=True, timeout=60
    ) as client:
        browser = Browser(client)
        if email:
            assert (await browser.sign_in(email, password)).path == "/"
        yield browser
