"""`concord doctor`: what is wrong with a running Concord, and what to do."""
