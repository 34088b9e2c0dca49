"""Dependencies of the routes: the objects that `service.build` wires, by their names in the container's config."""

from typing import Any

from nameko.extensions import DependencyProvider


class _FromConfig(DependencyProvider):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.container.config[self._name]


def from_config(name: str) -> Any:
    """Provide the object with this name. Annotate the attribute with the object's class."""
    return _FromConfig(name)
