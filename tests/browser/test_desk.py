"""An officer's story in Chromium: sign in, look through the list by keys, act on a case, sign out."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_server import serving

from concord_access import Role


@pytest.fixture(scope="module")
def desk() -> Iterator[tuple[str, Any]]:
    with serving() as (url, served):
        yield url, served


def faults(page: Any) -> list[Any]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] + (
        ["wide"] if wide else []
    )


@pytest.mark.parametrize(
    ("width", "scheme", "number"), [(390, "light", 3), (390, "dark", 7), (1280, "light", 9), (1280, "dark", 11)]
)
def test_an_officers_story(viewing: Any, desk: tuple[str, Any], width: int, scheme: str, number: int) -> None:
    url, served = desk
    page = viewing(width=width, scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}/desk")
    assert faults(page) == []
    page.fill("#api_key", served.key(f"story-{number}", Role.SUPERVISOR, "patrol-west"))
    page.click("form[action='/desk/sign-in'] button")
    assert page.title().startswith("Due first")
    assert faults(page) == []

    for _ in range(number + 1):
        page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/desk/cases/*")
    if page.locator("text=Show the words and the place").count():
        page.click("text=Show the words and the place")
    assert "They burn tyres" in page.text_content("main") or "their key" in page.text_content("main")
    assert faults(page) == []

    page.click("text=Promise something")
    page.click("form.card button[type=submit]")
    assert page.evaluate("document.activeElement.matches('[data-error-box]')")
    assert faults(page) == []
    page.fill("#message", "A patrol comes by.")
    page.fill("#due_at", "2026-11-25T09:00")
    page.click("form.card button[type=submit]")
    assert "Promised. The resident hears of it." in page.text_content("main")
    assert faults(page) == []

    page.click("text=Sign out >> nth=0")
    assert "You are signed out" in page.text_content("main")
    page.go_back()
    assert "Sign in to the desk" in page.text_content("main")
    assert all(each.startswith(url) for each in asked)
