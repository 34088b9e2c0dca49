"""The spine as nameko extensions: what a service class names to consume and publish."""

from concord_bus.extensions.bus import Bus, consume

__all__ = ["Bus", "consume"]
