"""Filter of public events by patterns."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from concord_bus.topology.declarations import PUBLIC_TYPES
from concord_cli.common.public_event import PublicEvent


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Patterns with `*`, `?` and `[...]`. An event must match one pattern of each kind; no pattern matches all."""

    types: Sequence[str] = ()
    areas: Sequence[str] = ()
    categories: Sequence[str] = ()

    def matches(self, event: PublicEvent) -> bool:
        fields = ((self.types, event.type), (self.areas, event.area), (self.categories, event.category))
        return all(not patterns or _any_matches(patterns, value) for patterns, value in fields)


def unknown_types(patterns: Sequence[str]) -> list[str]:
    """Return the patterns that match no public type of this version; a newer service may send such types."""
    return [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in PUBLIC_TYPES)]


def _any_matches(patterns: Sequence[str], value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)
