"""`concord parked`: messages that a service could not process and that wait for an operator."""
