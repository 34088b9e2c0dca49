"""Which events a subscriber follows, as the routing keys of a topic exchange: `<type>.<area>.<category>`."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

TYPE = re.compile(r"[a-z_]+(\.[a-z_]+)+\.v[0-9]+")
WORD_BYTES = 100
LONGEST = 255


def routing_keys(types: Iterable[str], areas: Iterable[str] = (), categories: Iterable[str] = ()) -> tuple[str, ...]:
    """A key for every type, area and category; no areas or no categories means any of them.

    Raises ValueError for what is no type of message, such as `concern.routed` without its version.
    """
    _refuse_text(types=types, areas=areas, categories=categories)
    types = tuple(types)
    for each in types:
        if not TYPE.fullmatch(each):
            raise ValueError(f"{each!r} is no type of message: write it with its version, such as concern.routed.v1")
    places = [_word(each) for each in areas] or ["*"]
    about = [_word(each) for each in categories] or ["*"]
    return tuple(".".join(each) for each in product(types, places, about))


def _refuse_text(**lists: Iterable[str]) -> None:
    """A text is a list of letters to Python, and would bind to nothing."""
    for name, given in lists.items():
        if isinstance(given, str):
            raise ValueError(f"{name} must be a list: write {name}=[{given!r}]")


def _word(code: str) -> str:
    """A code as Concord writes it into a routing key: a dot would split it, `*` and `#` have a meaning of their own."""
    if not code:
        raise ValueError("an area or category must not be empty; leave the list out to follow all of them")
    plain = code.replace(".", "-").replace("*", "-").replace("#", "-")
    return plain if len(plain) * 4 <= WORD_BYTES else plain.encode()[:WORD_BYTES].decode("utf-8", "ignore")


class Filter:
    """Whether a routing key is one that was asked for. Old bindings stay on a queue, and streams hold more."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._patterns = [_pattern(each) for each in keys]
        self._known = lru_cache(maxsize=4096)(self._judge)

    def __call__(self, routing_key: str) -> bool:
        return self._known(routing_key)

    def _judge(self, routing_key: str) -> bool:
        words = routing_key.split(".") if routing_key else []
        return not self._patterns or any(_matches(each, words) for each in self._patterns)


def _pattern(key: str) -> list[str]:
    if len(key.encode()) > LONGEST:
        raise ValueError(f"a binding must be {LONGEST} bytes at the most")
    return key.split(".")


def _matches(pattern: list[str], words: list[str]) -> bool:
    """As a topic exchange does: `*` is one word, `#` none or more."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_matches(pattern[1:], words[start:]) for start in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _matches(pattern[1:], words[1:])
