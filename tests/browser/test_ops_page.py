"""The ops page in Chromium: true figures, readable by everyone, and honest when the live connection is lost."""

import http.client
import re
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from service_process import ServiceProcess

from concord_metrics.ops.event_stream import MAX_VIEWERS
from concord_nodes.tcp_ports import choose_port

LOOKS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]


def opened(page, metrics):
    """The page, with all its parts."""
    page.goto(f"{metrics.base}/ops")
    page.wait_for_selector("#map svg")
    page.wait_for_selector('.card[data-name="metrics"]')
    return page


def number(text):
    return float(re.sub(r"[^\d.]", "", text))


def figure(page, name):
    return number(page.locator(f'[data-figure="{name}"]').inner_text())


def rows(page):
    """Came in and still open by area, as the table shows them."""
    found = {}
    for row in page.locator("#areas tbody tr").all():
        cells = row.locator("td").all_inner_texts()
        found[row.get_attribute("data-area")] = (number(cells[0]), number(cells[1]))
    return found


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_shows_the_summary_s_figures_and_can_be_read_by_everyone(metrics, viewing, width, scheme):
    page = viewing(width, scheme)
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened(page, metrics)

    overall = metrics.json("/v1/summary")["totals"]
    assert figure(page, "open") == overall["open"] > 0
    assert figure(page, "in_triage") == overall["in_triage"] > 0
    assert figure(page, "notices") == pytest.approx(100 * overall["notification_success"], abs=0.05)
    assert f"of {overall['received']:,} concerns in all" in page.inner_text("#tiles")
    for period, first in (("day", "2015-06-30"), ("week", "2015-06-24"), ("half_year", "2014-12-31")):
        page.click(f'[data-period="{period}"]')
        summary = metrics.json(f"/v1/summary?from={first}&to=2015-06-30")
        by_area = {each["area"]: each for each in summary["by_area"] if each["area"]}
        shown = {code: each for code, each in rows(page).items() if each[0] and code != "_"}
        assert shown == {code: (each["received"], each["open"]) for code, each in by_area.items() if each["received"]}
        assert f"{summary['totals']['received']:,} concerns" in page.inner_text("#map-note")
    assert figure(page, "received") == metrics.json("/v1/summary?from=2015-06-30&to=2015-06-30")["totals"]["received"]

    serious = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious] == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(metrics.base).netloc}
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_colours_can_be_chosen_and_are_remembered(metrics, viewing):
    page = opened(viewing(scheme="light"), metrics)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(ground)
    assert dark != light
    assert page.get_by_role("button", name="Dark").get_attribute("aria-pressed") == "true"
    opened(page, metrics)
    assert page.evaluate(ground) == dark


def test_it_can_be_used_without_a_mouse(metrics, viewing):
    page = opened(viewing(), metrics)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
    page.get_by_role("button", name="Half year").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="By area, in the half year to 30 Jun 2015")).to_be_visible()
    page.get_by_text("The same as a table").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Week by week").get_by_role("row")).to_have_count(27)


def test_a_service_that_is_away_has_a_card_that_says_so(metrics, viewing):
    page = opened(viewing(), metrics)
    card = page.locator('.card[data-name="intake"]')
    expect(card).to_have_attribute("data-state", "away")
    expect(card).to_contain_text("connection refused")
    expect(page.locator('.card[data-name="broker"]')).to_have_attribute("data-state", "ready")


def test_when_as_many_as_can_watch_live_do_so_the_page_asks_now_and_then(metrics, viewing):
    with ExitStack() as held:
        for _ in range(MAX_VIEWERS):
            watching = http.client.HTTPConnection(urlsplit(metrics.base).netloc, timeout=10)
            held.callback(watching.close)
            watching.request("GET", "/ops/feed")
            response = watching.getresponse()
            held.callback(response.close)  # a response that nobody holds closes its socket
            if response.status == 503:
                break
        page = opened(viewing(), metrics)
        expect(page.locator("#live")).to_contain_text("Every 15 s")
        assert figure(page, "open") == metrics.json("/v1/summary")["totals"]["open"]


def test_a_database_that_is_away_is_said_and_the_figures_stay(metrics, viewing):
    state = metrics.json("/ops/state")
    state["city"]["away_since"] = "2026-11-26T17:00:00Z"
    page = viewing()
    page.route("**/ops/feed", lambda route: route.fulfill(status=503))
    page.route("**/ops/state", lambda route: route.fulfill(json=state))
    opened(page, metrics)
    expect(page.get_by_role("status")).to_contain_text("database of the measures has been away since 12:00:00 EST")
    assert figure(page, "open") == state["city"]["overall"]["open"]


def test_a_lost_connection_is_said_and_found_again(metrics_env, viewing, tmp_path):
    env = {**metrics_env, "CONCORD_DATABASE_URL": f"sqlite:///{tmp_path / 'metrics.db'}"}
    with ServiceProcess("metrics", tmp_path, port := choose_port(0, 0, "HTTP"), env) as metrics:
        page = opened(viewing(), metrics)
        live = page.locator("#live")
        expect(live).to_have_attribute("data-state", "live")
        shown = page.inner_text('[data-figure="open"]')
    expect(live).to_have_attribute("data-state", "lost", timeout=15_000)
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"Live connection lost\. Figures of \d\d:\d\d:\d\d"))
    assert page.inner_text('[data-figure="open"]') == shown
    with ServiceProcess("metrics", tmp_path, port, env):
        expect(live).to_have_attribute("data-state", "live", timeout=15_000)
        expect(page.locator("#notice")).to_be_empty()
