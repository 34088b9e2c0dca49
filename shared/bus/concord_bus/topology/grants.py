"""What another city service was granted, and which codes and types there are to grant. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product

from concord_bus.topology.declarations import MONITOR, PUBLIC_TYPES, SERVICES
from concord_contracts.catalogue import CATALOGUE
from concord_contracts.codec import routing_word

LOG_DAYS = 30
"""How long the log of all public events keeps them: nobody can be granted more of the past."""
REPLAY = "replay"
NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
QUEUE = re.compile(r"[a-z][a-z0-9-]{0,30}")
RESERVED = frozenset((*SERVICES, MONITOR, "guest", "concord", "admin", "administrator"))
NEVER = "^$"
ANY_WORD = r"[^.#]+"
"""Of a routing key: a code, or the `*` that stands for any; not `#`, which stands for several."""
CHANNELS_PER_CONNECTION = 5
"""A connection of the client uses one to consume, one to replay and one, for a moment, to find the log's end."""


class InvalidGrant(ValueError):
    """It cannot be granted; `option` names the part that is wrong, the text says what there is instead."""

    def __init__(self, option: str, why: str) -> None:
        super().__init__(why)
        self.option = option


@dataclass(frozen=True, slots=True)
class Limits:
    """What a subscriber may take up: messages and bytes in each of its queues, their age (days), connections."""

    messages: int = 100_000
    bytes: int = 500_000_000
    days: int = 7
    connections: int = 2

    @property
    def channels(self) -> int:
        return self.connections * CHANNELS_PER_CONNECTION


@dataclass(frozen=True, slots=True)
class Grant:
    """A subscriber's. No areas or no categories: any. `replay_days` of the past, 0 for none.

    Raises InvalidGrant for a name, type, queue or number that cannot be.
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
            raise InvalidGrant("queue", "at least one queue is needed")
        if not 0 <= self.replay_days <= LOG_DAYS:
            raise InvalidGrant("replay", f"the log keeps {LOG_DAYS} days: 0d to {LOG_DAYS}d can be granted")

    @property
    def prefix(self) -> str:
        return f"sub.{self.name}."

    @property
    def queue_names(self) -> tuple[str, ...]:
        return tuple(self.prefix + queue for queue in self.queues)

    @property
    def replay_stream(self) -> str:
        """The subscriber's own log of what it was granted, for reading the past."""
        return self.prefix + REPLAY

    @property
    def keys(self) -> tuple[str, ...]:
        """The bindings of its queues: a routing key for each type, area and category."""
        return tuple(".".join(parts) for parts in product(self.types, _words(self.areas), _words(self.categories)))

    @property
    def topic_pattern(self) -> str:
        """Matches the routing keys it may bind, and no other."""
        parts = (self.types, *((map(routing_word, codes)) for codes in (self.areas, self.categories)))
        return "^" + r"\.".join(_alternatives(words) for words in parts) + "$"

    def allows(self, routing_key: str) -> bool:
        """Whether a published event with this routing key is granted, or a binding of this key."""
        return re.fullmatch(self.topic_pattern, routing_key) is not None

    def within(self, other: "Grant") -> bool:
        """Whether `other` sees all that this one sees."""
        pairs = ((self.types, other.types), (self.areas, other.areas), (self.categories, other.categories))
        return all(not theirs or (bool(mine) and set(mine) <= set(theirs)) for mine, theirs in pairs)


def check_codes(grant: Grant, areas: Collection[str], categories: Collection[str]) -> None:
    """Raises InvalidGrant for a code that the city, which has these, does not know."""
    for option, codes, known in (("areas", grant.areas, areas), ("categories", grant.categories, categories)):
        for code in codes:
            if code not in known:
                detail = f"the city has no '{code}'{_suggestion(code, known)}. It has {', '.join(known)}"
                raise InvalidGrant(option, detail)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidGrant("NAME", f"'{name}' is no name: 2 to 31 of a-z, 0-9 and -, beginning with a letter")
    if name in RESERVED:
        raise InvalidGrant("NAME", f"'{name}' is taken: services and administrators have it")


def _check_types(types: Sequence[str]) -> None:
    if not types:
        raise InvalidGrant("types", f"name at least one of {', '.join(PUBLIC_TYPES)}")
    for name in types:
        if name in CATALOGUE and not CATALOGUE[name].public:
            recipient = CATALOGUE[name].recipient
            raise InvalidGrant("types", f"{name} is private: only {recipient} may read it, nobody can be granted it")
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
