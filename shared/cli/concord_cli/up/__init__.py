"""`concord up`: broker, mail catcher and the four services on one machine, looked after by one process."""
