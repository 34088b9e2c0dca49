"""Dependencies of the routes: the objects that `service.build` wires, by their names in the container's config."""

from typing import Any

from concord_bus.extensions import FromConfig


def from_config(name: str) -> Any:
    """Provide the object with this name. Annotate the attribute with the object's class."""
    return FromConfig(name)
