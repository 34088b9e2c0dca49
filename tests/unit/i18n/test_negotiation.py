"""Which language somebody reads."""

import pytest

from concord_i18n.negotiation import Languages, match

LANGUAGES = Languages(("en", "es", "pt-BR", "zh-Hant"), "es")


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("es", "es"),
        ("ES-mx", "es"),
        ("es_MX", "es"),
        ("en-GB-oed", "en"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("zh-Hant-TW", "zh-Hant"),
        ("fr", None),
        ("e", None),
        ("", None),
        ("-", None),
    ],
)
def test_the_nearest_language_of_a_tag(tag: str, found: str | None) -> None:
    assert match(tag, LANGUAGES.supported) == found
    assert LANGUAGES.nearest(tag) == (found or "es")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "es"),
        ("", "es"),
        ("en", "en"),
        ("en-US,en;q=0.9,es;q=0.1", "en"),
        ("es;q=0.5, en;q=0.8", "en"),
        ("fr, pt;q=0.2", "pt-BR"),
        ("fr", "es"),
        ("*", "es"),
        ("fr, *;q=0.1", "es"),
        ("es;q=0, *", "en"),
        ("es;q=0, fr", "es"),
        ("*;q=0.1, en;q=0.05", "en"),
        ("en;q=0, en-GB", "es"),
        ("es-MX;q=0, es", "es"),
        (";;;q=,", "es"),
        ("en;q=nonsense, es", "es"),
        ("x" * 5000, "es"),
    ],
)
def test_an_accept_language_header(header: str | None, chosen: str) -> None:
    assert LANGUAGES.negotiate(header) == chosen


def test_the_default_is_the_wanted_language_if_it_is_supported() -> None:
    assert Languages.with_default(("en", "es"), "es-MX").default == "es"
    assert Languages.with_default(("en", "es"), "fr").default == "en"
