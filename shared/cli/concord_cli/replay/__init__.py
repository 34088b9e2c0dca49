"""`concord replay`: rebuilding what a service has taken from events out of the stream of them."""
