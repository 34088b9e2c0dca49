"""`FromConfig`, the dependency that gives a service an object that its `build` put into the container's config."""

from dataclasses import dataclass
from typing import Any, Protocol

from nameko.extensions import DependencyProvider


class Live(Protocol):
    """Holds entries by name, and may replace all of them at once."""

    @property
    def live(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Replaceable:
    """An entry of the config that `source` may replace while the service runs: it is `source.live.value[name]`."""

    source: Live
    name: str

    def current(self) -> Any:
        return self.source.live.value[self.name]


class FromConfig(DependencyProvider):  # type: ignore[misc]
    """Gives the service the entry `name` of the container's config; of a Replaceable, the current one per request."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def get_dependency(self, worker_ctx: Any) -> Any:
        entry = self.container.config[self._name]
        return entry.current() if isinstance(entry, Replaceable) else entry
