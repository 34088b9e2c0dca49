"""`concord up`: broker, mail catcher and the four services on one machine, supervised by one process."""
