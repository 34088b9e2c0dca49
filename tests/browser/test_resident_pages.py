"""The pages for residents in Chromium: readable in each state, and usable by keyboard and without script."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from resident_pages import served
from residents import NOW, Office

from concord_intake.domain.timeline import OfficerMessage, Step

HERE = {"latitude": 42.3493, "longitude": -71.0779, "accuracy": 25}
LOOKS = [(390, "light", "en"), (1280, "dark", "es"), (390, "dark", "es"), (1280, "light", "en")]


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def base(office: Office) -> Iterator[str]:
    with served(office) as address:
        yield address


def opened(chromium: Browser, width: int = 390, scheme: Any = "light", **options: Any) -> Page:
    size = {"width": width, "height": 800}
    context = chromium.new_context(viewport=size, color_scheme=scheme, **options)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


def check(page: Page) -> None:
    """Nothing that axe finds, and nothing that hangs over."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_each_state_can_be_read_by_everyone(
    chromium: Browser, base: str, office: Office, width: int, scheme: str, language: str
) -> None:
    page = opened(chromium, width, scheme, permissions=["geolocation"], geolocation=HERE)
    for path in ("/", "/privacy", "/accessibility", "/track", "/report"):
        page.goto(f"{base}{path}?language={language}")
        check(page)
    go_on = page.locator("section:not([hidden]) .buttons button").first
    go_on.click()
    check(page)
    page.locator("[name=category][value=noise]").check()
    go_on.click()
    page.locator("#position button").click()
    expect(page.locator("#position [role=status]")).to_contain_text("South End (D4)")
    check(page)
    go_on.click()
    page.locator("#description").fill("tiroteo " + "x" * 3990)
    expect(page.locator("#danger")).to_be_visible()
    check(page)
    go_on.click()
    page.locator("#email").fill("wrong")
    check(page)
    go_on.click()
    check(page)
    page.locator("[type=submit]").click()
    expect(page.locator("[data-error-box]")).to_be_focused()
    check(page)
    page.locator("#email").fill("rosa@example.org")
    page.locator("[type=submit]").click()
    page.locator("#receipt").wait_for()
    check(page)
    concern = list(office.store._concerns)[-1]
    office.store.add_steps([Step(concern, 1, "waiting", NOW), Step(concern, 2, "resolved", NOW + timedelta(hours=1))])
    office.store.add_officer_messages([OfficerMessage(concern, 1, "Which one?")])
    page.locator("main form button").first.click()
    page.locator("#feedback").wait_for()
    check(page)
    page.locator("#feedback > button").click()
    page.locator("[data-error-box]").wait_for()
    check(page)
    page.context.close()


def test_a_report_by_keyboard_alone(chromium: Browser, base: str) -> None:
    page = opened(chromium, 1280)
    page.goto(f"{base}/report")
    page.locator("#find").focus()
    page.keyboard.type("lamp")
    expect(page.get_by_text("Found: 1")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where is it?")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", name="What is it about?")).to_be_focused()
    page.go_forward()
    page.get_by_label("Address or landmark").focus()
    page.keyboard.type("In front of the library")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("The lamp is dark.")
    page.get_by_role("button", name="Continue").press("Enter")
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page.locator("#summary")).to_contain_text("In front of the library")
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.locator("#receipt")).to_contain_text("Your receipt")
    page.context.close()


def test_a_report_and_an_answer_without_script(chromium: Browser, base: str) -> None:
    page = opened(chromium, 320, java_script_enabled=False)
    page.goto(f"{base}/report")
    page.get_by_label("Graffiti").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Say where it is")
    page.get_by_label("Address or landmark").fill("Library")
    page.get_by_label("What is wrong?").fill("Paint")
    page.get_by_role("button", name="Send").click()
    receipt = page.locator("#receipt .number").inner_text()
    page.goto(f"{base}/track")
    page.get_by_label("Number of your receipt").fill(receipt)
    page.get_by_role("button", name="Show my concern").click()
    page.get_by_label("What should the team know?").fill("It is still there.")
    page.get_by_role("button", name="Send to the team").click()
    expect(page.get_by_role("status")).to_contain_text("The team gets what you wrote.")
    page.context.close()


def test_a_lost_connection_loses_nothing_and_makes_one_concern(chromium: Browser, base: str, office: Office) -> None:
    page = opened(chromium)
    page.goto(f"{base}/report")
    fill_in(page, "graffiti")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#lost")).to_contain_text("It is kept on this device")
    page.context.set_offline(False)
    page.goto(f"{base}/report")
    page.get_by_role("button", name="Go on with it").click()
    assert page.locator("#description").input_value() == "Paint on the wall"
    page.reload()
    page.get_by_role("button", name="Go on with it").click()
    for _ in range(4):
        page.locator("section:not([hidden]) .buttons button").first.click()
    page.get_by_role("button", name="Send").click()
    page.locator("#receipt").wait_for()
    assert office.store.counts().concerns == 1
    assert page.evaluate("localStorage.length") == 0
    page.context.close()


def test_nothing_of_a_sensitive_concern_stays_on_the_device(chromium: Browser, base: str) -> None:
    page = opened(chromium)
    page.goto(f"{base}/report")
    leave = page.get_by_role("link", name="Leave this page quickly")
    expect(leave).to_be_hidden()
    fill_in(page, "needles")
    expect(leave).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    page.context.close()


def test_four_requests_are_enough_and_none_goes_to_another_host(chromium: Browser, base: str) -> None:
    page = opened(chromium)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{base}/report")
    page.wait_for_load_state("networkidle")
    assert len(asked) <= 4
    assert all(url.startswith(base) for url in asked)
    assert any(re.search(r"/static/report\.[0-9a-f]{12}\.js$", url) for url in asked)
    page.context.close()


def test_a_wrong_digit_is_said_without_asking_the_server(chromium: Browser, base: str) -> None:
    page = opened(chromium)
    page.goto(f"{base}/track")
    asked: list[str] = []
    page.wait_for_load_state("networkidle")  # the browser asks for the icon late
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Number of your receipt").fill("0298 2104 1928 5736")
    page.get_by_role("button", name="Show my concern").click()
    expect(page.get_by_role("alert")).to_contain_text("One digit is wrong or missing")
    assert [url for url in asked if not url.endswith(".svg")] == []
    page.context.close()


def fill_in(page: Page, category: str) -> None:
    """Fill in all steps up to the last one."""
    go_on = page.locator("section:not([hidden]) .buttons button").first
    page.locator(f"[name=category][value={category}]").check()
    go_on.click()
    page.locator("#address").fill("Library")
    go_on.click()
    page.locator("#description").fill("Paint on the wall")
    go_on.click()
    go_on.click()
