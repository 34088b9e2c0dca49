"""The list of origins: as browsers send them, or refused with the rule."""

import pytest

from concord_access.http_settings import cors_origins
from concord_bus.settings import SettingsError
from concord_intake.service import IntakeService
from concord_intake.settings import Settings
from concord_web import routes_of
from concord_web.cors import read_origin
from concord_web.settings import WebSettings

VARIABLE = "CONCORD_HTTP_CORS_ORIGINS"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://www.city.example.org", "https://www.city.example.org"),
        ("HTTPS://WWW.City.example.org", "https://www.city.example.org"),
        ("https://www.city.example.org:443", "https://www.city.example.org"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
    ],
)
def test_an_origin_is_read_as_browsers_send_it(text: str, origin: str) -> None:
    assert read_origin(text) == origin


WRONG = [
    *("*", "null", "www.city.example.org", "localhost:5173", "//city.example.org", "ftp://city.example.org"),
    *("https://", "https://city.example.org/", "https://city.example.org/report", "https://city.example.org?"),
    *("https://city.example.org#", "https://ada@city.example.org", "https://*.city.example.org", "https://city:port"),
    *("https://city.example.org:0", "https://[::1", "https://i❤.example"),
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_origin_is_named_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError):
        read_origin(text)
    with pytest.raises(SettingsError) as caught:
        cors_origins({VARIABLE: f"https://city.example.org,{text}"})
    assert VARIABLE in str(caught.value)
    assert text in str(caught.value)
    assert "https://www.city.example.org" in str(caught.value)


def test_the_list_has_commas_or_spaces_and_each_site_once() -> None:
    listed = cors_origins({VARIABLE: " https://a.example,https://b.example https://A.example,"})
    assert listed == ("https://a.example", "https://b.example")
    assert cors_origins({}) == ()


def test_intake_passes_the_sites_to_its_server() -> None:
    env = {
        "CONCORD_BROKER_URL": "amqp://u:p@127.0.0.1:5672/v",
        "CONCORD_DATABASE_URL": "sqlite:////data/intake.db",
        "CONCORD_CITY": "city",
        "CONCORD_RECEIPT_KEY": "a" * 32,
        "CONCORD_LINK_KEY": "l" * 32,
        VARIABLE: "https://www.city.example.org",
    }
    web = WebSettings.from_config({"web": Settings.from_env(env).http.config()})
    assert web.cors_origins == ("https://www.city.example.org",)


def test_only_the_routes_for_residents_are_open_to_other_sites() -> None:
    is_open = {f"{route.method} {route.path}" for route in routes_of(IntakeService) if route.cross_origin}
    assert is_open == {
        "GET /v1/categories",
        "GET /v1/concern",
        "GET /v1/concerns/{id}",
        "POST /v1/concern/answers",
        "POST /v1/concern/contact",
        "POST /v1/concern/feedback",
        "POST /v1/concern/withdrawal",
        "POST /v1/concerns",
        "POST /v1/concerns/{id}/withdraw",
        "POST /v1/feedback",
    }
