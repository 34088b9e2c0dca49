"""Text that reads like an emergency is still taken in, and answered with the emergency number."""

import re
import unicodedata
from functools import lru_cache

from concord_city.domain.model import City


def reads_like_emergency(city: City, text: str) -> bool:
    """Whether any emergency word of any of the city's languages stands in the text as whole words.

    Case and accents do not matter, since people in a hurry leave both out.
    """
    pattern = _pattern(tuple(city.emergency_words.values()))
    return pattern is not None and pattern.search(folded(text)) is not None


def folded(text: str) -> str:
    """Lower case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


@lru_cache(maxsize=16)
def _pattern(languages: tuple[tuple[str, ...], ...]) -> re.Pattern[str] | None:
    """Made once for a city: its words in every language; None without any."""
    phrases = sorted({folded(phrase) for some in languages for phrase in some}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)") if phrases else None
