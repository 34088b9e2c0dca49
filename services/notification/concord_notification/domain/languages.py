"""Which language a notice is written in."""

from collections.abc import Sequence


def choose(wanted: str, written: Sequence[str], default: str) -> str:
    """The text that fits best: exactly the language wished, its base language, else `default`.

    `written` are the languages there are texts in; tags are BCP 47 and compared without regard to case.
    """
    by_tag = {each.lower(): each for each in written}
    tag = wanted.lower().replace("_", "-")
    return by_tag.get(tag) or by_tag.get(tag.partition("-")[0]) or default
