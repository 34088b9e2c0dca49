"""The grant of another city service, and the codes and types that exist. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product

from concord_bus.topology.declarations import MONITOR, PUBLIC_TYPES, SERVICES
from concord_contracts.catalogue import CATALOGUE
from concord_contracts.codec import routing_word

LOG_DAYS = 30
"""The retention of the log of all public events, in days. A grant cannot reach further back."""
REPLAY = "replay"
NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
QUEUE = re.compile(r"[a-z][a-z0-9-]{0,30}")
RESERVED = frozenset((*SERVICES, MONITOR, "guest", "concord", "admin", "administrator"))
ANY_WORD = r"[^.#]+"
"""A word of a routing key: a code, or the `*` for any code; not `#`, which stands for several words."""
CHANNELS_PER_CONNECTION = 5
"""The client uses one channel to consume, one to replay and one, briefly, to find the end of the log."""


class InvalidGrant(ValueError):
    """The grant is invalid. `option` names the invalid part, and the text lists the valid values."""

    def __init__(self, option: str, why: str) -> None:
        super().__init__(why)
        self.option = option


@dataclass(frozen=True, slots=True)
class Limits:
    """A subscriber's limits: messages and bytes in each of its queues, their age (days), and connections."""

    messages: int = 100_000
    bytes: int = 500_000_000
    days: int = 7
    connections: int = 2

    @property
    def channels(self) -> int:
        return self.connections * CHANNELS_PER_CONNECTION


@dataclass(frozen=True, slots=True)
class Grant:
    """A subscriber's rights. Without areas or categories it gets all of them. `replay_days` is 0 for no access to the
    past.

    Raises InvalidGrant for an invalid name, type, queue or number.
    """

    name: str
    types: tuple[str, ...]
    areas: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    queues: tuple[str, ...] = ("events",)
    replay_days: int = 0
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_types(self.types)
        for queue in self.queues:
            if not QUEUE.fullmatch(queue) or queue == REPLAY:
                detail = f"'{queue}' is not a valid queue name: use a-z, 0-9 and -, a letter first, and not '{REPLAY}'"
                raise InvalidGrant("queue", detail)
        if not self.queues:
            raise InvalidGrant("queue", "name at least one queue")
        if not 0 <= self.replay_days <= LOG_DAYS:
            raise InvalidGrant("replay", f"the log keeps {LOG_DAYS} days: choose 0d to {LOG_DAYS}d")

    @property
    def prefix(self) -> str:
        return f"sub.{self.name}."

    @property
    def queue_names(self) -> tuple[str, ...]:
        return tuple(self.prefix + queue for queue in self.queues)

    @property
    def replay_stream(self) -> str:
        """The subscriber's own log of its granted events, for reading the past."""
        return self.prefix + REPLAY

    @property
    def keys(self) -> tuple[str, ...]:
        """The bindings of its queues: a routing key for each type, area and category."""
        return tuple(".".join(parts) for parts in product(self.types, _words(self.areas), _words(self.categories)))

    @property
    def topic_pattern(self) -> str:
        """A pattern of the routing keys that it may bind."""
        parts = (self.types, *((map(routing_word, codes)) for codes in (self.areas, self.categories)))
        return "^" + r"\.".join(_alternatives(words) for words in parts) + "$"

    def allows(self, routing_key: str) -> bool:
        """Return whether the grant includes an event, or a binding, with this routing key."""
        return re.fullmatch(self.topic_pattern, routing_key) is not None

    def within(self, other: "Grant") -> bool:
        """Return whether `other` includes this whole grant."""
        pairs = ((self.types, other.types), (self.areas, other.areas), (self.categories, other.categories))
        return all(not theirs or (bool(mine) and set(mine) <= set(theirs)) for mine, theirs in pairs)


def check_codes(grant: Grant, areas: Collection[str], categories: Collection[str]) -> None:
    """Raise InvalidGrant for a code that is not among the city's `areas` or `categories`."""
    for option, codes, known in (("areas", grant.areas, areas), ("categories", grant.categories, categories)):
        for code in codes:
            if code not in known:
                detail = f"the city has no '{code}'{_suggestion(code, known)}. It has {', '.join(known)}"
                raise InvalidGrant(option, detail)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidGrant("NAME", f"'{name}' is not a valid name: use 2 to 31 of a-z, 0-9 and -, a letter first")
    if name in RESERVED:
        raise InvalidGrant("NAME", f"'{name}' is reserved for a service or an administrator: choose another name")


def _check_types(types: Sequence[str]) -> None:
    if not types:
        raise InvalidGrant("types", f"name at least one of {', '.join(PUBLIC_TYPES)}")
    for name in types:
        if name in CATALOGUE and not CATALOGUE[name].public:
            recipient = CATALOGUE[name].recipient
            raise InvalidGrant("types", f"{name} is private: only {recipient} may read it")
        if name not in CATALOGUE:
            detail = f"there is no type '{name}'{_suggestion(name, PUBLIC_TYPES)}. There are {', '.join(PUBLIC_TYPES)}"
            raise InvalidGrant("types", detail)


def _suggestion(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _words(codes: Sequence[str]) -> list[str]:
    return [routing_word(code) for code in codes] or ["*"]


def _alternatives(words: Iterable[str]) -> str:
    escaped = "|".join(map(re.escape, words))
    return f"({escaped})" if escaped else ANY_WORD
