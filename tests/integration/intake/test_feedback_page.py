"""The page behind the link as people meet it: on a phone and a desk, without script, in the dark."""

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from running import Intake, prepared
from test_feedback import reported, token

CHROMIUM = Path("/usr/bin/chromium")
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("In CI Chromium must be there.")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def intake(tmp_path: Path, sqlite_url: str, vhost: Any) -> Iterator[Intake]:
    service = Intake(tmp_path, sqlite_url, prepared(vhost.node, vhost.name)).start()
    yield service
    service.kill()


def visit(browser: Browser, address: str, width: int, *, dark: bool = False, script: bool = False) -> Page:
    """The page at an address; any request to another host fails the test that made it."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script, locale="en-US"
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert all(each.startswith(address.partition("/feedback")[0]) for each in asked)
    return page


def address(intake: Intake, language: str = "en") -> str:
    return f"http://127.0.0.1:{intake.port}/feedback/{token(reported(intake)[0], language=language)}"


def test_nothing_serious_is_wrong_and_nothing_hangs_over(browser: Browser, intake: Intake) -> None:
    link = address(intake)
    for width, dark in product((390, 1280), (False, True)):
        page = visit(browser, link, width, dark=dark, script=True)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["impact"]) for each in found if each["impact"] in SERIOUS] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.title().startswith("Is it fixed?")
        keep(page, f"feedback-{width}-{'dark' if dark else 'light'}")
        page.context.close()


def test_the_form_can_be_filled_in_and_sent_without_script(browser: Browser, intake: Intake) -> None:
    page = visit(browser, address(intake, "es"), 390)
    page.get_by_role("group", name="¿Está resuelto lo que nos dijo?").get_by_label("No").check()
    page.get_by_role("group", name="Me trataron con respeto.").get_by_label("4").check()
    page.get_by_role("button", name="Enviar mi respuesta").click()
    alert = page.get_by_role("alert")
    assert "Falta algo" in alert.inner_text()
    keep(page, "feedback-wrong")
    assert page.get_by_label("Si no: ¿qué sigue mal?").get_attribute("aria-invalid") == "true"
    page.get_by_label("Si no: ¿qué sigue mal?").fill("Sigue <b>oscuro</b>.")
    page.get_by_role("button", name="Enviar mi respuesta").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Gracias por decírnoslo"
    keep(page, "feedback-thanks")
    page.context.close()


def test_the_language_can_be_changed(browser: Browser, intake: Intake) -> None:
    page = visit(browser, address(intake), 390)
    page.get_by_role("link", name="Español").click()
    assert page.get_by_role("heading", level=1).inner_text() == "¿Está resuelto?"
    assert page.locator("html").get_attribute("lang") == "es"
    page.context.close()


def keep(page: Page, name: str) -> None:
    """A picture for people to look at, where CONCORD_SCREENSHOTS names a folder."""
    folder = os.environ.get("CONCORD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
