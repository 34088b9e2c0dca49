"""What the reporter reads."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concord_city import City
from concord_contracts.feedback_links import LIFETIME, FeedbackLink, FeedbackLinks
from concord_contracts.status_links import LIFETIME as STATUS_LIFETIME
from concord_contracts.status_links import StatusLink, StatusLinks
from concord_i18n.catalogues import load_catalogues
from concord_notification.mail.message import Mail
from concord_notification.notices.adapters.resident_links import ResidentLinks
from concord_notification.notices.adapters.template_renderer import TemplateRenderer
from concord_notification.notices.domain.concern import Concern, Contact, Decision, OfficerMessage
from concord_notification.notices.domain.delivery import plan_deliveries

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


LINKS = FeedbackLinks(["k" * 32])
STATUS_LINKS = StatusLinks(["k" * 32])
PUBLIC_URL = "https://concerns.example.org"


def writer_of(city: City, sender: str = "Concord <concord@city.example.org>") -> TemplateRenderer:
    links = ResidentLinks(LINKS, STATUS_LINKS, PUBLIC_URL)
    return TemplateRenderer(lambda: city, sender, links, load_catalogues())


def mail(
    city: City, language: str, name: str | None = "Ana", words: OfficerMessage | None = None, **decision: Any
) -> Mail:
    writer = writer_of(city)
    promised = {"acknowledge_by": NOW + timedelta(hours=7), "respond_by": NOW + timedelta(days=4)}
    about = {"kind": "routed", "team": "d4", "team_name": "Name\r\nBcc: x@y.example"} | promised | decision
    made = Decision("c-1", "e-1", 1, decided_at=NOW, correlation_id="k", words="sealed", **about)
    contact = Contact("c-1", "e-2", 3, language, "", NOW)
    notice, *_ = plan_deliveries(
        Concern("c-1", contact, (made,)), writer.language(language), lambda team: language, NOW
    )
    return writer.render(notice, made, name, words, "ana@example.org", NOW)


def unfolded(written: Mail) -> str:
    return " ".join(written.body.split())


def test_english(city: City) -> None:
    written = mail(city, "en")
    assert written.subject == "We have your concern: it is with District D-4"
    assert "Hello Ana,\n" in written.body
    assert "You will hear from a person there by Monday, November 23, 2026, 5:00 PM." in unfolded(written)
    assert "by Friday, November 27, 2026, 10:00 AM." in unfolded(written)
    assert "The number of your concern is c-1." in written.body
    assert "call 911." in written.body


def test_spanish_for_a_regional_wish(city: City) -> None:
    written = mail(city, "es-MX")
    assert written.language == "es"
    assert written.subject == "Hemos recibido su aviso: lo tiene Distrito D-4"
    assert "Hola, Ana:\n" in written.body
    assert "a más tardar el lunes, 23 de noviembre de 2026, 17:00." in unfolded(written)
    assert "llame al 911." in written.body


@pytest.mark.parametrize(("language", "words"), [("en", "a person is finding out"), ("es", "lo está averiguando")])
def test_unroutable(city: City, language: str, words: str) -> None:
    nothing = {"team": None, "team_name": None, "acknowledge_by": None, "respond_by": None}
    written = mail(city, language, kind="unroutable", reason="outside", **nothing)
    assert words in unfolded(written)
    assert "911" in written.body
    assert "c-1" in written.body


WORDS = OfficerMessage(
    "Two lines,\r\nof the officer.\x07", "The county office", "Harbour Authority", NOW + timedelta(days=3)
)
TOLD = {
    "acknowledged": ("District D-4 has seen", "Distrito D-4 ha visto"),
    "update": ("    Two lines,\n    of the officer.\n", "    Two lines,\n    of the officer.\n"),
    "renegotiated": ("what is done about it by Thursday", "qué se hace al respecto a más tardar el jueves"),
    "reassigned": ("You will hear from a person there by Monday", "a más tardar el lunes"),
    "referred": ("to Harbour Authority", "a Harbour Authority"),
    "resolved": ("https://concerns.example.org/feedback/", "https://concerns.example.org/feedback/"),
    "declined": ("    The county office\n", "    The county office\n"),
    "reopened": ("You told us that it is not fixed.", "Nos dijo que no está resuelto."),
    "at_risk": ("by Thursday, November 26, 2026, 10:00 AM. It may", "10:00. Puede que tarde más."),
    "unanswered": (
        "on Sunday, November 22, 2026, 10:00 AM, and needs",
        "el domingo, 22 de noviembre de 2026, 10:00, y",
    ),
}


@pytest.mark.parametrize("kind", TOLD)
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_notice_in_each_language(city: City, kind: Any, language: str) -> None:
    more = {"promise": "response", "due_at": NOW + timedelta(days=3), "initiator": "resident", "team_name": "Works"}
    more |= {"asked_at": NOW - timedelta(days=1)}
    written = mail(city, language, words=WORDS, kind=kind, **more)
    expected = TOLD[kind][language == "es"]
    assert expected in (written.body if "\n" in expected else unfolded(written))
    assert "c-1" in written.body
    assert "911" in written.body
    assert "None" not in written.body + written.subject
    assert "\n\n\n" not in written.body
    assert ".." not in written.body
    assert "\r" not in written.body
    assert "\x07" not in written.body


def test_the_link_says_which_resolution(city: City) -> None:
    written = mail(city, "es", words=WORDS, kind="resolved")
    token = next(line for line in written.body.split("\n") if "/feedback/" in line).rpartition("/")[2]
    assert LINKS.read(token, NOW) == FeedbackLink("c-1", 1, "es", NOW + LIFETIME)
    assert "hasta el lunes, 7 de diciembre de 2026, 10:00." in unfolded(written)


@pytest.mark.parametrize("kind", ["routed", "unroutable", *TOLD])
def test_each_mail_to_the_reporter_has_a_link_to_the_concern(city: City, kind: Any) -> None:
    written = mail(city, "es", words=WORDS, kind=kind, promise="response")
    [link] = [line for line in written.body.split("\n") if line.startswith(f"{PUBLIC_URL}/track/")]
    assert STATUS_LINKS.read(link.rpartition("/")[2], NOW) == StatusLink("c-1", "es", NOW + STATUS_LIFETIME)
    assert "Funciona hasta el miércoles, 23 de diciembre de 2026, 10:00." in unfolded(written)
    assert f"Basta su recibo para abrir la misma página: {PUBLIC_URL}/track\n" in written.body
    assert "Ana" not in link


@pytest.mark.parametrize("kind", ["routed", "resolved", "declined", "referred"])
def test_the_mail_says_what_its_link_does_and_no_more(city: City, kind: Any) -> None:
    said = unfolded(mail(city, "en", words=WORDS, kind=kind))
    assert ("read, answer and add to your concern." in said) == (kind == "routed")
    assert ("say whether it is fixed. Whoever" in said) == (kind == "resolved")
    assert "Whoever has the link can do so too." in said
    assert "Please do not answer this mail" in said
    assert "with it you can ask" not in said


def test_an_update_says_when_an_answer_is_needed(city: City) -> None:
    assert "need your answer" not in mail(city, "en", words=WORDS, kind="update").body
    assert "need your answer" in mail(city, "en", words=WORDS, kind="update", waiting=True).body


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_supervisor_reads_which_promise_and_no_more(city: City, language: str) -> None:
    written = mail(city, language, kind="missed", promise="response", due_at=NOW)
    assert "c-1" in written.body
    assert {"en": "an answer by Monday", "es": "a más tardar el lunes"}[language] in unfolded(written)
    assert "Ana" not in written.body
    assert "/track" not in written.body


def test_a_team_the_city_folder_does_not_know_is_named_as_in_the_event_on_one_line(city: City) -> None:
    written = mail(city, "en", team="gone")
    assert written.subject == "We have your concern: it is with Name Bcc: x@y.example"
    assert "it is with Name Bcc: x@y.example.\n" in written.body


def test_what_does_not_read_like_a_name_is_not_repeated(city: City) -> None:
    written = mail(city, "en", name="You won, see https://evil.example")
    assert "Hello,\n" in written.body
    assert "evil" not in written.body


def test_the_message_id_is_stable_and_of_the_senders_domain(city: City) -> None:
    assert mail(city, "en").id == mail(city, "es").id
    assert mail(city, "en").id.endswith("@city.example.org>")


def test_the_fallback_is_the_citys_first_language(city: City) -> None:
    spanish_first = City(**{each: getattr(city, each) for each in city.__slots__} | {"languages": ("es", "en")})
    assert writer_of(spanish_first).language("zh") == "es"
    french = City(**{each: getattr(city, each) for each in city.__slots__} | {"languages": ("fr",)})
    assert writer_of(french).language("zh") == "en"
