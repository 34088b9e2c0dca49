"""Detects emergency words in a text. Intake still accepts such a concern, and its response has the emergency number."""

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from concord_city.domain.model import City

_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_APOSTROPHES = dict.fromkeys(map(ord, "`\u00b4\u02b9\u02bc\u2018\u2019\u201b\u2032\ua78c\uff07"), "'")
_HYPHENS = frozenset("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d")
"""Longer dashes separate clauses, so they do not join the words of a phrase."""
_LETTER = r"[^\W_]"
_QUOTES = "[*_~\"']*"
_GAP = rf"(?:{_QUOTES}\s+{_QUOTES}|-|_+)"
_SEPARATOR = re.compile(r"[\s_-]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)
"""Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese and Chinese."""


def reads_like_emergency(city: City, text: str) -> bool:
    """Return whether the text has an emergency word of any of the city's languages, as a whole word.

    The search ignores case, accents, quotation marks and markup. It takes an apostrophe or a hyphen in any form, and a
    hyphen for the space between two words. In scripts without spaces the word may be part of a longer one.
    """
    pattern = _pattern(tuple(city.emergency_words.values()))
    return pattern is not None and pattern.search(folded(text)) is not None


def folded(text: str) -> str:
    """Return the text in lower case without accents, tags and invisible characters, quotes and hyphens in ASCII."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    text = text.translate(_APOSTROPHES)
    if text.isascii():
        return text.lower()
    return "".join(map(_plain, unicodedata.normalize("NFKD", text.casefold())))


def _plain(char: str) -> str:
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category == "Cf" or unicodedata.combining(char):
        return ""
    if char in _HYPHENS:
        return "-"
    return '"' if category in ("Pi", "Pf") else char


@lru_cache(maxsize=16)
def _pattern(languages: tuple[tuple[str, ...], ...]) -> re.Pattern[str] | None:
    """Return the pattern of the words of all languages; None without any word."""
    phrases = sorted({folded(phrase).strip() for some in languages for phrase in some}, key=len, reverse=True)
    spaced = _alternatives(phrase for phrase in phrases if not _UNSPACED.search(phrase))
    unspaced = _alternatives(phrase for phrase in phrases if _UNSPACED.search(phrase))
    whole_words = [rf"(?<!{_LETTER})(?:{spaced})(?!{_LETTER})"] if spaced else []
    parts = whole_words + ([unspaced] if unspaced else [])
    return re.compile("|".join(parts)) if parts else None


def _alternatives(phrases: Iterable[str]) -> str:
    """Return the pattern of any of the phrases, "" without one that has a letter or digit."""
    return "|".join(_phrase(phrase) for phrase in phrases if re.search(_LETTER, phrase))


def _phrase(phrase: str) -> str:
    words = [re.escape(word).replace("'", "['\\s]?") for word in _SEPARATOR.split(phrase) if word]
    return _GAP.join(words)
