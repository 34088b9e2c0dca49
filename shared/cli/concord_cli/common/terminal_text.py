"""Text of unknown senders on a terminal."""


def plain(text: str) -> str:
    """The text with everything that could steer a terminal or hide other text written as an escape."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def plain_lines(text: str) -> str:
    """As `plain`, keeping line ends."""
    return "\n".join(map(plain, text.split("\n")))
