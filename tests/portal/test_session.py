"""What keeps a browser's session its own: cookies, form tokens, origins, redirects, headers."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio

from common.ids import new_id
from portal.security import form_token, local_path, token_is_right
from portal.session import Session, Store, hash_of, new_cookie
from tests.conftest import Connect
from tests.portal.conftest import World

COOKIE = "alliance_session"


@pytest_asyncio.fixture
async def browser_like(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies and sends what browsers send with a form of the same address."""
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    async with httpx.AsyncClient(base_url=world.alliance.url, headers=headers, timeout=30) as client:
        yield client


async def token_on(client: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await client.get(path)).text)
    assert found, f"no form on {path}"
    return found.group(1)


async def enter(client: httpx.AsyncClient, world: World, **more: str) -> httpx.Response:
    email, password = world.account("hospital")
    fields = {"csrf": await token_on(client, "/sign-in"), "email": email, "password": password} | more
    return await client.post("/sign-in", data=fields)


async def lands_on(world: World, cookie: str) -> str | None:
    """Where somebody with this cookie is sent who asks for the first page; None if they get it."""
    async with httpx.AsyncClient(base_url=world.alliance.url, cookies={COOKIE: cookie}, timeout=30) as client:
        location: str | None = (await client.get("/")).headers.get("location")
        return location


async def test_signing_in_gives_a_new_cookie_and_the_old_one_opens_nothing(
    browser_like: httpx.AsyncClient, world: World
) -> None:
    await browser_like.get("/sign-in")
    before = browser_like.cookies[COOKIE]

    answer = await enter(browser_like, world)

    assert answer.status_code == 303
    assert browser_like.cookies[COOKIE] != before
    assert await lands_on(world, before) == "/sign-in?next=%2F"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser_like: httpx.AsyncClient, world: World
) -> None:
    answer = await enter(browser_like, world)
    given = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)).lower()
    assert "httponly" in given
    assert "samesite=lax" in given
    assert "path=/" in given


async def test_signing_out_ends_the_session_on_the_server(browser_like: httpx.AsyncClient, world: World) -> None:
    await enter(browser_like, world)
    cookie = browser_like.cookies[COOKIE]
    token = await token_on(browser_like, "/")
    await browser_like.post("/sign-out", data={"csrf": token})
    assert await lands_on(world, cookie) == "/sign-in?next=%2F"


async def test_tokens_open_under_their_own_cookie_alone(database_of: Connect) -> None:
    database = await database_of("portal")
    store = Store(database)
    mine, other = new_cookie(), new_cookie()
    for cookie, token in ((mine, "one"), (other, "two")):
        await store.save(Session(cookie, account={}, access_token=token, refresh_token=token))

    sql = "UPDATE session s SET access_token = o.access_token FROM session o WHERE s.id_hash = $1 AND o.id_hash = $2"
    await database.execute(sql, hash_of(other), hash_of(mine))

    assert (await store.load(mine)) == Session(mine, account={}, access_token="one", refresh_token="one")
    taken = await store.load(other)
    assert taken is not None
    assert not taken.signed_in
    assert (taken.access_token, taken.refresh_token) == (None, None)


async def test_choosing_an_organisation_leaves_tokens_that_were_renewed_meanwhile(database_of: Connect) -> None:
    store, cookie, organisation = Store(await database_of("portal")), new_cookie(), str(new_id())
    await store.save(Session(cookie, account={}, access_token="old", refresh_token="old"))

    async def renew(session: Session) -> Session:
        return replace(session, access_token="new", refresh_token="new")

    await store.renewed(cookie, renew, force=True)
    await store.act_for(cookie, organisation)

    after = await store.load(cookie)
    assert after is not None
    assert (after.refresh_token, after.organisation) == ("new", organisation)


@pytest.mark.parametrize("token", ["", "0" * 64, "中文", "x" * 100_000])
async def test_a_form_without_its_own_token_changes_nothing(
    browser_like: httpx.AsyncClient, world: World, token: str
) -> None:
    await enter(browser_like, world)
    answer = await browser_like.post("/needs", data={"csrf": token, "title.en": "forged", "action": "save"})
    assert answer.status_code == 403
    assert "forged" not in (await browser_like.get("/needs?mine=true&state=draft")).text


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://elsewhere.example"}],
)
async def test_a_request_that_another_site_caused_is_refused_even_with_the_right_token(
    browser_like: httpx.AsyncClient, world: World, headers: dict[str, str]
) -> None:
    await enter(browser_like, world)
    token = await token_on(browser_like, "/")
    if "origin" in headers:
        del browser_like.headers["sec-fetch-site"]
    assert (await browser_like.post("/sign-out", data={"csrf": token}, headers=headers)).status_code == 403
    assert (await browser_like.get("/")).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
async def test_nobody_is_sent_to_another_site_after_signing_in(
    browser_like: httpx.AsyncClient, world: World, target: str
) -> None:
    answer = await enter(browser_like, world, back=target)
    assert answer.headers["location"] == "/"
    assert (await browser_like.get("/language/en", params={"next": target})).headers["location"] == "/"


def test_local_paths_are_let_through_and_others_are_not() -> None:
    assert local_path("/needs?q=动脉瘤&x=1") == "/needs?q=动脉瘤&x=1"
    assert local_path("/desk#a") == "/desk#a"
    for outside in ("", None, "needs", "///x", "http://x", "/\r\nSet-Cookie: a=b"):
        assert local_path(outside, "/home") == "/home"


def test_a_form_token_belongs_to_one_cookie_only() -> None:
    assert token_is_right("one", form_token("one"))
    assert not token_is_right("two", form_token("one"))
    assert not token_is_right("", form_token(""))


async def test_pages_forbid_inline_scripts_and_frames(browser_like: httpx.AsyncClient) -> None:
    headers = (await browser_like.get("/sign-in")).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "nonsense", ["\x00", "\ud800".encode("utf-8", "surrogatepass"), "𝕏" * 9000, "<script>", "' OR 1=1"]
)
async def test_strange_input_in_a_form_is_answered_with_the_form_again_or_saved_but_never_with_a_failure(
    browser_like: httpx.AsyncClient, world: World, nonsense: str | bytes
) -> None:
    await enter(browser_like, world)
    token = await token_on(browser_like, "/needs/new")
    fields = {"csrf": token, "kept_as": "/needs/new", "action": "save", "title.en": nonsense, "problem.zh": nonsense}
    answer = await browser_like.post("/needs", data=fields)
    assert answer.status_code in (303, 422)
    assert "<script>" not in answer.text.replace("<script src=", "")


@pytest.mark.parametrize(
    "path", ["/needs/not-an-id", "/needs/00000000-0000-7000-8000-000000000000", "/members/1", "/desk/x"]
)
async def test_what_does_not_exist_is_a_page_not_a_failure(
    browser_like: httpx.AsyncClient, world: World, path: str
) -> None:
    await enter(browser_like, world)
    assert (await browser_like.get(path)).status_code in (403, 404)


async def test_the_secretariats_pages_are_closed_to_others(browser_like: httpx.AsyncClient, world: World) -> None:
    await enter(browser_like, world)
    for path in ("/desk", "/applications", f"/desk/{world.submitted}"):
        assert (await browser_like.get(path)).status_code == 403
    token = await token_on(browser_like, "/")
    answer = await browser_like.post(f"/desk/{world.submitted}/publish", data={"csrf": token})
    assert answer.status_code == 403
