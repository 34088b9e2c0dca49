"""What all pages share: files under names of their content, headers, the reader's language, and cookies."""

import gzip
import re
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import pytest

from concord_i18n.catalogues import load_catalogues
from concord_pages import PAGE_FILES, PRIVATE, PUBLIC, AssetNotFound, Assets, FormState, Pages, Policy, Site, page_text
from concord_web import Problem, Query
from concord_web.cookies import Cookie, expired, read_cookie

ASSETS = Assets(PAGE_FILES, bundles={"both.js": ("pages.js", "pages.js")})
CATALOGUES = load_catalogues()


def request(query: str = "", method: str = "GET", **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(method=method, query=Query(query), headers=given, params={})


def pages() -> Pages:
    folder = "entrypoints/pages/templates"
    return Pages("concord_intake", folder, ASSETS, CATALOGUES, CATALOGUES.negotiator("en"), Site("Boston", "911"))


def drawn(asked: Any, **values: Any) -> Any:
    return pages().response(asked, "message.html", title="Hello", paragraphs=["<b>&"], **values)


def test_a_file_has_a_name_of_its_content_and_may_be_kept_for_ever() -> None:
    url = ASSETS.url("pages.css")
    assert re.fullmatch(r"/static/pages\.[0-9a-f]{12}\.css", url)
    plain = ASSETS.response(url.removeprefix("/static/"), "")
    small = ASSETS.response(url.removeprefix("/static/"), "br, gzip;q=0.8")
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(small.body) == plain.body == files("concord_pages").joinpath("static/pages.css").read_bytes()
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in ASSETS.response(url.removeprefix("/static/"), "gzip;q=0").headers


@pytest.mark.parametrize("name", ["pages.css", "pages.000000000000.css", "../pages.py"])
def test_no_other_name_is_served(name: str) -> None:
    with pytest.raises(Problem) as caught:
        ASSETS.response(name, "")
    assert caught.value.status == 404


def test_a_page_cannot_name_a_file_that_is_not_there() -> None:
    with pytest.raises(AssetNotFound):
        ASSETS.url("absent.css")


def test_a_bundle_keeps_its_scripts_apart() -> None:
    body = ASSETS.response(ASSETS.url("both.js").removeprefix("/static/"), "").body
    assert body.count(b"\n}\n{\n") == 1


def test_what_a_person_chose_wins() -> None:
    wish = {"accept_language": "en"}
    assert pages().language(request("language=es", cookie="language=en"), "en") == "es"
    assert pages().language(request(cookie="a=b; language=es", **wish), "en") == "es"
    assert pages().language(request(**wish), "es") == "es"
    assert pages().language(request(accept_language="es-MX"), "xx") == "es"
    assert pages().language(request("language=xx")) == "en"


def test_only_a_new_choice_sets_the_cookie() -> None:
    assert drawn(request("language=es")).cookies == ["language=es; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"]
    assert drawn(request("language=es", cookie="language=es")).cookies == []
    assert drawn(request("language=es", method="POST")).cookies == []
    assert drawn(request("language=xx")).cookies == drawn(request()).cookies == []


def test_a_page_loads_nothing_from_others_and_is_not_kept() -> None:
    headers = drawn(request()).headers
    assert "default-src 'none'; script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in PUBLIC.headers
    assert "geolocation=()" in PRIVATE.headers["Permissions-Policy"]
    assert "geolocation=(self)" in Policy(geolocation=True).headers["Permissions-Policy"]


def test_the_frame_has_title_language_direction_and_escaped_words() -> None:
    html = drawn(request("language=es"), form=FormState({}, {"x": "y"})).body.decode()
    assert '<html lang="es" dir="ltr">' in html
    assert "<title>Error: Hello · Boston</title>" in html
    assert '<a class="skip" href="#main">' in html
    assert '<a href="tel:911">911</a>' in html
    assert "&lt;b&gt;&amp;" in html


def test_only_a_page_that_is_the_same_for_everyone_is_compressed() -> None:
    asked = request(accept_encoding="gzip")
    assert "Content-Encoding" not in drawn(asked).headers
    small = drawn(asked, compressed=True)
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.body) == drawn(asked).body


def test_a_field_names_its_hint_and_its_error() -> None:
    form = FormState({"a": "typed"}, {"a": "Mend it."})
    assert form.described("a", hint=True) == "a-hint a-error"
    assert form.described("b", hint=False) == ""
    assert (form.value("a"), form.value("b"), form.error("b")) == ("typed", "", None)


def test_a_typed_text_has_line_ends_of_one_character() -> None:
    assert page_text(" a\r\nb \r\n") == "a\nb"
    assert page_text(None) == ""


def test_cookies_are_written_and_read() -> None:
    assert Cookie("__Host-desk", "t0ken", secure=True, same_site="Strict").header == (
        "__Host-desk=t0ken; Path=/; HttpOnly; SameSite=Strict; Secure"
    )
    assert "Max-Age=0" in expired("desk").header
    assert read_cookie({"cookie": 'a=1; b="2"; a=3'}, "a") == "1"
    assert read_cookie({"cookie": 'a=1; b="2"'}, "b") == "2"
    assert read_cookie({}, "a") is None


@pytest.mark.parametrize(("name", "value"), [("a b", "1"), ("a", "1;2"), ("a", "1\r\nX: y"), ("", "1")])
def test_a_cookie_cannot_split_a_header(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="not valid"):
        Cookie(name, value)


def test_a_host_cookie_must_be_secure() -> None:
    with pytest.raises(ValueError, match="must be secure"):
        Cookie("__Host-desk", "1")


def test_the_style_is_small() -> None:
    assert ASSETS.size("pages.css") <= 6 * 1024
    assert ASSETS.size("pages.js") <= 2 * 1024
