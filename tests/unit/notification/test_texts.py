"""What the reporter reads."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from concord_city import City
from concord_notification.adapters.texts import TemplateWriter
from concord_notification.domain.concern import Concern, Contact, Decision, Details
from concord_notification.domain.delivery import acknowledgement
from concord_notification.domain.languages import choose
from concord_notification.domain.mail import Mail
from concord_notification.domain.moments import in_words

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def mail(city: City, language: str, name: str | None = "Ana", **decision: Any) -> Mail:
    writer = TemplateWriter(city, "Concord <concord@city.example.org>")
    promised = {"acknowledge_by": NOW + timedelta(hours=7), "respond_by": NOW + timedelta(days=4)}
    about = {"kind": "routed", "team": "d4", "team_name": "Name\r\nBcc: x@y.example"} | promised | decision
    made = Decision("c-1", "e-1", 1, decided_at=NOW, correlation_id="k", **about)
    contact = Contact("c-1", "e-2", 3, language, "", NOW)
    delivery = acknowledgement(Concern(contact, made), writer.language(language), NOW)
    return writer.write(delivery, made, Details(name, "ana@example.org", None), "ana@example.org", NOW)


def test_english(city: City) -> None:
    written = mail(city, "en")
    assert written.subject == "We have your concern: it is with District D-4"
    assert "Hello Ana,\n" in written.body
    assert "You will hear from a person there by Monday, November 23, 2026 at 5:00 p.m." in written.body
    assert "by Friday, November 27, 2026 at 10:00 a.m." in written.body
    assert "The number of your concern is c-1." in written.body
    assert "call 911." in written.body


def test_spanish_for_a_regional_wish(city: City) -> None:
    written = mail(city, "es-MX")
    assert written.language == "es"
    assert written.subject == "Hemos recibido su aviso: lo tiene Distrito D-4"
    assert "Hola, Ana:\n" in written.body
    assert "a más tardar el lunes 23 de noviembre de 2026 a las 17:00." in written.body
    assert "llame al 911." in written.body


@pytest.mark.parametrize(("language", "words"), [("en", "a person is\nfinding out"), ("es", "lo está averiguando")])
def test_unroutable(city: City, language: str, words: str) -> None:
    nothing = {"team": None, "team_name": None, "acknowledge_by": None, "respond_by": None}
    written = mail(city, language, kind="unroutable", reason="outside", **nothing)
    assert words in written.body.replace("so a\nperson is finding out", "a person is\nfinding out")
    assert "911" in written.body
    assert "c-1" in written.body


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


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [("es", "es"), ("ES-mx", "es"), ("es_MX", "es"), ("en-GB", "en"), ("zh-Hant", "en"), ("", "en"), ("e", "en")],
)
def test_language_falls_back(wanted: str, chosen: str) -> None:
    assert choose(wanted, ("en", "es"), "en") == chosen


def test_the_fallback_is_the_citys_first_language(city: City) -> None:
    spanish_first = City(**{each: getattr(city, each) for each in city.__slots__} | {"languages": ("es", "en")})
    assert TemplateWriter(spanish_first, "x@example.org").language("zh") == "es"
    french = City(**{each: getattr(city, each) for each in city.__slots__} | {"languages": ("fr",)})
    assert TemplateWriter(french, "x@example.org").language("zh") == "en"


@pytest.mark.parametrize(
    ("utc", "english", "spanish"),
    [
        ((2026, 1, 1, 5, 0), "Thursday, January 1, 2026 at 12:00 a.m.", "jueves 1 de enero de 2026 a las 0:00"),
        ((2026, 7, 4, 16, 5), "Saturday, July 4, 2026 at 12:05 p.m.", "sábado 4 de julio de 2026 a las 12:05"),
        ((2026, 3, 8, 6, 59), "Sunday, March 8, 2026 at 1:59 a.m.", "domingo 8 de marzo de 2026 a la 1:59"),
        ((2026, 3, 8, 7, 0), "Sunday, March 8, 2026 at 3:00 a.m.", "domingo 8 de marzo de 2026 a las 3:00"),
    ],
)
def test_moments_in_the_citys_time(utc: Any, english: str, spanish: str) -> None:
    moment, zone = datetime(*utc, tzinfo=UTC), ZoneInfo("America/New_York")
    assert in_words(moment, zone, "en") == english
    assert in_words(moment, zone, "es") == spanish
