"""`concord parked`: the messages that wait for a person."""
