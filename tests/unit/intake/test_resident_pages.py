"""The pages for residents without a browser: each is parsed, and its forms are sent as a browser sends them."""

import gzip
import re
import sys
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from residents import NOW, Office

sys.path.append(str(Path(__file__).parents[2] / "browser"))

from resident_pages import LINK_KEYS, WholeBody, app_of

from concord_access.limit_settings import REPORTS
from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.status_links import StatusLink, StatusLinks
from concord_intake.domain.timeline import OfficerMessage, Step
from concord_intake.entrypoints.pages.site import page_assets
from concord_web.app import App
from concord_web.limiter import Limiter
from concord_web.request_head import Head

DARK = {"category": "street_lighting", "description": "The lamp is dark.", "coordinates": "42.3493, -71.0779"}
FORM = "application/x-www-form-urlencoded"


class Page(HTMLParser):
    """A response: its texts, the hidden values of its forms, and what its error box links to."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.status, self.headers = response.status, response.headers
        self.html = response.body.decode()
        self.ids: list[str] = []
        self.hidden: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.links: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        named = dict(attrs)
        self.ids += [named["id"]] if "id" in named else []
        if tag == "a":
            self.links.append(named.get("href", ""))
        if tag == "input" and named.get("type") == "hidden":
            self.hidden.setdefault(named["name"], named["value"])
        elif tag == "input" and "name" in named and (named.get("type") != "radio" or "checked" in named):
            self.values[named["name"]] = named.get("value", "")

    @property
    def errors(self) -> list[str]:
        """The fields that the error box links to."""
        box = self.html.partition("data-error-box")[2].partition("</div>")[0]
        return re.findall(r'href="#(\w+)"', box)

    @property
    def title(self) -> str:
        return self.html.partition("<title>")[2].partition("</title>")[0]

    @property
    def receipt(self) -> str:
        return re.findall(r'translate="no">([\d ]+)<', self.html)[0]


class Browser:
    """Opens pages and sends forms."""

    def __init__(self) -> None:
        self.office = Office()
        self.app: App = app_of(self.office)

    def get(self, path: str, **headers: str) -> Page:
        return self._ask("GET", path, b"", {"accept": "text/html", **headers})

    def post(self, path: str, **fields: str) -> Page:
        return self._ask("POST", path, urlencode(fields).encode(), {"content-type": FORM})

    def report(self, **fields: str) -> Page:
        """Fill in a new form; a value of "" leaves the field out."""
        return self.post("/report", key=self.get("/report").hidden["key"], **(DARK | fields))

    def _ask(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> Page:
        path, _, query = path.partition("?")
        head = Head(method, path, query, 1, headers, len(content), True, False)
        body: Any = WholeBody(content)
        return Page(self.app.respond(head, body, "203.0.113.7", lambda *a, **k: None)[0])


@pytest.fixture(scope="module")
def shared() -> Browser:
    return Browser()


@pytest.fixture
def browser(shared: Browser) -> Browser:
    shared.office.clock.now = NOW
    return shared


def concern_of(browser: Browser) -> str:
    """The id of the newest concern."""
    return list(browser.office.store._concerns)[-1]


def words_sent(browser: Browser, kind: str) -> list[Any]:
    return [event.data for event in browser.office.published if type(event.data).__name__ == kind]


@pytest.mark.parametrize("path", ["/", "/report", "/track", "/privacy", "/accessibility"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_page_has_one_heading_a_skip_link_and_unique_ids(browser: Browser, path: str, language: str) -> None:
    page = browser.get(f"{path}?language={language}")
    assert page.status == 200
    assert f'<html lang="{language}"' in page.html
    assert page.html.count("<h1") == 1
    assert page.links[0] == "#main"
    assert len(page.ids) == len(set(page.ids))
    assert not re.search(r'(?:src|href)="https?:(?!//www\.wikipedia\.org/)', page.html)
    assert " style=" not in page.html
    assert "onclick" not in page.html


def test_programs_still_learn_that_the_root_is_nothing(browser: Browser) -> None:
    page = browser.get("/", accept="application/json")
    assert page.status == 404
    assert "openapi.json" in page.html


def test_a_report_gives_a_receipt_and_the_same_form_gives_the_same(browser: Browser) -> None:
    key = browser.get("/report").hidden["key"]
    first = browser.post("/report", key=key, **DARK)
    again = browser.post("/report", key=key, **DARK)
    assert first.status == again.status == 201
    assert first.receipt == again.receipt
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", first.receipt)
    assert first.headers["Cache-Control"] == "no-store"
    changed = browser.post("/report", key=key, **(DARK | {"description": "Another lamp."}))
    assert changed.status == 409
    assert changed.hidden["key"] != key
    assert "Another lamp." in changed.html
    assert browser.post("/report", key=changed.hidden["key"], **DARK).receipt != first.receipt


def test_what_is_wrong_is_named_at_the_field_and_nothing_typed_is_lost(browser: Browser) -> None:
    page = browser.post("/report", address="<b>Library", email="no address", phone="1", occurred_at="2026-11-23T10:00")
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert page.errors == ["category", "description", "occurred_at", "email", "phone"]
    assert set(page.errors) <= set(page.ids)
    assert page.values["address"] == "<b>Library"
    assert page.values["email"] == "no address"
    assert "<b>Library" not in page.html


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"coordinates": ""}, ["coordinates"]),
        ({"coordinates": "north of the bridge"}, ["coordinates"]),
        ({"coordinates": "-71.0779, 42.3493"}, ["coordinates"]),
        ({"coordinates": "0, 0"}, ["coordinates"]),
        ({"description": "x" * 4001}, ["description"]),
        ({"description": "\r\n" * 10}, ["description"]),
        ({"name": "Rosa Example"}, ["email"]),
        ({"category": "no such"}, ["category"]),
    ],
)
def test_each_slip_has_its_remedy(browser: Browser, fields: dict[str, str], wrong: list[str]) -> None:
    page = browser.report(**fields)
    assert (page.status, page.errors) == (422, wrong)


def test_line_ends_count_as_one_character(browser: Browser) -> None:
    assert browser.report(description="x\r\n" * 1999 + "xx").status == 201


def test_a_place_may_be_coordinates_an_address_or_an_area(browser: Browser) -> None:
    browser.report(coordinates="42\u00b020'57\"N 71\u00b04'40\"W")
    assert words_sent(browser, "ConcernSubmitted")[-1].point.lat == pytest.approx(42.34917, abs=1e-4)
    browser.report(coordinates="", address="In front of the library")
    sent = words_sent(browser, "ConcernSubmitted")[-1]
    assert (sent.point, sent.address) == (None, "In front of the library")
    browser.report(coordinates="", area="D4", address="Tremont Street")
    sent = words_sent(browser, "ConcernSubmitted")[-1]
    assert (sent.point, sent.address, sent.area) == (None, "Tremont Street", "D4")
    browser.report(coordinates="", area="D4", address="")
    sent = words_sent(browser, "ConcernSubmitted")[-1]
    assert (sent.point, sent.address, sent.area) == (None, "South End (D4)", "D4")
    assert "outside the city" in browser.report(coordinates="42.5, -71.3").html


def test_the_city_s_local_time_is_meant(browser: Browser) -> None:
    browser.report(occurred_at="2026-11-21T20:15")
    assert words_sent(browser, "ConcernSubmitted")[-1].occurred_at.isoformat() == "2026-11-22T01:15:00+00:00"


def test_an_emergency_shows_the_number_and_is_taken(browser: Browser) -> None:
    page = browser.report(description="Shots fired here")
    assert page.status == 201
    assert "call 911 now" in page.html


def test_the_area_of_a_position_is_told(browser: Browser) -> None:
    assert browser.post("/report/place", lat="42.3493", lon="-71.0779").html == '{"area":"South End (D4)","known":true}'
    assert browser.post("/report/place", lat="42.5", lon="-71.3").html == '{"area":null,"known":true}'
    assert browser.post("/report/place", lat="x").status == 422


def test_without_the_database_what_was_typed_stays(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = browser.report().receipt

    def away() -> Any:
        raise ResourceUnavailable("database")

    monkeypatch.setattr(browser.office.spine, "begin", away)
    monkeypatch.setattr(browser.office, "read", away)
    page = browser.report()
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "The lamp is dark." in page.html
    kept = browser.post("/track", receipt=receipt, action="answer", words="The second one.", key="k" * 32)
    assert kept.status == 503
    assert kept.hidden["receipt"] == receipt
    assert "The second one." in kept.html


@pytest.mark.parametrize("typed", ["", "1234", "0298 2104 1928 5736", "abc"])
def test_a_wrong_check_digit_is_said_at_once(browser: Browser, typed: str) -> None:
    page = browser.post("/track", receipt=typed)
    assert (page.status, page.errors) == (422, ["receipt"])
    assert "One digit is wrong or missing" in page.html


def test_a_receipt_of_nothing_opens_nothing(browser: Browser) -> None:
    assert browser.post("/track", receipt="0298 2104 1928 5735").status == 404


def test_a_receipt_opens_the_concern_and_is_in_no_address(browser: Browser) -> None:
    receipt = browser.report().receipt
    page = browser.post("/track", receipt=receipt.replace(" ", "-"))
    assert page.status == 200
    assert page.title.startswith("Your concern: Street lighting")
    assert not any(receipt.replace(" ", "") in re.sub(r"\D", "", link) for link in page.links)
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_the_team_s_question_is_shown_and_answered_once(browser: Browser) -> None:
    receipt = browser.report().receipt
    concern = concern_of(browser)
    browser.office.store.add_steps([Step(concern, 1, "waiting", NOW)])
    browser.office.store.add_officer_messages([OfficerMessage(concern, 1, "Which <b>lamp?")])
    page = browser.post("/track", receipt=receipt)
    assert "Which &lt;b&gt;lamp?" in page.html
    assert "Answer the team" in page.html
    wrong = browser.post("/track", receipt=receipt, action="answer", words=" ")
    assert (wrong.status, wrong.errors) == (422, ["words"])
    key = page.hidden["key"]
    for _ in range(2):
        done = browser.post("/track", receipt=receipt, action="answer", words="The left one.", key=key)
        assert "The team gets what you wrote" in done.html
    assert [sent.words for sent in words_sent(browser, "AnswerGiven") if sent.concern_id == concern] == [
        "The left one."
    ]


def test_half_fixed_needs_a_reason_and_opens_again(browser: Browser) -> None:
    receipt = browser.report().receipt
    concern = concern_of(browser)
    browser.office.store.add_steps([Step(concern, 1, "resolved", NOW)])
    assert "It is fixed in part" in browser.post("/track", receipt=receipt).html
    wrong = browser.post("/track", receipt=receipt, action="feedback", extent="partly", voice="4")
    assert (wrong.status, wrong.errors) == (422, ["reason"])
    assert wrong.values["voice"] == "4"
    done = browser.post("/track", receipt=receipt, action="feedback", extent="partly", reason="One is dark.", voice="4")
    assert "being opened again" in done.html
    assert words_sent(browser, "FeedbackGiven")[-1].extent == "partly"
    assert browser.post("/track", receipt=receipt, action="feedback", extent="fixed").status == 409


def test_taking_back_asks_first(browser: Browser) -> None:
    receipt = browser.report().receipt
    before = len(browser.office.published)
    asked = browser.post("/track", receipt=receipt, action="confirm")
    assert "Take it back?" in asked.html
    assert len(browser.office.published) == before
    done = browser.post("/track", receipt=receipt, action="withdraw", key=asked.hidden["key"])
    assert "You took it back" in done.html
    assert words_sent(browser, "ConcernWithdrawn")


def test_an_address_can_be_added_and_mails_stopped(browser: Browser) -> None:
    receipt = browser.report().receipt
    wrong = browser.post("/track", receipt=receipt, action="contact", email="rosa")
    assert (wrong.status, wrong.errors) == (422, ["email"])
    done = browser.post("/track", receipt=receipt, action="contact", email="rosa@example.org", contact_language="es")
    assert "rosa@example.org" not in done.html
    assert words_sent(browser, "ContactGiven")[-1].language == "es"
    assert "no more mails" in browser.post("/track", receipt=receipt, action="stop").html


def test_a_link_opens_the_concern_in_the_language_of_the_mail_and_does_nothing(browser: Browser) -> None:
    browser.report()
    until = NOW + timedelta(days=30)
    token = StatusLinks(LINK_KEYS).write(StatusLink(concern_of(browser), "es", until))
    before = len(browser.office.published)
    page = browser.get(f"/track/{token}")
    assert page.status == 200
    assert page.title.startswith("Su aviso: ")
    assert len(browser.office.published) == before
    done = browser.post(f"/track/{token}", action="answer", words="Gracias", key="a" * 32)
    assert "El equipo recibe lo que escribi\u00f3" in done.html
    assert browser.get(f"/track/{token}x").status == 404
    browser.office.clock.now = until
    ended = browser.get(f"/track/{token}")
    assert (ended.status, "receipt" in ended.values) == (410, True)


def test_no_page_is_heavy(browser: Browser) -> None:
    assets = page_assets()
    assert len(gzip.compress(browser.get("/report").html.encode())) <= 14 * 1024
    assert assets.size("pages.css") <= 6 * 1024
    assert assets.size("report.js") <= 15 * 1024
    assert assets.size("track.js") <= 15 * 1024


@pytest.mark.parametrize(
    "fields", [{"action": "answer", "words": "The left one."}, {"action": "contact", "email": "rosa@example.org"}]
)
def test_what_a_page_sends_on_is_limited_like_a_report(fields: dict[str, str]) -> None:
    """One receipt must not send any number of messages, or mails to any number of addresses."""
    browser = Browser()
    receipt = browser.report().receipt
    browser.app = app_of(browser.office, Limiter({REPORTS: "1/minute"}, refused=lambda name: None))
    assert browser.post("/track", receipt=receipt, key="a" * 32, **fields).status == 200
    page = browser.post("/track", receipt=receipt, key="b" * 32, **fields)
    assert page.status == 429
    assert int(page.headers["Retry-After"]) > 0
    assert next(text for name, text in fields.items() if name != "action") in page.html
    assert browser.post("/track", receipt=receipt).status == 200


def test_a_key_that_no_page_made_is_replaced() -> None:
    """The database holds no text of any length from a hidden field."""
    browser = Browser()
    receipt = browser.report().receipt
    assert browser.post("/track", receipt=receipt, action="answer", words="One.", key="x" * 5000).status == 200
    [action] = browser.office.store.actions(next(iter(browser.office.store._concerns)))
    assert len(action.key) == 32
