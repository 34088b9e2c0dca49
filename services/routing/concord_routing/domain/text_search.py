"""Search in texts of residents: each word of the query has to occur, whatever its case and its accents."""

import unicodedata

MIN_LETTERS, MAX_QUERY = 3, 200
"""Characters of a query: fewer would match nearly everything."""


def plain(text: str) -> str:
    """Return the text without case and accents: Peña Street becomes `pena street`."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def words_of(query: str) -> list[str]:
    """Return the words to look for."""
    return plain(query).split()


def matches(words: list[str], *texts: str | None) -> bool:
    """Return whether each word occurs somewhere in the texts."""
    whole = plain("\n".join(text for text in texts if text))
    return all(word in whole for word in words)
