"""Detects emergency words in a text. Intake still accepts such a concern, and its response has the emergency number."""

import re
import unicodedata
from functools import lru_cache

from concord_city.domain.model import City


def reads_like_emergency(city: City, text: str) -> bool:
    """Return whether the text has an emergency word of any of the city's languages, as a whole word.

    The search ignores case and accents.
    """
    pattern = _pattern(tuple(city.emergency_words.values()))
    return pattern is not None and pattern.search(folded(text)) is not None


def folded(text: str) -> str:
    """Return the text in lower case, without accents, with single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


@lru_cache(maxsize=16)
def _pattern(languages: tuple[tuple[str, ...], ...]) -> re.Pattern[str] | None:
    """Return the pattern of the words of all languages; None without any word."""
    phrases = sorted({folded(phrase) for some in languages for phrase in some}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)") if phrases else None
