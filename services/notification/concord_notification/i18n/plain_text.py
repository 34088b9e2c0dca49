"""The layout of plain-text mails. Mail programs fold the sentences from the catalogues at the width of their window."""

from textwrap import TextWrapper

_QUOTED = TextWrapper(72, "    ", "    ", break_long_words=False, break_on_hyphens=False)


def one_line(text: str) -> str:
    return " ".join(text.split())


def quoted(text: str) -> str:
    """Indent an officer's text, so that nobody mistakes it for ours. Remove control characters except line breaks."""
    lines = ("".join(char for char in line if char.isprintable()) for line in text.splitlines())
    return "\n".join(_QUOTED.fill(line) for line in lines).strip("\n")
