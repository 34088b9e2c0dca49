"""`FromConfig`, the dependency that gives a service an object that its `build` put into the container's config."""

from typing import Any

from nameko.extensions import DependencyProvider


class FromConfig(DependencyProvider):  # type: ignore[misc]
    """Gives the service the entry `name` of the container's config."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.container.config[self._name]
