"""Routing keys of a subscriber's bindings on the topic exchange: `<type>.<area>.<category>`."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

TYPE = re.compile(r"[a-z_]+(\.[a-z_]+)+\.v[0-9]+")
MAX_WORD_BYTES = 100
MAX_KEY_BYTES = 255


def routing_keys(types: Iterable[str], areas: Iterable[str] = (), categories: Iterable[str] = ()) -> tuple[str, ...]:
    """Return a key for every type, area and category. Without areas or categories the key matches all of them.

    Raises ValueError for an invalid message type, such as `concern.routed` without its version.
    """
    _reject_text(types=types, areas=areas, categories=categories)
    types = tuple(types)
    for name in types:
        if not TYPE.fullmatch(name):
            raise ValueError(f"{name!r} is no type of message: write it with its version, such as concern.routed.v1")
    area_words = [_word(code) for code in areas] or ["*"]
    category_words = [_word(code) for code in categories] or ["*"]
    return tuple(map(".".join, product(types, area_words, category_words)))


def _reject_text(**lists: Iterable[str]) -> None:
    """Raise ValueError for a text: Python would read it as a list of letters, which match no event."""
    for name, value in lists.items():
        if isinstance(value, str):
            raise ValueError(f"{name} must be a list: write {name}=[{value!r}]")


def _word(code: str) -> str:
    """Return a code in the form of Concord's routing keys. A dot would split it; `*` and `#` are wildcards."""
    if not code:
        raise ValueError("an area or category must not be empty; leave the list out to follow all of them")
    plain = code.replace(".", "-").replace("*", "-").replace("#", "-")
    return plain if len(plain) * 4 <= MAX_WORD_BYTES else plain.encode()[:MAX_WORD_BYTES].decode("utf-8", "ignore")


class Filter:
    """Accepts the routing keys of a subscriber. Old bindings stay on a queue, and a stream holds other events too."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._patterns = [_pattern(key) for key in keys]
        self._cached = lru_cache(maxsize=4096)(self._accepts)

    def __call__(self, routing_key: str) -> bool:
        return self._cached(routing_key)

    def _accepts(self, routing_key: str) -> bool:
        words = routing_key.split(".") if routing_key else []
        return not self._patterns or any(_matches(pattern, words) for pattern in self._patterns)


def _pattern(key: str) -> list[str]:
    if len(key.encode()) > MAX_KEY_BYTES:
        raise ValueError(f"a binding must have at most {MAX_KEY_BYTES} bytes")
    return key.split(".")


def _matches(pattern: list[str], words: list[str]) -> bool:
    """Match as a topic exchange does: `*` is one word, `#` is zero or more."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_matches(pattern[1:], words[start:]) for start in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _matches(pattern[1:], words[1:])
