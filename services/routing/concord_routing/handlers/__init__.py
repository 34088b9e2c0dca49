"""What routing does: opens cases for concerns that come in, and carries out what people order to be done with them."""

from concord_routing.handlers.route import handlers

__all__ = ["handlers"]
