"""`concord replay`: new measures from the stream of all events."""
