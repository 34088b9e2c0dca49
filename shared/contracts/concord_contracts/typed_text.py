"""Text as people type or paste it: phones, word processors and mail programs put in characters that look alike."""

import unicodedata

MINUS = "\u2212"
HYPHEN_BULLET = "\u2043"
SPACES = frozenset(("Zs", "Zl", "Zp"))


def plain_text(text: str) -> str:
    """Return the text with ASCII spaces, hyphens and digits in place of all others, without invisible characters.

    So a no-break space becomes a space, an en dash a hyphen, and a full-width or Arabic digit an ASCII digit. Soft
    hyphens, zero-width characters and marks of direction vanish.
    """
    if text.isascii():
        return text
    return "".join(map(_plain, unicodedata.normalize("NFKC", text)))


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category in SPACES:
        return " "
    if category == "Pd" or char in (MINUS, HYPHEN_BULLET):
        return "-"
    return str(unicodedata.decimal(char)) if category == "Nd" else char
