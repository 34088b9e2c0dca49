"""The spine as nameko extensions: what a service class names to consume and publish."""

from concord_bus.extensions.bus import Bus, consume
from concord_bus.extensions.from_config import FromConfig

__all__ = ["Bus", "FromConfig", "consume"]
