"""The bus as nameko extensions: a service class names them to consume, to publish and to read its config."""

from concord_bus.extensions.bus import Bus, consume
from concord_bus.extensions.from_config import FromConfig

__all__ = ["Bus", "FromConfig", "consume"]
